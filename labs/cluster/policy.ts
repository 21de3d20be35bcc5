/**
 * What a fencing policy of the reference cluster is: a pure state machine. Time, messages and answers come in, effects go
 * out. The same code runs in the agent on a real kernel and in the simulated lab.
 *
 * All times are milliseconds of one monotonic clock per node; clocks of different nodes are never compared.
 */
import type { ClusterConfig } from './config.ts'
import type { DiskAnswer, DiskRequest } from './disk.ts'
import type { Heartbeat, Phase } from './message.ts'

export interface Policy<S> {
  /**
   * A node that does nothing yet; it joins on command.
   * @param incarnation a number that grows from one life of the node to the next (the agent gives its wall clock in ms)
   * @throws Error if the configuration does not name this node
   */
  start(config: ClusterConfig, now: number, incarnation: number): S
  /** One step. Must not change the given state, and must not read any clock but `now`. */
  step(state: S, input: Input, now: number): Step<S>
  status(state: S, now: number): Status
}

export interface Step<S> {
  readonly state: S
  readonly effects: readonly Effect[]
}

export type Input =
  | { readonly kind: 'tick' }
  | { readonly kind: 'message'; readonly link: string; readonly message: Heartbeat }
  | { readonly kind: 'disk-result'; readonly id: number; readonly answer: DiskAnswer }
  | { readonly kind: 'command'; readonly command: 'join' | 'leave' | 'force-stop' }
  /** the answer to the effect scan-ledger; `ok` false: the ledger could not be read */
  | { readonly kind: 'ledger-scanned'; readonly ok: boolean; readonly text: string }
  /** the storage refused a write of the group */
  | { readonly kind: 'write-refused' }
  /** a write of the group ended with another error */
  | { readonly kind: 'write-failed'; readonly text: string }
  /** the answer to await-writes */
  | { readonly kind: 'writes-done' }
  /** the answer to ping */
  | { readonly kind: 'ping-result'; readonly ok: boolean }
  /** the answer to fence; `ok` only where the node is proved to be fenced */
  | { readonly kind: 'fence-result'; readonly node: string; readonly ok: boolean; readonly text: string }

export type Effect =
  /** to every other node on this link */
  | { readonly kind: 'send'; readonly link: string; readonly message: Heartbeat }
  /** requests of one LUN are executed in order, those of different LUNs at the same time */
  | { readonly kind: 'disk'; readonly request: DiskRequest }
  | {
      readonly kind: 'log'
      readonly level: LogLevel
      readonly code: LogCode
      readonly text: string
      readonly data?: LogData
    }
  | { readonly kind: 'panic'; readonly text: string }
  | { readonly kind: 'group'; readonly active: boolean; readonly epoch: number }
  /** read the ledger before the group starts here after it ran elsewhere; answered by the input ledger-scanned */
  | { readonly kind: 'scan-ledger' }
  /** answered when no write of the group is on its way any more; the group must have been stopped before */
  | { readonly kind: 'await-writes' }
  /** one ICMP echo request, answered in any case */
  | { readonly kind: 'ping'; readonly address: string }
  /** run the configured fence command against this node, answered in any case */
  | { readonly kind: 'fence'; readonly node: string }

/** What a log line says in words, for programs: names of nodes and coordination points, numbers. */
export type LogData = Readonly<Record<string, string | number | boolean | readonly string[] | null>>
export type LogLevel = 'info' | 'warning' | 'critical'
export type LogCode =
  | 'joining'
  | 'not-seeded'
  | 'cluster-formed'
  | 'joined'
  | 'member-joined'
  | 'member-left'
  | 'left'
  | 'unclean-stop'
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
  | 'write-failed'
  | 'tie-breaker'
  | 'start-waits'
  | 'tie-breaker-silent'
  | 'double-activity'
  | 'attack'
  | 'attack-won'
  | 'attack-lost'
  | 'script-step'
  | 'reserve-not-found'
  | 'failed-defender'
  | 'fencing'
  | 'fenced'
  | 'fence-failed'
  | 'was-fenced'
  | 'storage-unreachable'
  | 'reservation'
  | 'reservation-failed'
  | 'panic'

/** What the node says of itself; the words of the journal's StackStatus. */
export interface Status {
  readonly state: Phase
  readonly members: readonly string[]
  readonly links: Readonly<Record<string, readonly string[]>>
  readonly active: boolean
  readonly epoch: number
  readonly generation: string
  readonly text: string
}

/** Handlers of a step change `s` (a copy of the caller's state) and append effects. */
export interface StepContext<S> {
  readonly s: S
  readonly now: number
  readonly effects: Effect[]
  /** send heartbeats now, not at the next interval */
  urgent: boolean
}

export function log(context: StepContext<unknown>, level: LogLevel, code: LogCode, text: string, data?: LogData): void {
  context.effects.push({ kind: 'log', level, code, text, ...(data && { data }) })
}
