/**
 * Makes an attempt, and one more whenever nothing was heard for so long: a packet that was sent to a host while it booted
 * is sent again late and later, a new one is answered at once when the host is there. The first that is greeted is the only
 * one that goes on; the first that fails by itself ends all of them.
 *
 * @param attempt `greeted` is to be called when the host has said its first word; its signal fires when it is given up
 * @param everyMs milliseconds without a word after which the next one begins
 * @param discard what came too late
 * @throws what the attempt threw
 */
export function soonest<T>(
  attempt: (signal: AbortSignal, greeted: () => void) => Promise<T>,
  everyMs: number,
  discard: (late: T) => void,
  signal: AbortSignal,
): Promise<T> {
  const open = new Set<AbortController>()
  return new Promise((resolve, reject) => {
    const only = (one?: AbortController) => {
      clearInterval(timer)
      for (const other of open) if (other !== one) other.abort(signal.reason)
    }
    const begin = () => {
      const own = new AbortController()
      open.add(own)
      attempt(own.signal, () => only(own)).then(
        (got) => {
          open.delete(own)
          if (own.signal.aborted) return discard(got)
          only()
          resolve(got)
        },
        (error: unknown) => {
          open.delete(own)
          // given up for another one, which tells how it ends
          if (own.signal.aborted && !signal.aborted) return
          only()
          reject(error instanceof Error ? error : new Error(String(error)))
        },
      )
    }
    const timer = setInterval(begin, everyMs)
    begin()
    if (signal.aborted) only()
    else signal.addEventListener('abort', () => only(), { once: true })
  })
}
