import type { Line, RunStarted } from '../../labs/journal/event.ts'
import { isPanicSeen } from '../../labs/journal/panic-seen.ts'
import { rolesAt } from '../../labs/journal/roles.ts'
import type { Scenario } from '../../labs/scenarios/scenario.ts'
import { panicWitnesses } from '../../labs/testbed/parts.ts'
import type { Recorder } from '../recorder/recorder.ts'
import type { Injection } from './inject/inject.ts'
import type { Lab } from '../lab/lab.ts'
import type { Outstanding } from './inject/outstanding.ts'

/** A run that is under way: what every step of it works with. */
export interface Going {
  readonly lab: Lab
  readonly scenario: Scenario
  readonly started: RunStarted
  readonly recorder: Recorder
  /** everything that was recorded so far; grows by itself */
  readonly lines: readonly Line[]
  readonly outstanding: Outstanding
  /** what is injected at present */
  readonly injections: Injection[]
  /** records how far the log of a node's stack has been read; absent where none is followed */
  readonly catchUp?: (node: string, signal: AbortSignal) => Promise<void>
  /** says what the lab is at */
  progress(text: string): void
}

/** Who has which role now. */
export const rolesOfRun = ({ started, lines }: Pick<Going, 'started' | 'lines'>) => rolesAt(started, lines)

/** Did all of its witnesses see it panic, since the lab last started it anew? */
export function hasPanicked({ lab, lines }: Pick<Going, 'lab' | 'lines'>, node: string): boolean {
  const own = lab.testbed.hosts[node]?.node
  return own !== undefined && isPanicSeen(lines, node, panicWitnesses(own))
}
