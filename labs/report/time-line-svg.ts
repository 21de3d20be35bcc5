import { assertNever } from '../assert-never.ts'
import { ticks, tickWords } from '../timeline/axis.ts'
import { binMarks } from '../timeline/bins.ts'
import { changeWords, type Changed } from '../timeline/change-words.ts'
import { joined, markup, type Markup, type MarkupValue } from './markup.ts'
import { count, keyText, keyWords, moment, reservationWords } from '../timeline/words.ts'
import type { Change, Segment } from '../timeline/looks.ts'
import type { KeyLane, Mark, TimeLine } from '../timeline/time-line.ts'

export interface Picture {
  /** unique in the page */
  readonly id: string
  readonly title: string
  /** the part to draw, lab time in milliseconds; all of it unless given */
  readonly from?: number
  readonly to?: number
}

/** so many colours there are for nodes; more nodes share them, and every band has its name beside it */
export const nodeColours = 8

const width = 760
const left = 150
const right = 750
const nameLetters = 13
const partLetters = 13

/**
 * A run's time line as inline SVG. Colours and strokes are classes, so that the page's style can suit screen, dark
 * screen and paper; every shape says in words what it is, with the numbers of the events it rests on.
 */
export function timeLineSvg(line: TimeLine, picture: Picture): Markup {
  const sheet = newSheet(line, picture)
  drawPhases(sheet)
  drawFaults(sheet)
  drawOperator(sheet)
  drawOutlets(sheet)
  drawLinks(sheet)
  drawNodes(sheet)
  drawKeys(sheet)
  drawLedgers(sheet)
  const bottom = sheet.y + 4
  const { id, title } = picture
  return markup`<svg class="time-line" role="img" aria-labelledby="${id}-title ${id}-text" viewBox="0 0 ${width} ${bottom + 26}">
<title id="${id}-title">${title}</title>
<desc id="${id}-text">${describe(line)}</desc>
<defs>${['failed', 'doubtful', 'between'].map(
    (name) =>
      markup`<pattern id="${id}-${name}" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(${name === 'doubtful' ? -45 : 45})"><rect class="hatch-ground ${name}" width="5" height="5"/><rect class="hatch-line ${name}" width="2" height="5"/></pattern>`,
  )}</defs>
