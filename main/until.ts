import { setTimeout as delay } from 'node:timers/promises'

export interface UntilOptions {
  readonly signal: AbortSignal
  /** how often to look, where nothing tells us */
  readonly everyMilliseconds: number
}

/** Waits for a condition that can only be looked at. Rejects with the signal's reason when it fires first. */
export async function until(condition: () => boolean | Promise<boolean>, options: UntilOptions): Promise<void> {
  for (;;) {
    options.signal.throwIfAborted()
    if (await condition()) return
    // the timer would reject with an AbortError of its own
    await delay(options.everyMilliseconds, undefined, { signal: options.signal }).catch((error: unknown) => {
      options.signal.throwIfAborted()
      throw error
    })
  }
}
