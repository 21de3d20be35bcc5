import type { Mark } from '../timeline/time-line.ts'
import type { Lane, Tick } from './lane.ts'

/** A mark of a time line as a tick of a lane. */
export function tick({ at, kind, text, event }: Pick<Mark, 'at' | 'kind' | 'text' | 'event'>, as: string = kind): Tick {
  return { at, kind: as, text, event, count: 1, first: at, last: at }
}

/** A lane with what is not said filled in, its ticks in the order of time. */
export function lane(
  parts: Pick<Lane, 'id' | 'group' | 'name' | 'rows'> & Partial<Pick<Lane, 'part' | 'node' | 'blind' | 'ticks'>>,
): Lane {
  const { ticks = [], ...rest } = parts
  return { part: '', blind: [], ...rest, ticks: inOrder(ticks) }
}

/** Lines come nearly in order, for the hosts' clocks only differ a little: mostly there is nothing to sort. */
function inOrder(ticks: readonly Tick[]): readonly Tick[] {
  const sorted = ticks.every((one, index) => index === 0 || (ticks[index - 1] as Tick).at <= one.at)
  return sorted ? ticks : ticks.toSorted((a, b) => a.at - b.at)
}
