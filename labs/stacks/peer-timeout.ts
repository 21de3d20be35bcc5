import type { Testbed } from '../testbed/testbed.ts'
import { stackOf } from './stack-of.ts'

/** How long the cluster of a testbed waits for a silent peer, milliseconds. */
export const peerTimeoutOf = (testbed: Pick<Testbed, 'stack'>): number => stackOf(testbed).peerTimeout(testbed.stack)