${axis(sheet, bottom)}
${windows(sheet, bottom)}
${joined(sheet.shapes, markup`\n`)}
</svg>`
}

interface Sheet {
  readonly line: TimeLine
  readonly id: string
  readonly from: number
  readonly to: number
  readonly shapes: MarkupValue[]
  readonly colours: ReadonlyMap<string, number>
  y: number
}

function newSheet(line: TimeLine, { id, from = line.from, to = line.to }: Picture): Sheet {
  const colours = new Map(line.nodes.map((node, index) => [node, index % nodeColours]))
  return { line, id, from, to: Math.max(to, from + 1), shapes: [], colours, y: 0 }
}

const round = (value: number) => Math.round(value * 10) / 10
const place = ({ from, to }: Sheet, at: number) => round(left + ((at - from) / (to - from)) * (right - left))
const isSeen = ({ from, to }: Sheet, at: number) => at >= from && at <= to
const shortened = (text: string, letters: number) => {
  const all = [...text]
  return all.length <= letters ? text : `${all.slice(0, letters - 1).join('')}…`
}
const eventWords = ([first, last]: readonly [number, number]) =>
  first === last ? `event ${first}` : `events ${first} to ${last}`
const colourOf = (sheet: Sheet, node: string | undefined) => {
  const colour = node === undefined ? undefined : sheet.colours.get(node)
  return colour === undefined ? 'foreign' : `node-${colour}`
}

function heading(sheet: Sheet, text: string): void {
  sheet.y += 15
  sheet.shapes.push(markup`<text class="heading" x="2" y="${sheet.y - 3}">${text}</text>`)
  sheet.shapes.push(markup`<line class="rule" x1="2" x2="${right}" y1="${sheet.y}" y2="${sheet.y}"/>`)
  sheet.y += 2
}

/** What stands to the left of a lane: its name, and which part of it this is. Returns the y of the lane's top. */
function label(sheet: Sheet, height: number, name: string, part = ''): number {
  const top = sheet.y
  const base = round(top + height / 2 + 3)
  const named = (x: number, anchor: string, kind: string, text: string, letters: number) =>
    text === ''
      ? undefined
      : markup`<text class="${kind}" x="${x}" y="${base}" text-anchor="${anchor}">${shortened(text, letters)}${
          [...text].length > letters ? markup`<title>${text}</title>` : undefined
        }</text>`
  sheet.shapes.push(
    markup`${named(2, 'start', 'name', name, nameLetters)}${named(left - 5, 'end', 'part', part, partLetters)}`,
  )
  sheet.y += height
  return top
}

function bar(
  sheet: Sheet,
  top: number,
  height: number,
  segment: Segment,
  look: string,
  words: string,
  fill?: string,
): void {
  if (segment.to < sheet.from || segment.from > sheet.to) return
  const x = place(sheet, Math.max(segment.from, sheet.from))
  const end = place(sheet, Math.min(segment.to, sheet.to))
  const text = `${words}, ${moment(segment.from)} to ${moment(segment.to)} (${eventWords(segment.events)})`
  const style = fill === undefined ? undefined : markup` fill="url(#${sheet.id}-${fill})"`
  sheet.shapes.push(
    markup`<rect class="${look}" x="${x}" y="${round(top)}" width="${round(Math.max(1.5, end - x))}" height="${height}"${style}><title>${text}</title></rect>`,
  )
}

/** Where something changed between two looks: hatched, for nobody saw when. */
function drawChanges(sheet: Sheet, top: number, height: number, changes: readonly Change[], changed: Changed): void {
  for (const change of changes) {
    if (change.to < sheet.from || change.from > sheet.to) continue
    const x = place(sheet, Math.max(change.from, sheet.from))
    const end = place(sheet, Math.min(change.to, sheet.to))
    const text = `${changeWords(change, changed)} (${eventWords(change.events)})`
    sheet.shapes.push(
      markup`<rect class="between" x="${x}" y="${round(top)}" width="${round(Math.max(1, end - x))}" height="${height}" fill="url(#${sheet.id}-between)"><title>${text}</title></rect>`,
    )
  }
}

function drawPhases(sheet: Sheet): void {
  const top = 2
  for (const phase of sheet.line.phases) {
    bar(sheet, top, 11, phase, 'phase', `phase: ${phase.state}`)
    const x = place(sheet, Math.max(phase.from, sheet.from))
    const end = place(sheet, Math.min(phase.to, sheet.to))
    if (end - x < phase.state.length * 5.4 + 4) continue
    sheet.shapes.push(markup`<text class="phase-name" x="${x + 3}" y="${top + 8.5}">${phase.state}</text>`)
  }
  sheet.y = 14
}

function drawFaults(sheet: Sheet): void {
  heading(sheet, 'Faults')
  if (sheet.line.faults.length === 0) label(sheet, 12, 'none')
  for (const { id, fault, target, segments } of sheet.line.faults) {
    const aim = Object.values(target).join(' ')
    const top = label(sheet, 13, id, aim)
    for (const segment of segments) {
      const fill = segment.state === 'doubtful' ? 'doubtful' : undefined
      const words = {
        applying: 'is being applied, not verified yet',
        'in-force': 'verified to be in force',
        doubtful: 'did not take, or was not seen to be gone',
        reverting: 'is being taken back',
      }[segment.state]
      bar(sheet, top + 2, 9, segment, `fault ${segment.state}`, `${fault} (${aim}) ${words}`, fill)
    }
  }
}

function drawOperator(sheet: Sheet): void {
  const acts = sheet.line.operator
  if (acts.length === 0) return
  heading(sheet, 'Operator, and where everybody was looked at')
  const top = label(sheet, 13, 'operator')
  for (const act of acts) {
    if (act.state === 'checkpoint') {
      if (!isSeen(sheet, act.from)) continue
      const x = place(sheet, act.from)
      sheet.shapes.push(
        markup`<polygon class="checkpoint" points="${x},${top + 1.5} ${round(x + 4)},${top + 6.5} ${x},${top + 11.5} ${round(x - 4)},${top + 6.5}"><title>${act.text}, ${moment(act.from)} (event ${act.events[0]})</title></polygon>`,
      )
      continue
    }
    const words = { going: 'was not seen to end', done: 'succeeded', failed: 'did NOT succeed' }[act.state]
    bar(
      sheet,
      top + 2,
      9,
      act,
      `operation ${act.state}`,
      `${act.text}: ${words}`,
      act.state === 'done' ? undefined : 'doubtful',
    )
  }
}

function drawOutlets(sheet: Sheet): void {
  if (sheet.line.outlets.length === 0) return
  heading(sheet, 'Outlets, by what their power unit says')
  for (const { outlet, feeds, segments, changes } of sheet.line.outlets) {
    const top = label(sheet, 11, outlet, feeds.join(' '))
    drawChanges(sheet, top + 2, 7, changes, { of: 'outlet', outlet })
    for (const segment of segments)
      bar(
        sheet,
        top + 2,
        7,
        segment,
        `outlet ${segment.state}`,
        `outlet ${outlet} (${feeds.join(', ')}) is ${segment.state}`,
      )
  }
}

function drawLinks(sheet: Sheet): void {
  heading(sheet, 'Links, by what each node says it hears')
  for (const { link, node, segments, changes, marks } of sheet.line.links) {
    const top = label(sheet, 12, link, `at ${node}`)
    drawChanges(sheet, top + 2.5, 7, changes, { of: 'link', link, node })
    for (const segment of segments) {
      const words = {
        heard: 'everybody else is heard',
        'partly-heard': 'some of the others are heard',
        'not-heard': 'nobody else is heard',
      }[segment.state]
      bar(sheet, top + 2.5, 7, segment, `link ${segment.state}`, `${link} at ${node}: ${words}`)
    }
    drawMarks(sheet, marks, (bin, x, words) => {
      const points =
        bin === 'lost'
          ? `${round(x - 3)},${top + 1} ${round(x + 3)},${top + 1} ${x},${top + 6}`
          : `${round(x - 3)},${top + 11} ${round(x + 3)},${top + 11} ${x},${top + 6}`
      return markup`<polygon class="link-mark ${bin}" points="${points}"><title>${words}</title></polygon>`
    })
  }
}

function drawNodes(sheet: Sheet): void {
  heading(sheet, 'Nodes')
  for (const { node, segments, changes, marks } of sheet.line.states) {
    const top = label(sheet, 17, node)
    drawChanges(sheet, top + 3, 8, changes, { of: 'node', node })
    for (const segment of segments) {
      const words = {
        running: 'shows signs of life',
        hung: 'its virtual machine is stopped',
        panicked: 'panicked',
        'panic-seen': 'a panic was seen, it is not proved',
        off: 'has no power, as its power units say',
      }[segment.state]
      const fill = segment.state === 'panic-seen' ? 'doubtful' : segment.state === 'hung' ? 'failed' : undefined
      const look = segment.state === 'running' ? colourOf(sheet, node) : ''
      bar(sheet, top + 3, 8, segment, `state ${segment.state} ${look}`, `${node} ${words}`, fill)
    }
    drawMarks(sheet, marks, (kind, x, words) => {
      switch (kind) {
        case 'panic':
          return markup`<path class="panic" d="M${round(x - 4)} ${top + 3}l8 8m0 -8l-8 8"><title>${words}</title></path>`
        case 'silent':
          return markup`<circle class="silent" cx="${x}" cy="${top + 7}" r="2.8"><title>${words}</title></circle>`
        case 'log':
          return markup`<rect class="log" x="${round(x - 1)}" y="${top + 12}" width="2" height="4"><title>${words}</title></rect>`
        default:
          return assertNever(kind, 'mark')
      }
    })
  }
}

function drawKeys(sheet: Sheet): void {
  heading(sheet, 'Keys, as one host sees them')
  const owners = new Map(
    sheet.line.keys.flatMap((lane) =>
      lane.bands.flatMap(({ key, node }) => (node === undefined ? [] : [[key, node] as const])),
    ),
  )
  for (const lane of sheet.line.keys) {
    const start = sheet.y
    for (const [index, { key, node, segments, changes }] of lane.bands.entries()) {
      const top = label(sheet, 9, index === 0 ? lane.lun.name : '', node ?? keyText(key))
      drawChanges(sheet, top + 1, 7, changes, { of: 'key', lun: lane.lun.name, key, owners })
      for (const segment of segments) {
        bar(
          sheet,
          top + 1,
          7,
          segment,
          `key ${colourOf(sheet, node)}`,
          `${lane.lun.name}: the key of ${keyWords(key, owners)} is there`,
        )
      }
    }
    drawFailed(sheet, lane, start)
    // coordination points are not reserved at all by most stacks
    if (lane.lun.use === 'data' || lane.reservation.some(({ state }) => state !== 'none'))
      drawReservation(sheet, lane, owners)
    sheet.y += 4
  }
}

function drawFailed(sheet: Sheet, { failed, lun, viewer }: KeyLane, start: number): void {
  const height = sheet.y - start
  const by = viewer === undefined ? '' : ` on ${viewer}`
  for (const segment of failed)
    bar(sheet, start, height, segment, 'failed', `${lun.name}: reading its keys${by} failed`, 'failed')
}

function drawReservation(sheet: Sheet, lane: KeyLane, owners: ReadonlyMap<string, string>): void {
  const top = label(sheet, 8, '', 'reserved by')
  drawChanges(sheet, top + 1.5, 5, lane.reservationChanges, { of: 'reservation', lun: lane.lun.name, owners })
  for (const segment of lane.reservation) {
    const [key = '', type] = segment.state.split(' ')
    const held = segment.state === 'none' ? null : { key, type: Number(type) }
    const look = held === null ? 'none' : colourOf(sheet, owners.get(key))
    bar(sheet, top + 1.5, 5, segment, `reservation ${look}`, `${lane.lun.name}: ${reservationWords(held, owners)}`)
  }
}

function drawLedgers(sheet: Sheet): void {
  heading(sheet, 'Ledger writes')
  const tallest = 11
  for (const { node, marks } of sheet.line.ledgers) {
    const ofKind = (kind: Mark['kind']) => marks.filter((mark) => mark.kind === kind)
    const failed = ofKind('failed')
    const top = label(sheet, failed.length > 0 ? 28 : 20, node, marks.length === 0 ? 'wrote nothing' : '')
    const ground = top + tallest + 1
    sheet.shapes.push(markup`<line class="ground" x1="${left}" x2="${right}" y1="${ground}" y2="${ground}"/>`)
    drawMarks(sheet, ofKind('acknowledged'), (_, x, words, number) => {
      const height = round(Math.min(tallest, 5 + 1.5 * (number - 1)))
      return markup`<rect class="write acknowledged ${colourOf(sheet, node)}" x="${round(x - 1)}" y="${round(ground - height)}" width="2" height="${height}"><title>${words}</title></rect>`
    })
    drawCrosses(sheet, ofKind('refused'), ground + 1.5)
    drawCrosses(sheet, failed, ground + 9.5)
  }
}

/** Writes that did not succeed, in a row of their own: a cross, and how many it stands for where it is not one. */
function drawCrosses(sheet: Sheet, marks: readonly Mark[], y: number): void {
  drawMarks(
    sheet,
    marks,
    (kind, x, words, number) => {
      const times =
        number === 1 ? undefined : markup`<text class="times" x="${round(x + 5)}" y="${y + 6}">×${number}</text>`
      return markup`<path class="write ${kind}" d="M${round(x - 3)} ${y}l6 6m0 -6l-6 6"><title>${words}</title></path>${times}`
    },
    28,
  )
}

/** Marks within `near` units of the picture become one, which says how many it stands for. */
function drawMarks<K extends string>(
  sheet: Sheet,
  marks: readonly Mark<K>[],
  draw: (kind: K, x: number, words: string, number: number) => Markup,
  near = 3,
): void {
  const width = (near / (right - left)) * (sheet.to - sheet.from)
  for (const bin of binMarks(
    marks.filter(({ at }) => isSeen(sheet, at)),
    width,
  )) {
    const [first] = bin.marks
    const lowest = bin.marks.reduce((least, { event }) => Math.min(least, event), Infinity)
    const highest = bin.marks.reduce((most, { event }) => Math.max(most, event), 0)
    const words =
      bin.marks.length === 1
        ? `${first?.text}, ${moment(bin.at)} (event ${first?.event})`
        : `${bin.marks.length} × ${bin.kind}, ${moment(bin.first)} to ${moment(bin.last)} (events ${lowest} to ${highest})`
    sheet.shapes.push(draw(bin.kind, place(sheet, bin.at), words, bin.marks.length))
  }
}

/** What the faults shade, over all lanes. */
function windows(sheet: Sheet, bottom: number): MarkupValue {
  return sheet.line.faults.flatMap(({ segments }) =>
    segments
      .filter(({ from, to }) => to >= sheet.from && from <= sheet.to)
      .map(({ from, to, state }) => {
        const x = place(sheet, Math.max(from, sheet.from))
        const end = place(sheet, Math.min(to, sheet.to))
        return markup`<rect class="window ${state}" x="${x}" y="14" width="${round(Math.max(0.5, end - x))}" height="${round(bottom - 14)}"/>`
      }),
  )
}

function axis(sheet: Sheet, bottom: number): Markup {
  const all = ticks(sheet.from, sheet.to, 10)
  const step = all.length > 1 ? (all[1] as number) - (all[0] as number) : 1000
  return markup`${all.map((at) => {
    const x = place(sheet, at)
    return markup`<line class="grid" x1="${x}" x2="${x}" y1="14" y2="${bottom}"/><text class="tick" x="${x}" y="${bottom + 11}" text-anchor="middle">${tickWords(at, step)}</text>\n`
  })}<text class="axis-name" x="${right}" y="${bottom + 22}" text-anchor="end">seconds since the recording began, clock of the lab</text>`
}

/** The picture for who cannot see it; the page's tables say the rest. */
function describe(line: TimeLine): string {
  const faults = line.faults.map(({ id, segments }) => {
    const first = segments[0]
    const held = segments.find(({ state }) => state === 'in-force')
    return `fault ${id} begun at ${first ? moment(first.from) : 'an unknown time'}, ${held ? `in force at ${moment(held.from)}` : 'never verified to be in force'}`
  })
  const states = line.states.flatMap(({ node, segments }) =>
    segments.filter(({ state }) => state !== 'running').map(({ state, from }) => `${node} ${state} at ${moment(from)}`),
  )
  const writes = line.ledgers.map(({ node, marks }) => {
    const refused = marks.filter(({ kind }) => kind !== 'acknowledged').length
    return `${node}: ${count(marks.length, 'write')}, ${refused} of them not acknowledged`
  })
  return `Time line of ${moment(line.to - line.from)}: ${[...faults, ...states, ...writes].join('; ')}. What it shows is in the tables of this run as well.`
}
