import { setTimeout as delay } from 'node:timers/promises'
import type { PowerState } from '../../labs/power/models.ts'
import type { PowerDriver } from './power-driver.ts'
import { PowerError, type PowerErrorCode } from './power-error.ts'
import { within } from './within.ts'

export interface SwitchOptions {
  readonly signal: AbortSignal
  /** from the command to the state; the relays of a PDU take about a second */
  readonly timeoutMs: number
  /** between two looks */
  readonly everyMs?: number
  /** every state the unit said, in the order it said them; `unreadable` where a look failed, with why */
  onState?(state: PowerState | 'unreadable', reason?: Error): void
}

/** A look that failed so may go well the next time. */
const passing: readonly PowerErrorCode[] = ['no-answer', 'failed']

/**
 * Switches an outlet and looks until the unit itself says that it is so. A command that the unit accepted proves
 * nothing, and neither does silence.
 *
 * @throws {PowerError} `not-switched` when the time is up, saying what the unit said last; else what the driver says.
 *   The signal's reason when that fires: then what became of the outlet is not known
 */
export async function switchOutlet(
  driver: PowerDriver,
  outlet: string,
  on: boolean,
  { signal, timeoutMs, everyMs = 500, onState }: SwitchOptions,
): Promise<void> {
  const wanted: PowerState = on ? 'on' : 'off'
  let told = false
  let last: PowerState | undefined
  let unreadable: Error | undefined
  const late = () => {
    const task = `outlet ${outlet} was ${told ? '' : 'to be '}told to go ${wanted}`
    const said = last === undefined ? 'never said what it is' : `last said that it is ${last}`
    const silence = unreadable === undefined ? '' : `; since then: ${unreadable.message}`
    const message = `${task}, and within ${timeoutMs / 1000} s ${told ? `the unit ${said}${silence}` : 'the unit did not take the command'}`
    return new PowerError(
      'not-switched',
      driver.unit,
      `${message}. The outlet counts as unknown: look at the unit`,
      unreadable === undefined ? {} : { cause: unreadable },
    )
  }
  await within(timeoutMs, signal, late, async (limited) => {
    await driver.set(outlet, on, limited)
    told = true
    for (;;) {
      try {
        last = await driver.state(outlet, limited)
        unreadable = undefined
        onState?.(last)
        if (last === wanted) return
      } catch (error) {
        if (!(error instanceof PowerError) || !passing.includes(error.code)) throw error
        unreadable = error
        onState?.('unreadable', error)
      }
      await delay(everyMs, undefined, { signal: limited })
    }
  })
}
