import type { PowerState } from '../../labs/power/models.ts'
import type { PowerDriver } from './power-driver.ts'
import { PowerError } from './power-error.ts'

/** Puts a question to a person. True: yes, done. The signal fires when the answer is no longer wanted. */
export type Ask = (question: string, signal: AbortSignal) => Promise<boolean>

/**
 * A person at the switch. What an outlet is stays unknown until the person has said that it is done; it is unknown again
 * while they are asked, and in the next process.
 */
export function manualDriver(unit: string, instructions: string | undefined, ask: Ask): PowerDriver {
  const confirmed = new Map<string, PowerState>()
  return {
    unit,
    async state(outlet, signal) {
      signal.throwIfAborted()
      return confirmed.get(outlet) ?? 'unknown'
    },
    async set(outlet, on, signal) {
      signal.throwIfAborted()
      confirmed.delete(outlet)
      const way = on ? 'ON' : 'OFF'
      const where = instructions === undefined ? '' : ` (${instructions})`
      const done = await orAborted(
        ask(`Switch outlet ${outlet} of ${unit} ${way}${where}. Is it ${way} now, by its own lamp?`, signal),
        signal,
      )
      if (!done)
        throw new PowerError('refused', unit, `outlet ${outlet} was not confirmed to be ${way}; it counts as unknown`)
      confirmed.set(outlet, on ? 'on' : 'off')
    },
  }
}

/** A person may never answer. */
function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
