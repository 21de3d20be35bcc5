import * as v from 'valibot'
import { policyNames } from '../../cluster/policy-names.ts'
import { ipAddress } from '../../testbed/address.ts'
import { duration } from '../../testbed/duration.ts'
import { argumentList, fields, name, textLike, whole, word, yesOrNo } from '../../testbed/fields.ts'
import type { Frozen } from '../../testbed/testbed.ts'

/** Times of the reference cluster, in milliseconds when read. What is absent is the cluster's own default. */
export const stackTimes = fields({
  /** between two heartbeats on a private link */
  heartbeatInterval: v.exactOptional(duration),
  /** silence on all links after which a peer is taken for gone */
  peerTimeout: v.exactOptional(duration),
  /** how long a starting node only listens before it decides who is there */
  joinListen: v.exactOptional(duration),
  /** how long a node that has registered waits to be let in */
  joinTimeout: v.exactOptional(duration),
  /** head start that the smaller sub-cluster gives to the larger */
  raceDelay: v.exactOptional(duration),
  /** how long the nodes of a sub-cluster wait for their racer's result before they panic */
  raceTimeout: v.exactOptional(duration),
  /** limit of one command to a coordination point or data disk */
  diskTimeout: v.exactOptional(duration),
  /** gap between two of its own ticks after which a node knows that it has been hung */
  hangThreshold: v.exactOptional(duration),
  /** how long the membership must stand before the failover group is started */
  groupSettle: v.exactOptional(duration),
  /** before a failed step that must not be given up (ejecting from a data disk) is tried again */
  retryDelay: v.exactOptional(duration),
  /** ping-tiebreak: how long a survivor waits before it takes the group over: the other side must have found no reply */
  survivorDelay: v.exactOptional(duration),
  /** ping-tiebreak: how long the group must be seen active twice before both nodes stop themselves */
  groupCheck: v.exactOptional(duration),
  /** attacker-defender: between wiping and reserving; 7 s, on Windows 10 s if absent */
  attackWait: v.exactOptional(duration),
  /** attacker-defender: between two cycles of the defender */
  defendInterval: v.exactOptional(duration),
  /** external-fencing: head start of the node with the group, so that the two do not fence each other */
  fenceDelay: v.exactOptional(duration),
  /** external-fencing: limit of one run of the fence command */
  fenceTimeout: v.exactOptional(duration),
})

const typeSays = 'one of 1, 3, 5'

/**
 * What single policies are told besides the times. A row may be about another policy than the file's own, so all of this may
 * stand in a file whose policy does not look at it.
 */
export const policyParameters = fields({
  /** coordinator-race: a new cluster is formed only by this many nodes that see each other (GAB seeding) */
  seed: v.exactOptional(whole(1, 32, 'nodes')),
  /** ping-tiebreak: the address that decides who survives; best a switch that carries the heartbeats */
  tieBreaker: v.exactOptional(ipAddress),
  /**
   * external-fencing: commands on a node that fence another, and end with 0 only if that is proved. In their arguments
   * {node} stands for the victim, {id}, {address} (on the first private link) and {outlets} for what belongs to it
   */
  fence: v.exactOptional(
    fields({
      /** switches the victim's power off */
      power: v.exactOptional(argumentList),
      /** closes its way to the storage */
      port: v.exactOptional(argumentList),
    }),
  ),
  /** external-fencing: which of them; if absent, the one that there is, power before port */
  method: v.exactOptional(word(['power', 'port'])),
  /** external-fencing: does a refused or failed write stop the node; yes if absent */
  panicOnRefusal: v.exactOptional(yesOrNo),
  /** attacker-defender: which of the published scripts; linux if absent */
  variant: v.exactOptional(word(['linux', 'windows'])),
  /** attacker-defender: 3 (Exclusive Access) on linux, 1 (Write Exclusive) on windows if absent */
  reservationType: v.exactOptional(v.pipe(v.picklist([1, 3, 5], typeSays), v.description(typeSays))),
  /** attacker-defender: attacks before the start of the group is given up; 3 if absent */
  rounds: v.exactOptional(whole(1, 100, 'rounds')),
})

/** The small fencing cluster that fencelab brings along, for a lab without one. */
export const partSchema = fields({
  kind: v.literal('reference'),
  policy: word(policyNames),
  /** cluster id, four hex digits: part of `vf` keys, and keeps two clusters on one network apart */
  cluster: v.pipe(
    textLike(/^[0-9a-fA-F]{4}$/, 'a cluster id of four hex digits, like fe01'),
    v.transform((text) => text.toLowerCase()),
  ),
  /**
   * form of the registration keys on coordination points: `letter` is the node's letter and dashes (`A-------` is node
   * 0, VCS before 5.1), `vf` is VF + cluster id + node id in hex (VCS 5.1 and later)
   */
  keys: v.optional(word(['letter', 'vf']), 'letter'),
  times: v.optional(stackTimes, {}),
  parameters: v.exactOptional(policyParameters),
  ledger: v.optional(
    fields({
      /** numbered records a second that the active node writes to the data disk */
      writesPerSecond: v.optional(whole(1, 1000, 'writes a second'), 10),
      /** records that fit into a node's region: all of it is read at a takeover and in the end, which costs a slow host time */
      records: v.optional(whole(255, 65_535, 'records'), 2047),
    }),
    {},
  ),
  group: v.optional(
    fields({
      /** the node that runs the failover group first; absent: the lowest */
      preferred: v.exactOptional(name),
    }),
    {},
  ),
})

/** The reference cluster's part of a testbed, as its schema reads it. */
export type ReferencePart = Frozen<v.InferOutput<typeof partSchema>>
/** What single policies are told, by the testbed or by a row. */
export type PolicyParameters = NonNullable<ReferencePart['parameters']>
