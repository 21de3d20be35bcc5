import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Reader } from './reader.ts'
import type { Answered, Asking } from './reader-thread.ts'

/** A thread that reads recordings, and calls that end in it. It is started when it is first asked, and anew where it broke. */
export function readerWorker() {
  let worker: Worker | undefined
  let next = 1
  let held: readonly string[] = []
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()

  function start(): Worker {
    const own = new Worker(threadFile())
    own.on('message', ({ id, value, held: now, error }: Answered) => {
      const asked = waiting.get(id)
      waiting.delete(id)
      held = now
      if (!error) return asked?.resolve(value)
      const { message, ...rest } = error
      asked?.reject(Object.assign(new Error(message), rest))
    })
    const over = (reason: string) => {
      if (worker === own) worker = undefined
      held = []
      for (const { reject } of waiting.values()) reject(new Error(`the reader of recordings ended: ${reason}`))
      waiting.clear()
    }
    own.on('error', (error) => over(error.message))
    own.on('exit', (code) => over(`exit ${code}`))
    own.unref()
    return own
  }
  const ask = (method: string, words: readonly unknown[]) =>
    new Promise((resolve, reject) => {
      const id = next++
      waiting.set(id, { resolve, reject })
      worker ??= start()
      // while somebody waits for an answer, the program does not end
      worker.ref()
      worker.postMessage({ id, method, words })
    }).finally(() => {
      if (waiting.size === 0) worker?.unref()
    })
  const methods: Readonly<Record<Asking, true>> = {
    summaries: true,
    open: true,
    skim: true,
    refresh: true,
    window: true,
    scene: true,
    lines: true,
    line: true,
    facts: true,
    near: true,
    attachment: true,
    judge: true,
    check: true,
    report: true,
    statistics: true,
  }
  return {
    call: Object.fromEntries(
      Object.keys(methods).map((name) => [name, (...words: unknown[]) => ask(name, words)]),
    ) as unknown as Reader,
    /** the journals that the thread held when it answered last, read to the end */
    held: () => held,
    async close() {
      const own = worker
      worker = undefined
      await own?.terminate()
    },
  }
}

/** In a checkout the sources run as they are; in a build all entries lie side by side. */
function threadFile(): string {
  const inCheckout = fileURLToPath(new URL('./reader-thread.ts', import.meta.url))
  return existsSync(inCheckout) ? inCheckout : fileURLToPath(new URL('./reader-thread.mjs', import.meta.url))
}
