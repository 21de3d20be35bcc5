/** The state of the protocol on one node: plain data, changed only by `step` in machine.ts (on a copy). */
import type { Generation } from '../generation.ts'
import type { HearingState } from '../hearing.ts'
import type { Heartbeat, Member, Phase } from '../message.ts'
import type { LogCode, StepContext } from '../policy.ts'
import type { TaskState } from '../tasks.ts'

/** What a task on a LUN is for. */
export type Purpose =
  'check' | 'register' | 'form' | 'verify' | 'data' | 'race' | 'secure' | 'repair' | 'leave-data' | 'leave-points'

export interface Join {
  step: 'listen' | 'check' | 'register' | 'form' | 'verify' | 'data' | 'ready' | 'roll-back'
  attempt: number
  /** end of listening, or of waiting to be let in */
  until: number
  /** it was said that too few nodes are seen to form a cluster */
  unseeded: boolean
  /** no member was heard: this node forms the cluster */
  forming: boolean
  /** formed and fences of the cluster that is joined: another pair means that everything starts over */
  against: readonly [number, number] | null
  /** coordination points that carried the own key before this attempt (from an earlier life): never removed */
  ownBefore: string[]
  /** LUNs this attempt registered on */
  registered: string[]
  /** data disks whose reservation is this attempt's own: nobody is kept out by it */
  reserved: string[]
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

export interface State extends HearingState, TaskState<Purpose> {
  incarnation: number
  sequence: number
  phase: Phase
  /** why, for people */
  text: string
  lastTick: number
  nextHeartbeat: number
  /** until then nobody is declared lost: this node was hung */
  graceUntil: number
  generation: Generation
  race: Heartbeat['race']
  join: Join | null
  change: Change | null
  aftermath: Aftermath | null
  /** the membership for which the data disks were last found to carry only members' keys */
  secured: Generation | null
  leaving: 'no' | 'wanted' | 'data' | 'points'
  /** forced to stop: not a word on any private link any more */
  silent: boolean
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
}

/** One step of this policy. */
export type Context = StepContext<State>

export const NO_GENERATION: Generation = [0, 0, 0]

export function selfMember(s: State): Member {
  return { id: s.self.id, incarnation: s.incarnation }
}

export function majority(s: State): number {
  return Math.floor(s.config.coordination.length / 2) + 1
}

export const PANIC_TEXT = 'this node was ejected from the cluster to protect the data'
