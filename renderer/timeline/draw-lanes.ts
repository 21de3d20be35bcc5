/** Draws lanes onto a canvas: only what is in view, so that a frame costs the same however long the run is. */
import { nodeColours } from '../parts/node-looks.ts'
import type { LaneGroup, LaneRow, Lanes, Stretch, Tick } from '../../labs/replay/lane.ts'
import { ticks } from '../../labs/timeline/axis.ts'
import type { LaneLayout, LayoutItem } from './lane-layout.ts'
import type { Palette } from './palette.ts'
import type { Viewport } from './viewport.ts'

export interface Picture {
  readonly lanes: Lanes
  readonly layout: LaneLayout
  readonly view: Viewport
  /** size of the canvas in CSS pixels, and how far the lanes are scrolled */
  readonly width: number
  readonly height: number
  readonly scroll: number
  readonly palette: Palette
  readonly cursor: number | undefined
  readonly hover: number | undefined
  /** moments to be pointed at */
  readonly marked: readonly number[]
  /** lab time that is called 0: the lines of the grid stand at round times from there */
  readonly zero: number
  /** item over which the pointer is */
  readonly over: string | undefined
}

type Context = CanvasRenderingContext2D

interface Pen {
  readonly context: Context
  readonly picture: Picture
  x(at: number): number
  colour(node: string | undefined): string
  second(node: string | undefined): boolean
}

export function drawLanes(context: Context, picture: Picture): void {
  const { width, height, palette, view, scroll, layout, lanes } = picture
  const scale = width / (view.to - view.from)
  const places = new Map(lanes.nodes.map((node, index) => [node, index]))
  const pen: Pen = {
    context,
    picture,
    x: (at) => (at - view.from) * scale,
    colour: (node) => {
      const place = node === undefined ? undefined : places.get(node)
      return place === undefined ? palette.foreign : (palette.nodes[place % nodeColours] ?? palette.foreign)
    },
    second: (node) => Math.floor((places.get(node ?? '') ?? 0) / nodeColours) % 2 === 1,
  }
  context.clearRect(0, 0, width, height)
  drawGrid(pen)
  drawRestoration(pen)
  for (const item of layout.items) {
    const y = item.y - scroll
    if (y + item.height < 0 || y > height) continue
    if (item.kind === 'heading') drawHeadingRule(pen, y, item.height)
    else drawLane(pen, item, y)
  }
  drawFaultWindows(pen)
  drawMarked(pen)
  if (picture.hover !== undefined) line(pen, picture.hover, palette.faint, [2, 3], 1)
  if (picture.cursor !== undefined) line(pen, picture.cursor, palette.cursor, [], 1.5)
}

function drawGrid({ context, picture: { view, width, height, palette, zero }, x }: Pen): void {
  context.fillStyle = palette.rule
  for (const at of ticks(view.from - zero, view.to - zero, Math.max(2, Math.floor(width / 90))))
    context.fillRect(Math.round(x(at + zero)), 0, 1, height)
}

/** From here on the lab brings everything back, and nothing decides anything. */
function drawRestoration({ context, picture: { lanes, height, palette }, x }: Pen): void {
  for (const phase of lanes.phases) {
    if (phase.state !== 'restore') continue
    context.fillStyle = palette.stripe
    context.globalAlpha = 0.75
    context.fillRect(x(phase.from), 0, x(phase.to) - x(phase.from), height)
    context.globalAlpha = 1
  }
}

function drawHeadingRule({ context, picture: { width, palette } }: Pen, y: number, height: number): void {
  context.fillStyle = palette.rule
  context.fillRect(0, Math.round(y + height) - 1, width, 1)
}

