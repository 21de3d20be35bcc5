import type { Outcome } from '../scenarios/outcome.ts'
import type { Rule } from '../scenarios/scenario.ts'
import type { InvariantName } from '../scenarios/words.ts'
import type { JudgedRow } from './judged-row.ts'

/**
 * What is judged besides the rules of a row: `precondition`, whether the run can decide anything at all;
 * `expected-outcome`, whether what became of each node is among what the row expects of its role; and
 * `expected-on-the-way`, the same at the checkpoints of the row. The invariants are judged in every run.
 */
export type RuleName = Rule | InvariantName | 'precondition' | 'expected-outcome' | 'expected-on-the-way'

/** `not-applicable`: the testbed cannot do what the row needs, so nothing was run and nothing is said of the cluster. */
export type VerdictWord = 'pass' | 'fail' | 'inconclusive' | 'not-applicable'

/** A verdict and all it rests on. `events` are sequence numbers of the journal. */
export interface Verdict {
  readonly verdict: VerdictWord
  readonly nodes: Readonly<Record<string, NodeVerdict>>
  readonly reasons: readonly Reason[]
  /** what it goes by; absent where the recording has no beginning, and in what earlier versions kept */
  readonly row?: JudgedRow
}

export interface NodeVerdict {
  /** in words, from the row: `running or panicked` */
  readonly expected: string
  readonly observed: Outcome
  readonly why: string
  readonly events: readonly number[]
}

export interface Reason {
  readonly rule: RuleName
  /** what this reason alone would make of the run */
  readonly bearing: VerdictWord
  readonly text: string
  readonly events: readonly number[]
}
