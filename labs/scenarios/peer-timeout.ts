import * as v from 'valibot'
import { timingsSchema } from '../cluster/config.ts'
import type { Testbed } from '../testbed/testbed.ts'

/** How long the cluster of a testbed waits for a silent peer, milliseconds. */
export const peerTimeoutOf = ({ stack }: Pick<Testbed, 'stack'>): number =>
  stack.times.peerTimeout ?? v.parse(timingsSchema, {}).peerTimeout
