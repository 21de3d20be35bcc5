/**
 * Runs something with a caller's signal and a time limit in one. When the time is up, the work's signal fires and the
 * promise rejects with `late()`; when the caller's fires, with its reason. It rejects at once, also where the work does
 * not listen. (Not AbortSignal.any: that one stays tied to a long-lived signal.)
 */
export async function within<T>(
  milliseconds: number,
  signal: AbortSignal,
  late: () => Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  const controller = new AbortController()
  const onAbort = () => controller.abort(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  const timer = setTimeout(() => controller.abort(late()), milliseconds)
  try {
    return await new Promise<T>((resolve, reject) => {
      controller.signal.addEventListener('abort', () => reject(controller.signal.reason as Error), { once: true })
      work(controller.signal).then(resolve, reject)
    })
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}
