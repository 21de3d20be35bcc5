import { ofType } from '../journal/grouped.ts'
import { keyText, keyWords, keyOwners, reservationWords } from '../timeline/words.ts'
import { consoleLanes, hostLanes, otherLanes } from './line-lanes.ts'
import { lane, tick } from './make-lane.ts'
import { verdictLane } from './verdict-lane.ts'
import type { KeyLane, TimeLine } from '../timeline/time-line.ts'
import { changeWords, type Changed } from '../timeline/change-words.ts'
import type { Change, Segment } from '../timeline/looks.ts'
import type { Line } from '../journal/event.ts'
import type { UnknownLine } from '../journal/schema.ts'
import type { Case } from '../verdicts/case.ts'
import type { Verdict } from '../verdicts/verdict.ts'
import type { Lane, LaneRow, Lanes, Stretch, Tick } from './lane.ts'

export interface RunLanesInput {
  readonly run: Case
  readonly timeLine: TimeLine
  /** every line, those after the restoration, too */
  readonly lines: readonly Line[]
  readonly unknown: readonly UnknownLine[]
  readonly verdict: Verdict | undefined
}

/** Everything that a run's time line can show, from the same folds as the report. */
export function runLanes({ run, timeLine, lines, unknown, verdict }: RunLanesInput): Lanes {
  const to = Math.max(timeLine.to, lines.at(-1)?.at ?? 0)
  const lanes: readonly Lane[] = [
    ...verdictLane(lines, verdict),
    ...timeLine.faults.map(faultLane),
    ...operatorLane(timeLine),
    ...timeLine.outlets.map(outletLane),
    ...timeLine.links.map(linkLane),
    ...timeLine.states.map((one) => nodeLane(one, lines)),
    ...keyLanes(run, timeLine),
    ...timeLine.ledgers.map(ledgerLane),
    ...consoleLanes(lines, timeLine.nodes),
    ...hostLanes(lines, to),
    ...otherLanes(run, lines, unknown),
  ]
  return { from: timeLine.from, to, nodes: timeLine.nodes, phases: phases(lines, to), lanes }
}

/** With the restoration, which the folds leave out because nothing in it decides anything. */
function phases(lines: readonly Line[], to: number): readonly Stretch[] {
  const found = ofType(lines, 'phase')
  return found.map((line, index) => ({
    from: line.at,
    to: found[index + 1]?.at ?? to,
    state: line.name,
    text: line.name,
    events: [line.seq, line.seq],
  }))
}

const faultWords = {
  applying: 'is being applied, not verified yet',
  'in-force': 'verified to be in force',
  doubtful: 'did not take, or was not seen to be gone',
  reverting: 'is being taken back',
} as const

function faultLane({ id, fault, target, segments }: TimeLine['faults'][number]): Lane {
  const aim = Object.values(target).join(' ')
  return lane({
    id: `fault ${id} ${aim}`,
    group: 'faults',
    name: id,
    part: aim,
    rows: [row(segments, ({ state }) => `${fault} (${aim}) ${faultWords[state]}`)],
  })
}

const actWords = { going: 'did not finish', done: 'done', failed: 'failed' } as const

/** What the operator did by hand, each kind of act in a row of its own; where everybody was looked at is a tick. */
function operatorLane({ operator }: TimeLine): readonly Lane[] {
  if (operator.length === 0) return []
  const rows = new Map<string, Stretch[]>()
  const ticks: Tick[] = []
  for (const { from, to, state, text, events } of operator) {
    if (state === 'checkpoint') {
      ticks.push(tick({ at: from, kind: 'checkpoint', text, event: events[0] }))
      continue
    }
    const name = text.split(' ', 1)[0] ?? ''
    const list = rows.get(name) ?? []
    rows.set(name, list)
    list.push({ from, to, state, text: `the operator: ${text}, ${actWords[state]}`, events })
  }
  return [
    lane({
      id: 'operator',
      group: 'operator',
      name: 'by hand',
      rows: [...rows].map(([name, list]) => ({ name, stretches: list })),
      ticks,
    }),
  ]
}

function outletLane({ outlet, feeds, segments, changes }: TimeLine['outlets'][number]): Lane {
  const fed = feeds.join(', ')
  return lane({
    id: `outlet ${outlet}`,
    group: 'outlets',
    name: outlet,
    part: fed,
    rows: [
      withChanges(
        row(segments, ({ state }) => `outlet ${outlet}${fed === '' ? '' : ` (${fed})`} is ${state}, says its unit`),
        changes,
        { of: 'outlet', outlet },
      ),
    ],
  })
}

const linkWords = {
  heard: 'everybody else is heard',
  'partly-heard': 'some of the others are heard',
  'not-heard': 'nobody else is heard',
} as const

