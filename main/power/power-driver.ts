import type { PowerState } from '../../labs/power/models.ts'

/**
 * One power unit. The two functions say what the unit says and tell it what to do; whether it did it is for
 * `switchOutlet` to find out. They hold nothing open between calls.
 */
export interface PowerDriver {
  /** the unit's name in the testbed */
  readonly unit: string
  /**
   * Asks the unit about an outlet. Never guesses: `unknown` where the unit says so.
   * @throws {PowerError} it could not be asked; the signal's reason when that fires
   */
  state(outlet: string, signal: AbortSignal): Promise<PowerState>
  /**
   * Tells the unit. Resolves when the unit has accepted the command, which does not mean that it did it.
   * @throws {PowerError} it did not accept, or what became of the command is not known; the signal's reason when that fires
   */
  set(outlet: string, on: boolean, signal: AbortSignal): Promise<void>
}
