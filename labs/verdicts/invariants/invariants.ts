import type { Invariant } from './invariant.ts'
import { lateWritesWaitedFor } from './late-writes-waited-for.ts'
import { writesAreRefused } from './writes-are-refused.ts'

/** All invariants, in the order in which a verdict names them. */
export const invariants: readonly Invariant[] = [writesAreRefused, lateWritesWaitedFor]
