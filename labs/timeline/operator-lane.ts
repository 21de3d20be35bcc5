import { ofType } from '../journal/run.ts'
import type { Segment } from './looks.ts'
import type { Case } from '../verdicts/case.ts'

/** What the operator of the cluster did by hand, or where everybody was looked at. `failed`: it did not succeed. */
export interface OperatorAct extends Segment<'going' | 'done' | 'failed' | 'checkpoint'> {
  readonly text: string
}

/** The operator's acts in their order; one that has no end lasts as long as the run. */
export function operatorLane(run: Case, end: number): readonly OperatorAct[] {
  const { lines } = run.frame
  const operations = ofType(lines, 'operation').flatMap((begun): OperatorAct[] => {
    if (begun.step !== 'begun') return []
    const { operation, nodes, at, seq } = begun
    const done = ofType(lines, 'operation').find(
      (line) => line.step === 'done' && line.operation === operation && line.seq > seq,
    )
    const state = done === undefined ? 'going' : done.ok === true ? 'done' : 'failed'
    const text = [operation, ...nodes].join(' ')
    return [{ from: at, to: done?.at ?? end, state, events: [seq, done?.seq ?? seq], text }]
  })
  const checkpoints = ofType(lines, 'checkpoint').flatMap(({ step, name, at, seq }): OperatorAct[] =>
    step === 'begun'
      ? [{ from: at, to: at, state: 'checkpoint', events: [seq, seq], text: `everybody is looked at: ${name}` }]
      : [],
  )
  return [...operations, ...checkpoints].toSorted((a, b) => a.from - b.from)
}
