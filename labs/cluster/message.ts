/**
 * The one message of the cluster: a heartbeat, sent on every private link. It carries the whole state that others need,
 * so a lost one costs nothing but time. `to all`: each node picks out what concerns it.
 */
import * as v from 'valibot'
import type { Generation } from './generation.ts'

/** How a node stands to the cluster; the words of the journal's StackStatus. */
export const phases = ['stopped', 'joining', 'member', 'racing', 'waiting', 'lost', 'refused', 'left'] as const
export type Phase = (typeof phases)[number]

/** A node in one of its lives: a node that restarted is another member. */
export interface Member {
  readonly id: number
  readonly incarnation: number
}

export interface Heartbeat {
  readonly cluster: string
  readonly from: number
  readonly incarnation: number
  readonly sequence: number
  readonly phase: Phase
  /** joining: registered everywhere and waiting to be let in */
  readonly ready: boolean
  /** joining: heard no member and no lower node, is forming the cluster */
  readonly forming: boolean
  /** leaving cleanly: no longer decides anything */
  readonly leaving: boolean
  /** the membership as this node believes it; empty when it is no member */
  readonly members: readonly Member[]
  readonly generation: Generation
  /** members this node took for lost, while the race about them is not decided */
  readonly lost: readonly Member[]
  /** a race, or what a won race leaves to do, is in progress: nobody may join */
  readonly fencing: boolean
  /** what the racer of this sub-cluster knows: spectators live or die by it */
  readonly race: 'none' | 'pending' | 'won' | 'lost'
  /**
   * `active` from the moment a node decides to start the group; `released` (not in coordinator-race): it was stopped
   * because its node leaves, and is wanted elsewhere
   */
  readonly group: { readonly active: boolean; readonly epoch: number; readonly released?: boolean }
  /** ids heard lately on any link */
  readonly hears: readonly number[]
  /** nodes that a fence command was proved to have fenced, in that life; only of policies that have one */
  readonly fenced?: readonly Member[]
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const memberSchema = v.object({ id: count, incarnation: count })

/** For the boundary: what comes from the network is checked before the protocol sees it. */
export const heartbeatSchema: v.GenericSchema<unknown, Heartbeat> = v.object({
  cluster: v.string(),
  from: count,
  incarnation: count,
  sequence: count,
  phase: v.picklist(phases),
  ready: v.boolean(),
  forming: v.boolean(),
  leaving: v.boolean(),
  members: v.array(memberSchema),
  generation: v.tuple([count, count, count]),
  lost: v.array(memberSchema),
  fencing: v.boolean(),
  race: v.picklist(['none', 'pending', 'won', 'lost']),
  group: v.object({ active: v.boolean(), epoch: count, released: v.exactOptional(v.boolean()) }),
  hears: v.array(count),
  fenced: v.exactOptional(v.array(memberSchema)),
})

/** True if `member` (in this very life) is in the list. */
export function includesMember(list: readonly Member[], member: Member): boolean {
  return list.some((one) => one.id === member.id && one.incarnation === member.incarnation)
}
