import type { Lane, Lanes, LaneRow, Stretch, Tick } from './lane.ts'

/** The part of a time line that somebody looks at, and how finely: `cells` places side by side. */
export interface Window {
  readonly from: number
  readonly to: number
  readonly cells: number
}

/** What of the lanes is to be seen in a window. */
export interface LaneWindow extends Lanes {
  readonly window: Window
  /** nothing was gathered or left out: every other window can be made of this one */
  readonly complete: boolean
}

/**
 * Cuts lanes to a window and gathers what is too dense: ticks of one kind in one cell become one, which says how many it
 * stands for, and of stretches shorter than a cell only the first of a state is kept. So the answer is as large as the
 * window is fine, however long the run is. Kinds are never mixed: one refused write among a thousand acknowledged ones
 * is still there.
 */
export function laneWindow(all: Lanes, window: Window): LaneWindow {
  const whole = window.from <= all.from && window.to >= all.to
  const cell = (window.to - window.from) / Math.max(1, window.cells)
  let gathered = false
  const ticksOf = (ticks: readonly Tick[]): readonly Tick[] => {
    const cut = between(ticks, window)
    if (cut.length <= fewTicks) return cut
    const found = gather(cut, cell)
    if (found.length < cut.length) gathered = true
    return found
  }
  const stretchesOf = (stretches: readonly Stretch[]): readonly Stretch[] => {
    const cut = stretches.filter(({ from, to }) => to >= window.from && from <= window.to)
    if (cut.length <= fewTicks) return cut
    const found = thinStretches(cut, cell)
    if (found.length < cut.length) gathered = true
    return found
  }
  const rowOf = (row: LaneRow): LaneRow => ({ ...row, stretches: stretchesOf(row.stretches) })
  const lanes = all.lanes.map((lane): Lane => ({
    ...lane,
    rows: lane.rows.map(rowOf),
    blind: stretchesOf(lane.blind),
    ticks: ticksOf(lane.ticks),
  }))
  return { ...all, lanes, window, complete: whole && !gathered }
}

/** so many on one lane are handed out as they are: then zooming needs no new answer */
const fewTicks = 400

function between(ticks: readonly Tick[], { from, to }: Window): readonly Tick[] {
  const begin = firstAt(ticks, from)
  const end = firstAt(ticks, to, begin, true)
  return begin === 0 && end === ticks.length ? ticks : ticks.slice(begin, end)
}

/** Index of the first tick at `at` or later (`after`: later than that). */
export function firstAt(ticks: readonly { readonly at: number }[], at: number, low = 0, after = false): number {
  let high = ticks.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const value = (ticks[middle] as { readonly at: number }).at
    if (value < at || (after && value === at)) low = middle + 1
    else high = middle
  }
  return low
}

function gather(ticks: readonly Tick[], cell: number): readonly Tick[] {
  const open = new Map<string, { tick: Tick; index: number; place: number }>()
  const found: Tick[] = []
  for (const tick of ticks) {
    const place = Math.floor(tick.at / cell)
    const before = open.get(tick.kind)
    if (before && before.place === place) {
      before.tick = { ...before.tick, count: before.tick.count + tick.count, last: tick.last }
      found[before.index] = before.tick
      continue
    }
    open.set(tick.kind, { tick, index: found.length, place })
    found.push(tick)
  }
  return found
}

/** Long ones all stay; of those shorter than a cell, the first of each state in each cell. */
function thinStretches(stretches: readonly Stretch[], cell: number): readonly Stretch[] {
  const seen = new Map<string, number>()
  return stretches.filter((stretch) => {
    if (stretch.to - stretch.from >= cell) return true
    const place = Math.floor(stretch.from / cell)
    if (seen.get(stretch.state) === place) return false
    seen.set(stretch.state, place)
    return true
  })
}
