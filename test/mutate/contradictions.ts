import type { Change } from './change.ts'
import { engineContradictions } from './contradictions-engine.ts'
import { keyContradictions } from './contradictions-keys.ts'
import { ledgerContradictions } from './contradictions-ledger.ts'
import { nodeContradictions } from './contradictions-nodes.ts'

/** Changes of meaning after which a recording that passed must not pass. */
export const contradictions: readonly Change[] = [
  ...keyContradictions,
  ...ledgerContradictions,
  ...nodeContradictions,
  ...engineContradictions,
]
