/** The state of the protocol on one node: plain data, changed only by `step` in machine.ts (on a copy). */
import type { ClusterConfig, ClusterNode } from './config.ts'
import type { DiskAnswer, DiskRequest } from './disk.ts'
import type { Generation } from './generation.ts'
import type { LunOutcome, LunTask } from './lun-task.ts'
import type { Heartbeat, Member, Phase } from './message.ts'

export type Input =
  | { readonly kind: 'tick' }
  | { readonly kind: 'message'; readonly link: string; readonly message: Heartbeat }
  | { readonly kind: 'disk-result'; readonly id: number; readonly answer: DiskAnswer }
  | { readonly kind: 'command'; readonly command: 'join' | 'leave' }
  /** the answer to the effect scan-ledger; `ok` false: the ledger could not be read */
  | { readonly kind: 'ledger-scanned'; readonly ok: boolean; readonly text: string }
  /** the storage refused a write of the group */
  | { readonly kind: 'write-refused' }

export type Effect =
  /** to every other node on this link */
  | { readonly kind: 'send'; readonly link: string; readonly message: Heartbeat }
  /** requests of one LUN are executed in order, those of different LUNs at the same time */
  | { readonly kind: 'disk'; readonly request: DiskRequest }
  | { readonly kind: 'log'; readonly level: LogLevel; readonly code: LogCode; readonly text: string }
  | { readonly kind: 'panic'; readonly text: string }
  | { readonly kind: 'group'; readonly active: boolean; readonly epoch: number }
  /** read the ledger before the group starts here after it ran elsewhere; answered by the input ledger-scanned */
  | { readonly kind: 'scan-ledger' }

export type LogLevel = 'info' | 'warning' | 'critical'
export type LogCode =
  | 'joining'
  | 'cluster-formed'
  | 'joined'
  | 'member-joined'
  | 'member-left'
  | 'left'
  | 'link-lost'
  | 'link-up'
  | 'peer-lost'
  | 'membership-change'
  | 'race-point'
  | 'race-won'
  | 'race-lost'
  | 'race-survived'
  | 'racer-lost'
  | 'ejected'
  | 'was-hung'
  | 'data-secured'
  | 'data-not-secured'
  | 'repair'
  | 'fence-in-progress'
  | 'preexisting-split-brain'
  | 'foreign-key'
  | 'coordination-unreachable'
  | 'registration-failed'
  | 'join-timeout'
  | 'key-left-behind'
  | 'group-started'
  | 'group-stopped'
  | 'takeover-scan'
  | 'write-refused'
  | 'panic'

/** What a task on a LUN is for. */
export type Purpose =
  'check' | 'register' | 'form' | 'verify' | 'data' | 'race' | 'secure' | 'repair' | 'leave-data' | 'leave-points'

export interface LinkState {
  /** when a heartbeat came last; null: never */
  heardAt: number | null
  /** silence is counted from here: the last heartbeat, or the moment this node woke up or let the peer in */
  countFrom: number
  sequence: number
  lost: boolean
}

export interface Peer {
  incarnation: number
  /** the newest heartbeat of this incarnation */
  last: Heartbeat | null
  links: Record<string, LinkState>
}

export interface Join {
  step: 'listen' | 'check' | 'register' | 'form' | 'verify' | 'data' | 'ready' | 'roll-back'
  attempt: number
  /** end of listening, or of waiting to be let in */
  until: number
  /** no member was heard: this node forms the cluster */
  forming: boolean
  /** formed and fences of the cluster that is joined: another pair means that everything starts over */
  against: readonly [number, number] | null
  /** coordination points that carried the own key before this attempt (from an earlier life): never removed */
  ownBefore: string[]
  /** LUNs this attempt registered on */
  registered: string[]
  refusal: { readonly code: LogCode; readonly text: string } | null
}

/** A membership change that is not decided yet. */
export interface Change {
  racer: number
  /** racer: when the race may begin */
  startAt: number
  /** spectator: when it gives up */
  until: number
  /** racer: next coordination point */
  index: number
  points: Record<string, 'won' | 'lost'>
}

/** What is left to do after a membership change, by the node that decided it. */
export interface Aftermath {
  /** data disks to be secured before the group may start here; empty for a spectator */
  secure: 'wanted' | 'running' | 'done'
  retryAt: number
  repair: 'none' | 'wanted' | 'running'
  leavers: Member[]
  repairPoints: string[]
}

export interface State {
  readonly config: ClusterConfig
  readonly self: ClusterNode
  incarnation: number
  sequence: number
  phase: Phase
  /** why, for people */
  text: string
  lastTick: number
  nextHeartbeat: number
  /** until then nobody is declared lost: this node was hung */
  graceUntil: number
  peers: Record<number, Peer>
  members: Member[]
  generation: Generation
  lost: Member[]
  race: Heartbeat['race']
  join: Join | null
  change: Change | null
  aftermath: Aftermath | null
  /** the membership for which the data disks were last found to carry only members' keys */
  secured: Generation | null
  leaving: 'no' | 'wanted' | 'data' | 'points'
  /** farewells still to be sent */
  farewells: number
  group: {
    stage: 'stopped' | 'securing' | 'scanning' | 'active'
    /** the highest heard of; 0: never started */
    epoch: number
    /** a write was refused here: only a new join lifts this */
    blocked: boolean
    settleUntil: number
  }
  nextRequest: number
  tasks: { id: number; purpose: Purpose; task: LunTask }[]
  outcomes: Partial<Record<Purpose, Record<string, LunOutcome>>>
}

/** Handlers change `s` (a copy of the caller's state) and append effects. */
export interface Context {
  readonly s: State
  readonly now: number
  readonly effects: Effect[]
  /** send heartbeats now, not at the next interval */
  urgent: boolean
}

export const NO_GENERATION: Generation = [0, 0, 0]

export function selfMember(s: State): Member {
  return { id: s.self.id, incarnation: s.incarnation }
}

export function nodeName(s: State, id: number): string {
  return s.config.nodes.find((node) => node.id === id)?.name ?? `node ${id}`
}

export function majority(s: State): number {
  return Math.floor(s.config.coordination.length / 2) + 1
}

export function log(context: Context, level: LogLevel, code: LogCode, text: string): void {
  context.effects.push({ kind: 'log', level, code, text })
}

export const PANIC_TEXT = 'this node was ejected from the cluster to protect the data'
