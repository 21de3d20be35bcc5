import { lane, tick } from './make-lane.ts'
import type { Line } from '../journal/event.ts'
import type { Verdict } from '../verdicts/verdict.ts'
import type { Lane } from './lane.ts'

/** The moments that a verdict rests on: a flag for each event of each reason. */
export function verdictLane(lines: readonly Line[], verdict: Verdict | undefined): readonly Lane[] {
  if (!verdict) return []
  const wanted = new Map<number, string[]>()
  const bearings = new Map<number, string>()
  for (const { rule, bearing, events } of verdict.reasons) {
    for (const event of events) {
      wanted.set(event, [...(wanted.get(event) ?? []), rule])
      if (weight(bearing) > weight(bearings.get(event))) bearings.set(event, bearing)
    }
  }
  const ticks = lines
    .filter(({ seq }) => wanted.has(seq))
    .map(({ seq, at }) =>
      tick({ at, kind: bearings.get(seq) ?? 'pass', text: (wanted.get(seq) ?? []).join(', '), event: seq }),
    )
  return [lane({ id: 'verdict', group: 'verdict', name: 'decided by', rows: [], ticks })]
}

const weight = (bearing: string | undefined) =>
  bearing === undefined ? 0 : bearing === 'pass' ? 1 : bearing === 'inconclusive' ? 2 : 3
