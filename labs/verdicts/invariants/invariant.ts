import type { InvariantName } from '../../scenarios/words.ts'
import type { Case, Finding } from '../case.ts'

/**
 * What must hold in every run, whether or not its row names a rule for it. A row can only add to the invariants; what its
 * document excepts stands in the row as data (`exceptions`), with the document's reason.
 */
export interface Invariant {
  readonly name: InvariantName
  /** @returns undefined where the invariant says nothing about this kind of run, for a reason that is a fact of its row or testbed */
  readonly check: (run: Case) => Finding | undefined
}
