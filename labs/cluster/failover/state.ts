/**
 * What the policies without coordination points have in common: members are the nodes that are heard, one of them runs
 * the failover group, and when that one falls silent another takes it over, in the way of the policy.
 *
 * The state is plain data, changed only by `step` in machine.ts (on a copy).
 */
import { log } from '../policy.ts'
import { heardPeers, isHeard, nodeName } from '../hearing.ts'
import { includesMember } from '../message.ts'
import type { ClusterConfig } from '../config.ts'
import type { HearingState } from '../hearing.ts'
import type { Heartbeat, Member, Phase } from '../message.ts'
import type { Input, LogCode, LogData, StepContext } from '../policy.ts'
import type { TaskState } from '../tasks.ts'

/** What a task on a LUN is for: before the group starts, while it runs, when it is given up, to look at the storage. */
export type Purpose = 'prepare' | 'hold' | 'release' | 'look'

/** @typeParam Own what the policy itself keeps; replaced as a whole, never changed in place */
export interface FailoverState<Own> extends HearingState, TaskState<Purpose> {
  incarnation: number
  sequence: number
  phase: Phase
  /** why, for people */
  text: string
  lastTick: number
  nextHeartbeat: number
  /** until then nobody is declared lost: this node was hung */
  graceUntil: number
  /** joining: end of listening */
  listenUntil: number
  /** membership changes that this node saw */
  changes: number
  /** lives of nodes that were fenced: they are no members whatever they say */
  fenced: readonly Member[]
  leaving: 'no' | 'wanted' | 'writes' | 'release'
  /** leaving: when writes that do not end are waited for no longer */
  leaveBy: number
  /** farewells still to be sent */
  farewells: number
  group: {
    stage: 'stopped' | 'preparing' | 'scanning' | 'active'
    /** the highest heard of; 0: never started */
    epoch: number
    /** stopped for good here: only a new join lifts this */
    blocked: boolean
    settleUntil: number
    /** the life of a node that last said it runs the group */
    owner: Member | null
    /** it ran on a node that is gone, and nobody was seen to run it since */
    orphaned: boolean
    /** its start failed here: not tried again before its next owner is lost */
    failed: boolean
    /** stopped here because this node leaves */
    released: boolean
  }
  own: Own
}

export type FailoverContext<Own> = StepContext<FailoverState<Own>>

/** Not `ready`: asked again with the next step. `failed`: the group does not start here, until its next owner is lost. */
export type Preparation = 'ready' | 'wait' | 'failed'

/** What a policy decides. Every function may change `context.s` and append effects. */
export interface Rules<Own> {
  /** at the beginning of a life */
  own(config: ClusterConfig): Own
  /** After it was hung itself, a node gives its peers another timeout to be heard before it declares them lost. */
  readonly forgivesHang: boolean
  /** Once the group's start has begun, it goes on whatever is heard of its old owner. */
  readonly insists: boolean
  /** Every step of a member: decides what is to become of `s.lost`, with `settleLost`, or stops the node. */
  watch(context: FailoverContext<Own>): void
  /** May this lost node be a member again because it is heard again, before it was decided what its loss means? */
  mayReturn(context: FailoverContext<Own>, member: Member): boolean
  /** Every step from the decision to start the group here until it says `ready`. */
  prepare(context: FailoverContext<Own>): Preparation
  /** Every step while the group is active here. */
  hold(context: FailoverContext<Own>): void
  /** Every step of a node that leaves, its group stopped. @returns true when nothing is left to give back */
  release(context: FailoverContext<Own>): boolean
  /** The storage refused a write of the group. */
  refused(context: FailoverContext<Own>): void
  /** A write of the group failed otherwise. */
  failed(context: FailoverContext<Own>, text: string): void
  /** Answers to the effects ping and fence. */
  answered(context: FailoverContext<Own>, input: Extract<Input, { kind: 'ping-result' | 'fence-result' }>): void
}

/** Nothing is known of the group. */
export function newGroup(settleUntil: number): FailoverState<unknown>['group'] {
  const none = { blocked: false, failed: false, owner: null, orphaned: false, released: false }
  return { stage: 'stopped', epoch: 0, settleUntil, ...none }
}

export function selfMember(s: { readonly self: { readonly id: number }; readonly incarnation: number }): Member {
  return { id: s.self.id, incarnation: s.incarnation }
}

export function isParticipant(s: { readonly phase: Phase }): boolean {
  return s.phase === 'member' || s.phase === 'racing'
}

/** What a member says of itself while all is well. */
export function memberText<Own>(s: FailoverState<Own>): string {
  return `member with ${s.members.map((member) => nodeName(s, member.id)).join(', ')}`
}

/** What these lost nodes mean is decided: the others go on without them. */
export function settleLost<Own>(context: FailoverContext<Own>, settled: readonly Member[] = context.s.lost): void {
  const { s } = context
  s.lost = s.lost.filter((member) => !includesMember(settled, member))
  s.phase = s.lost.length === 0 ? 'member' : s.phase
  s.text = memberText(s)
  context.urgent = true
}

/** Other nodes that say they run the group, and that may: a fenced one may say so as long as it likes. */
export function otherOwners<Own>(s: FailoverState<Own>, now: number): Heartbeat[] {
  return heardPeers(s, now).filter(
    (peer) => peer.group.active && !includesMember(s.fenced, { id: peer.from, incarnation: peer.incarnation }),
  )
}

/** True if every other node is heard, or said goodbye, or was fenced: then nobody runs the group unseen. */
export function allAccountedFor<Own>(s: FailoverState<Own>, now: number): boolean {
  return s.config.nodes.every((node) => {
    if (node.id === s.self.id || isHeard(s, node.id, now)) return true
    const last = s.peers[node.id]?.last
    if (!last) return false
    return last.phase === 'left' || includesMember(s.fenced, { id: node.id, incarnation: last.incarnation })
  })
}

/** The end of this node: peers are told, with the group as it stands here, then the kernel goes. */
export function panic<Own>(context: FailoverContext<Own>, code: LogCode, why: string, data?: LogData): void {
  const { s } = context
  if (s.phase === 'lost') return
  log(context, 'critical', code, why, data)
  s.phase = 'lost'
  s.text = why
  s.tasks = []
  context.urgent = true
}
