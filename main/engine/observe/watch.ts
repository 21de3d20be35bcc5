import { HostError } from '../../transport/host-error.ts'
import type { Transport } from '../../transport/transport.ts'
import type { LineStream } from '../../hosts/runner.ts'

export interface Watch {
  /** resolves when it has begun to see, for the first time */
  readonly ready: Promise<void>
  /** resolves when it is over; it never rejects: what went wrong was told to `onTrouble` */
  readonly done: Promise<void>
}

/**
 * Keeps a long-lived command going on a host: when the connection is lost, it is started anew as soon as the host is
 * there again. Anything else that ends it is trouble, which is told, not hidden.
 * @param start starts it; `again` is false the first time. Calls `seen` when it has begun to see.
 */
export function watch(
  transport: Transport,
  start: (again: boolean, seen: () => void) => Promise<LineStream>,
  onTrouble: (text: string) => void,
  signal: AbortSignal,
): Watch {
  let seen: () => void = () => undefined
  let never: (error: Error) => void = () => undefined
  const ready = new Promise<void>((resolve, reject) => {
    seen = resolve
    never = reject
  })
  // whoever waits for it hears of the failure; nobody has to
  ready.catch(() => undefined)
  const loop = async () => {
    for (let again = false; !signal.aborted; again = true) {
      let stream: LineStream | undefined
      const stop = () => stream?.stop()
      signal.addEventListener('abort', stop, { once: true })
      let reached = false
      try {
        await transport.connected(signal)
        reached = true
        stream = await start(again, seen)
        if (signal.aborted) stream.stop()
        await stream.done
        if (!signal.aborted) throw new Error('it ended by itself')
      } catch (error) {
        if (signal.aborted) break
        // `connected` waits through a lost connection by itself: what it rejects with is not worth another try
        if (reached && error instanceof HostError && error.code === 'gone') continue
        never(error as Error)
        onTrouble(error instanceof Error ? error.message : String(error))
        return
      } finally {
        signal.removeEventListener('abort', stop)
      }
    }
    never(new Error('stopped before it had begun'))
  }
  return { ready, done: loop() }
}