function linkLane({ link, node, segments, changes, marks }: TimeLine['links'][number]): Lane {
  return lane({
    id: `link ${link} ${node}`,
    group: 'links',
    name: link,
    part: node,
    node,
    rows: [
      withChanges(
        row(segments, ({ state }) => `${link} at ${node}: ${linkWords[state]}`),
        changes,
        { of: 'link', link, node },
      ),
    ],
    ticks: marks.map((mark) => tick(mark, mark.kind === 'lost' ? 'link-lost' : 'link-up')),
  })
}

const nodeWords = {
  running: 'shows signs of life',
  hung: 'its virtual machine is stopped',
  panicked: 'panicked',
  'panic-seen': 'a panic was seen, it is not proved',
  off: 'has no power, say its power units',
} as const

function nodeLane({ node, segments, changes, marks }: TimeLine['states'][number], lines: readonly Line[]): Lane {
  const boots = ofType(lines, 'boot').filter((line) => line.host === node)
  return lane({
    id: `node ${node}`,
    group: 'nodes',
    name: node,
    node,
    rows: [
      withChanges(
        row(segments, ({ state }) => `${node} ${nodeWords[state]}`, node),
        changes,
        { of: 'node', node },
      ),
    ],
    ticks: [
      ...marks.map((mark) => tick(mark)),
      ...boots.map(({ at, seq }) => tick({ at, kind: 'boot', text: `${node} booted again`, event: seq })),
    ],
  })
}

function keyLanes(run: Case, { keys }: TimeLine): readonly Lane[] {
  const owners = keyOwners(run.started.testbed)
  return keys.map((one): Lane => {
    const { lun, viewer, bands, failed } = one
    const held = reservationRow(one, owners)
    const by = viewer === undefined ? '' : ` on ${viewer}`
    return lane({
      id: `keys ${lun.name}`,
      group: 'keys',
      name: lun.name,
      part: lun.use,
      rows: [
        ...bands.map(({ key, node, segments, changes }): LaneRow => ({
          ...withChanges(
            row(segments, () => `${lun.name}: the key of ${keyWords(key, owners)} is there`, node),
            changes,
            { of: 'key', lun: lun.name, key, owners },
          ),
          name: node ?? keyText(key),
          ...(node !== undefined && { node }),
        })),
        ...(held ? [held] : []),
      ],
      blind: stretches(failed, () => `${lun.name}: reading its keys${by} failed: nothing is known`),
    })
  })
}

/** Coordination points are not reserved at all by most stacks: then there is nothing to show. */
function reservationRow(
  { lun, reservation, reservationChanges }: KeyLane,
  owners: ReadonlyMap<string, string>,
): LaneRow | undefined {
  if (lun.use !== 'data' && reservation.every(({ state }) => state === 'none')) return undefined
  const held: LaneRow = {
    name: 'reserved by',
    stretches: reservation.map(({ from, to, state, events }): Stretch => {
      const [key = '', type] = state.split(' ')
      const held = state === 'none' ? null : { key, type: Number(type) }
      const node = held === null ? undefined : owners.get(key)
      return {
        from,
        to,
        state: held === null ? 'unreserved' : 'reserved',
        ...(node !== undefined && { node }),
        text: `${lun.name}: ${reservationWords(held, owners)}`,
        events,
      }
    }),
  }
  return withChanges(held, reservationChanges, { of: 'reservation', lun: lun.name, owners })
}

function ledgerLane({ node, marks }: TimeLine['ledgers'][number]): Lane {
  return lane({
    id: `ledger ${node}`,
    group: 'ledger',
    name: node,
    node,
    rows: [],
    ticks: marks.map((mark) => tick(mark)),
  })
}

/** The row with the gaps in which something changed, as stretches of their own: `between` two looks. */
function withChanges(one: LaneRow, changes: readonly Change[], changed: Changed): LaneRow {
  const gaps = changes.map((change): Stretch => ({
    from: change.from,
    to: change.to,
    state: 'between',
    text: changeWords(change, changed),
    events: change.events,
  }))
  return { ...one, stretches: [...one.stretches, ...gaps].toSorted((a, b) => a.from - b.from || a.to - b.to) }
}

function row<S extends string>(
  segments: readonly Segment<S>[],
  words: (segment: Segment<S>) => string,
  node?: string,
): LaneRow {
  return { name: '', ...(node !== undefined && { node }), stretches: stretches(segments, words, node) }
}

function stretches<S extends string>(
  segments: readonly Segment<S>[],
  words: (segment: Segment<S>) => string,
  node?: string,
): readonly Stretch[] {
  return segments.map((segment) => ({
    from: segment.from,
    to: segment.to,
    state: segment.state,
    ...(node !== undefined && { node }),
    text: words(segment),
    events: segment.events,
  }))
}
