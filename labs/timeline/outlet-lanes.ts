import { ofType } from '../journal/run.ts'
import { changesBetween, stretches, type Change, type Segment } from './looks.ts'
import type { Case } from '../verdicts/case.ts'

/** What a power unit said of one of its outlets. Only outlets that the run was about are looked at. */
export interface OutletLane {
  readonly outlet: string
  readonly feeds: readonly string[]
  readonly segments: readonly Segment<'on' | 'off'>[]
  readonly changes: readonly Change[]
}

/** Nothing is drawn while the unit did not know, or was not asked. */
export function outletLanes(run: Case): readonly OutletLane[] {
  const lines = ofType(run.lines, 'outlet')
  return [...new Set(lines.map(({ outlet }) => outlet))].toSorted().map((outlet) => {
    const own = lines.filter((line) => line.outlet === outlet)
    const looks = own.map(({ at, seq, state }) => ({
      earliest: at,
      latest: at,
      event: seq,
      state: state === 'unknown' ? undefined : state,
    }))
    const segments = stretches(looks)
    return { outlet, feeds: own.at(-1)?.feeds ?? [], segments, changes: changesBetween(segments) }
  })
}
