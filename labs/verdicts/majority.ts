import { holds, unknown, violated, type Finding } from './case.ts'

/**
 * Judges a majority: of all declared coordination points, not of those that answered. Holds when it holds on more than
 * half, violated when it cannot hold on more than half any more, else unknown. Source: VCS I/O fencing, a racer must
 * win a majority of the coordination points.
 */
export function majority(points: readonly Finding[]): Finding {
  const of = (state: Finding['state']) => points.filter((point) => point.state === state)
  const needed = Math.floor(points.length / 2) + 1
  const events = (state: Finding['state']) => of(state).flatMap((point) => point.events)
  const texts = (state: Finding['state']) =>
    of(state)
      .map((point) => point.text)
      .join('; ')
  if (points.length === 0) return unknown('the testbed declares no coordination point')
  const share = `${of('holds').length} of ${points.length} coordination points`
  if (of('holds').length >= needed) return holds(`${share}: ${texts('holds')}`, events('holds'))
  if (points.length - of('violated').length < needed) {
    return violated(`only ${share}: ${texts('violated')}`, events('violated'))
  }
  return unknown(`proved on ${share}, needed are ${needed}: ${texts('unknown')}`, events('unknown'))
}
