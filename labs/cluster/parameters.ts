/** What single policies are told besides what all of them need. A policy does not look at what is another's. */
import * as v from 'valibot'

export const parametersSchema = v.object({
  /**
   * coordinator-race: a node forms a new cluster only when it hears this many nodes, itself included, that want to join
   * or are members (GAB seeding, `gabconfig -c -nN`). Absent: it forms one alone
   */
  seed: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  /** ping-tiebreak: the address that decides who survives; best on the network that carries the heartbeats */
  tieBreaker: v.exactOptional(v.pipe(v.string(), v.ip('an IP address'))),
  /** attacker-defender: which of the published scripts; they differ in more than their defaults */
  variant: v.optional(v.picklist(['linux', 'windows']), 'linux'),
  /** attacker-defender: the scripts disagree. Absent: 3 (Exclusive Access) on Linux, 1 (Write Exclusive) on Windows */
  reservationType: v.exactOptional(v.picklist([1, 3, 5])),
  /** attacker-defender: attacks before the group's start is given up */
  rounds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 3),
  /** external-fencing: ends with 0 only if the victim is proved to be fenced. What may stand in it: main/agent/outside.ts */
  fence: v.exactOptional(v.object({ command: v.pipe(v.array(v.string()), v.minLength(1, 'a command')) })),
  /** external-fencing: does a refused or failed write stop the node */
  panicOnRefusal: v.optional(v.boolean(), true),
})
export type Parameters = v.InferOutput<typeof parametersSchema>
/** Defaults may be left out. */
export type ParametersInput = v.InferInput<typeof parametersSchema>
