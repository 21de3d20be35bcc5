import type { Event, Line } from '../../labs/journal/event.ts'
import type { Scenario } from '../../labs/scenarios/scenario.ts'
import type { StackChoice } from '../../labs/stacks/stack.ts'
import type { VerdictWord } from '../../labs/verdicts/verdict.ts'
import type { CheckItem } from '../../preload/contract/lab.ts'
import type { Transport } from '../transport/transport.ts'
import type { LoadedTestbed } from '../load-testbed.ts'
import type { OnProgress } from '../progress.ts'
import type { Power } from '../lab/power.ts'
import type { Seen } from '../recorder/recorder.ts'

/**
 * What the services ask of the engine. One implementation drives real hosts (engine-driver.ts); the tests' own plays a
 * recording as if it happened now.
 */
export interface LabDriver {
  /** do the machines of this virtual lab run already */
  isUp(loaded: LoadedTestbed): Promise<boolean>
  /** opens the connections of a testbed; they connect by themselves, nothing is changed there */
  connect(loaded: LoadedTestbed): DrivenLab
  /** brings a testbed to all green: its machines where they are virtual, its cluster, its connections */
  green(
    loaded: LoadedTestbed,
    options: { readonly onProgress: OnProgress; readonly signal: AbortSignal },
  ): Promise<GreenDriven>
  /** ends the machines of a virtual lab */
  down(loaded: LoadedTestbed): Promise<void>
}

/** Takes what was seen; returns the number under which it is kept. */
export interface Sink {
  append(event: Event, seen?: Seen): Line
  elapsed(): number
}

export interface DrivenLab {
  readonly hosts: ReadonlyMap<string, Transport>
  /** its outlets, by UNIT/OUTLET */
  readonly power: Power
  /** reaches every host, finds every LUN and link; reads only */
  check(signal: AbortSignal): Promise<readonly CheckItem[]>
  /** looks at keys, stack, links and panics until the signal fires; whatever fails is told as what it is */
  look(sink: Sink, signal: AbortSignal): void
  /** the cluster that runs now, where that is known */
  choice?(): StackChoice
  close(): Promise<void>
}

export interface GreenDriven extends DrivenLab {
  choice(): StackChoice
  restore(signal: AbortSignal): Promise<void>
  runRow(options: RowOptions): Promise<RowDone>
  /** prepares a fault that a person asked for; nothing is touched yet */
  prepare(
    options: {
      readonly id: string
      readonly fault: string
      readonly target: Readonly<Record<string, string>>
      readonly sink: Sink
    },
    signal: AbortSignal,
  ): Promise<Injected>
  /** nothing that was injected by hand is left */
  forget(): Promise<void>
}

export interface RowOptions {
  readonly scenario: Scenario
  /** the row after it, where one is known: its cluster is what the lab goes back to */
  readonly next: Scenario | undefined
  /** folder in which the run's own folder is made */
  readonly out: string
  readonly onProgress: OnProgress
  readonly onLine: (line: Line) => void
  readonly signal: AbortSignal
}

export interface RowDone {
  readonly directory: string
  readonly verdict: VerdictWord
  readonly seconds: number
  readonly restored: boolean
}

export interface Injected {
  readonly id: string
  apply(signal: AbortSignal): Promise<void>
  verify(signal: AbortSignal): Promise<boolean>
  revert(signal: AbortSignal): Promise<boolean>
}
