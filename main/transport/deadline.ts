import { HostError } from './host-error.ts'

export interface Deadline {
  /** fires with the reason of the caller's signal, or with a HostError `timeout` after the time */
  readonly signal: AbortSignal
  dispose(): void
}

/**
 * A caller's signal and a time limit in one. Not AbortSignal.any: that one stays tied to a long-lived signal for as long
 * as it lives, and a run makes thousands of these.
 *
 * @param message what the HostError says when the time is up
 */
export function deadline(
  host: string,
  milliseconds: number,
  caller: AbortSignal | undefined,
  message: () => string,
): Deadline {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(new HostError('timeout', host, message())), milliseconds)
  const onAbort = () => controller.abort(caller?.reason)
  if (caller?.aborted) onAbort()
  else caller?.addEventListener('abort', onAbort, { once: true })
  return {
    signal: controller.signal,
    dispose() {
      clearTimeout(timer)
      caller?.removeEventListener('abort', onAbort)
    },
  }
}