function drawLane(pen: Pen, item: Extract<LayoutItem, { kind: 'lane' }>, y: number): void {
  const { context, picture } = pen
  const { lane, rows, height } = item
  if (picture.over === lane.id) {
    context.fillStyle = picture.palette.stripe
    context.fillRect(0, y, picture.width, height)
  }
  if (lane.group === 'ledger') {
    context.fillStyle = picture.palette.rule
    context.fillRect(0, Math.round(y + ledgerGround(height)), picture.width, 1)
  }
  for (const [index, row] of lane.rows.entries()) {
    const place = rows[index]
    if (place) drawRow(pen, row, lane.group, y + place.top, place.height)
  }
  for (const stretch of lane.blind) hatch(pen, stretch, y + 1, height - 2, picture.palette.faint, false)
  drawTicks(pen, lane.ticks, lane.group, lane.node, y, height)
}

function drawRow(pen: Pen, row: LaneRow, group: LaneGroup, y: number, height: number): void {
  if (group === 'links' || group === 'nodes') drawLastKnown(pen, row, y + height / 2)
  for (const stretch of row.stretches) drawStretch(pen, stretch, row.node, y, height)
}

/** Between two looks nothing is known: a dotted line leads from what was known last to the next look. */
function drawLastKnown({ context, picture, x }: Pen, { stretches }: LaneRow, y: number): void {
  context.strokeStyle = picture.palette.faint
  context.lineWidth = 1
  context.setLineDash([1, 4])
  for (const [index, { to }] of stretches.entries()) {
    const next = stretches[index + 1]?.from ?? to
    const [from, until] = [Math.max(0, x(to)), Math.min(picture.width, x(next))]
    if (until - from < 4) continue
    context.beginPath()
    context.moveTo(from, Math.round(y) + 0.5)
    context.lineTo(until, Math.round(y) + 0.5)
    context.stroke()
  }
  context.setLineDash([])
}

function drawStretch(pen: Pen, stretch: Stretch, rowNode: string | undefined, y: number, height: number): void {
  const { palette } = pen.picture
  const node = stretch.node ?? rowNode
  switch (stretch.state) {
    case 'in-force':
      return bar(pen, stretch, y, height, palette.cut)
    case 'applying':
    case 'reverting':
      return outline(pen, stretch, y, height, palette.cut, [3, 2])
    case 'doubtful':
    case 'panic-seen':
      return hatch(pen, stretch, y, height, palette.inconclusive, true)
    case 'heard':
      return bar(pen, stretch, y, height, palette.heard)
    case 'partly-heard':
      return bar(pen, stretch, y, height, palette.partly)
    case 'not-heard':
      return outline(pen, stretch, y, height, palette.cut, [])
    case 'panicked':
      return bar(pen, stretch, y, height, palette.text)
    case 'hung':
      return hatch(pen, stretch, y, height, palette.dim, true)
    case 'between':
      return hatch(pen, stretch, y, height, palette.dim, false)
    case 'running':
    case 'present':
      return pen.second(node)
        ? hatch(pen, stretch, y, height, pen.colour(node), true)
        : bar(pen, stretch, y, height, pen.colour(node))
    case 'reserved':
      return bar(pen, stretch, y + height / 2 - 1.5, 3, pen.colour(node))
    case 'unreserved':
      return outline(pen, stretch, y + height / 2 - 1.5, 3, palette.faint, [])
    case 'connected':
      return bar(pen, stretch, y + height / 2 - 1, 2, palette.heard)
    case 'slow':
      return bar(pen, stretch, y, height, palette.partly)
    case 'gone':
    case 'off':
      return outline(pen, stretch, y, height, palette.cut, [])
    case 'on':
      return bar(pen, stretch, y + height / 2 - 1, 2, palette.heard)
    case 'going':
      return outline(pen, stretch, y, height, palette.dim, [3, 2])
    case 'failed':
      return hatch(pen, stretch, y, height, palette.fail, true)
    default:
      return bar(pen, stretch, y, height, palette.dim)
  }
}

function span(
  { picture, x }: Pen,
  { from, to }: Stretch,
): { readonly left: number; readonly wide: number } | undefined {
  const left = x(from)
  const right = x(to)
  if (right < 0 || left > picture.width) return undefined
  const start = Math.max(left, -4)
  return { left: start, wide: Math.max(1.5, Math.min(right, picture.width + 4) - start) }
}

