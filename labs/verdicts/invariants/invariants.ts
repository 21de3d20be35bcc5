import type { Invariant } from './invariant.ts'

/** All invariants, in the order in which a verdict names them. */
export const invariants: readonly Invariant[] = []
