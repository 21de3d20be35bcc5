/** So many at a time; the others wait their turn. */
export interface Slots {
  /** Resolves with what gives the slot back (once, however often it is called). */
  take(signal?: AbortSignal): Promise<() => void>
  /** Rejects everybody who waits, and whoever comes later. */
  fail(error: Error): void
}

export function slots(count: number): Slots {
  const waiting: { enter(): void; refuse(error: unknown): void }[] = []
  let free = count
  let failed: Error | undefined
  const give = () => {
    let given = false
    return () => {
      if (given) return
      given = true
      free += 1
      waiting.shift()?.enter()
    }
  }
  return {
    async take(signal) {
      if (failed) throw failed
      signal?.throwIfAborted()
      if (free > 0) {
        free -= 1
        return give()
      }
      return new Promise((resolve, reject) => {
        const onAbort = () => {
          waiting.splice(waiting.indexOf(waiter), 1)
          reject(signal?.reason)
        }
        const waiter = {
          enter() {
            signal?.removeEventListener('abort', onAbort)
            free -= 1
            resolve(give())
          },
          refuse(error: unknown) {
            signal?.removeEventListener('abort', onAbort)
            reject(error)
          },
        }
        waiting.push(waiter)
        signal?.addEventListener('abort', onAbort, { once: true })
      })
    },
    fail(error) {
      failed = error
      for (const waiter of waiting.splice(0)) waiter.refuse(error)
    },
  }
}