function bar(pen: Pen, stretch: Stretch, y: number, height: number, colour: string): void {
  const place = span(pen, stretch)
  if (!place) return
  pen.context.fillStyle = colour
  pen.context.fillRect(place.left, y, place.wide, height)
}

function outline(pen: Pen, stretch: Stretch, y: number, height: number, colour: string, dash: readonly number[]): void {
  const place = span(pen, stretch)
  if (!place) return
  const { context } = pen
  context.strokeStyle = colour
  context.lineWidth = 1
  context.setLineDash([...dash])
  context.fillStyle = pen.picture.palette.panel
  context.fillRect(place.left, y, place.wide, height)
  context.strokeRect(place.left + 0.5, y + 0.5, Math.max(1, place.wide - 1), Math.max(1, height - 1))
  context.setLineDash([])
}

/** Slanted lines: what is not proved, or not known. */
function hatch(pen: Pen, stretch: Stretch, y: number, height: number, colour: string, framed: boolean): void {
  const place = span(pen, stretch)
  if (!place) return
  const { context } = pen
  context.save()
  context.beginPath()
  context.rect(place.left, y, place.wide, height)
  context.clip()
  context.strokeStyle = colour
  context.lineWidth = 1.4
  context.beginPath()
  for (let x = place.left - height - (place.left % 5); x < place.left + place.wide; x += 5) {
    context.moveTo(x, y + height)
    context.lineTo(x + height, y)
  }
  context.stroke()
  context.restore()
  if (!framed) return
  context.strokeStyle = colour
  context.lineWidth = 1
  context.strokeRect(place.left + 0.5, y + 0.5, Math.max(1, place.wide - 1), height - 1)
}

/** where acknowledged writes stand; those that were refused lie below */
const ledgerGround = (height: number) => height - 9

function drawTicks(
  pen: Pen,
  list: readonly Tick[],
  group: LaneGroup,
  node: string | undefined,
  y: number,
  height: number,
): void {
  const { picture, x } = pen
  for (const tick of list) {
    const at = x(tick.at)
    if (at < -8 || at > picture.width + 8) continue
    drawTick(pen, tick, at, group, node, y, height)
  }
}

function drawTick(
  pen: Pen,
  { kind, count }: Tick,
  x: number,
  group: LaneGroup,
  node: string | undefined,
  y: number,
  height: number,
): void {
  const {
    context,
    picture: { palette },
  } = pen
  const middle = y + height / 2
  switch (kind) {
    case 'acknowledged': {
      const ground = ledgerGround(height)
      const tall = Math.min(ground - 1, 5 + 1.6 * Math.log2(count))
      context.fillStyle = pen.colour(node)
      context.fillRect(x - 0.75, y + ground - tall, 1.5, tall)
      return
    }
    case 'refused':
      return cross(pen, x, y + height - 4.5, 2.8, palette.fail, count)
    case 'failed':
      return cross(pen, x, y + height - 4.5, 2.8, palette.inconclusive, count)
    case 'panic':
      return group === 'nodes'
        ? cross(pen, x, middle, 5, palette.fail, 1, palette.panel)
        : cross(pen, x, middle, 3.4, palette.fail, 1)
    case 'silent':
      return ring(pen, x, middle, 3.4, palette.dim)
    case 'log':
      context.fillStyle = palette.dim
      context.fillRect(x - 0.75, y + height - 5, 1.5, 4)
      return
    case 'link-lost':
      return triangle(pen, x, y + 1, 4, palette.text, 1)
    case 'boot':
    case 'link-up':
      return triangle(pen, x, y + height - 1, 4, palette.text, -1)
    case 'pass':
      return flag(pen, x, y, palette.pass)
    case 'fail':
      return flag(pen, x, y, palette.fail)
    case 'inconclusive':
      return flag(pen, x, y, palette.inconclusive)
    case 'console':
      context.fillStyle = palette.dim
      context.fillRect(x - 0.6, y + 4, 1.2, height - 8)
      return
    case 'checkpoint':
      return ring(pen, x, middle, 4, palette.text)
    default:
      return diamond(pen, x, middle, 3, kind === 'unknown' ? palette.inconclusive : palette.dim)
  }
}

