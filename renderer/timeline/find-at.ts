import type { Lane, Stretch, Tick } from '../../labs/replay/lane.ts'
import { itemAt, type LaneLayout } from './lane-layout.ts'

/** What is under the pointer. */
export interface Found {
  readonly lane: Lane
  readonly text: string
  readonly from: number
  readonly to: number
  readonly events: readonly number[]
  readonly count: number
}

/**
 * The thing nearest to a place in the picture: a tick within reach before a stretch, for it is smaller.
 * @param reach how many milliseconds the pointer may be away
 */
export function findAt(layout: LaneLayout, y: number, at: number, reach: number): Found | undefined {
  const item = itemAt(layout, y)
  if (item?.kind !== 'lane') return undefined
  const { lane } = item
  const tick = nearest(lane.ticks, at, reach)
  if (tick) return { lane, text: tick.text, from: tick.first, to: tick.last, events: [tick.event], count: tick.count }
  const inside = y - item.y
  const row = item.rows.findIndex(({ top, height }) => inside >= top - 1 && inside <= top + height + 1)
  const stretches = [...lane.blind, ...(lane.rows[row === -1 && lane.rows.length === 1 ? 0 : row]?.stretches ?? [])]
  // what the pointer is in goes before what it is only near to
  const stretch =
    stretches.find(({ from, to }) => at >= from && at <= to) ??
    stretches.find(({ from, to }) => at >= from - reach / 2 && at <= to + reach / 2)
  return (
    stretch && { lane, text: stretch.text, from: stretch.from, to: stretch.to, events: eventsOf(stretch), count: 1 }
  )
}

const eventsOf = ({ events: [first, last] }: Stretch) => (first === last ? [first] : [first, last])

function nearest(ticks: readonly Tick[], at: number, reach: number): Tick | undefined {
  let best: Tick | undefined
  for (const tick of ticks) {
    if (Math.abs(tick.at - at) <= reach && (!best || Math.abs(tick.at - at) < Math.abs(best.at - at))) best = tick
  }
  return best
}