function cross(
  { context }: Pen,
  x: number,
  y: number,
  size: number,
  colour: string,
  count: number,
  halo?: string,
): void {
  const path = () => {
    context.beginPath()
    context.moveTo(x - size, y - size)
    context.lineTo(x + size, y + size)
    context.moveTo(x + size, y - size)
    context.lineTo(x - size, y + size)
    context.stroke()
  }
  if (halo !== undefined) {
    context.strokeStyle = halo
    context.lineWidth = 5
    path()
  }
  context.strokeStyle = colour
  context.lineWidth = 2
  path()
  if (count < 2) return
  context.fillStyle = colour
  context.font = '600 9px system-ui, sans-serif'
  context.fillText(`×${count}`, x + size + 2, y + 3)
}

function ring({ context, picture }: Pen, x: number, y: number, radius: number, colour: string): void {
  context.beginPath()
  context.arc(x, y, radius, 0, 2 * Math.PI)
  context.fillStyle = picture.palette.panel
  context.fill()
  context.strokeStyle = colour
  context.lineWidth = 1.5
  context.stroke()
}

function triangle({ context, picture }: Pen, x: number, y: number, size: number, colour: string, way: 1 | -1): void {
  context.beginPath()
  context.moveTo(x - size, y)
  context.lineTo(x + size, y)
  context.lineTo(x, y + way * size * 1.5)
  context.closePath()
  context.fillStyle = colour
  context.fill()
  context.strokeStyle = picture.palette.panel
  context.lineWidth = 0.75
  context.stroke()
}

function diamond({ context }: Pen, x: number, y: number, size: number, colour: string): void {
  context.beginPath()
  context.moveTo(x, y - size)
  context.lineTo(x + size, y)
  context.lineTo(x, y + size)
  context.lineTo(x - size, y)
  context.closePath()
  context.fillStyle = colour
  context.fill()
}

function flag({ context }: Pen, x: number, y: number, colour: string): void {
  context.fillStyle = colour
  context.fillRect(x - 0.5, y + 3, 1.25, 13)
  context.beginPath()
  context.moveTo(x, y + 3)
  context.lineTo(x + 7, y + 6)
  context.lineTo(x, y + 9)
  context.closePath()
  context.fill()
}

/** What the faults shade, over all lanes. */
function drawFaultWindows(pen: Pen): void {
  const {
    context,
    picture: { lanes, height, palette },
  } = pen
  const seen = new Set<string>()
  for (const lane of lanes.lanes) {
    if (lane.group !== 'faults') continue
    for (const { stretches } of lane.rows) {
      for (const stretch of stretches) {
        const place = stretch.state === 'in-force' ? span(pen, stretch) : undefined
        if (!place) continue
        // two faults that were in force at the same time shade once
        const id = `${Math.round(place.left / 8)} ${Math.round(place.wide / 8)}`
        if (seen.has(id)) continue
        seen.add(id)
        context.globalAlpha = 0.055
        context.fillStyle = palette.cut
        context.fillRect(place.left, 0, place.wide, height)
        context.globalAlpha = 1
      }
    }
  }
}

function drawMarked(pen: Pen): void {
  for (const at of pen.picture.marked) line(pen, at, pen.picture.palette.focus, [4, 3], 1.25)
}

function line({ context, picture, x }: Pen, at: number, colour: string, dash: readonly number[], width: number): void {
  const place = x(at)
  if (place < -2 || place > picture.width + 2) return
  context.strokeStyle = colour
  context.lineWidth = width
  context.setLineDash([...dash])
  context.beginPath()
  context.moveTo(place, 0)
  context.lineTo(place, picture.height)
  context.stroke()
  context.setLineDash([])
}
