/** The thread that reads recordings: answers what main/replay/reader-client.ts asks. */
import { parentPort } from 'node:worker_threads'
import { createReader, type Reader } from './reader.ts'

/** What another thread may ask. */
export type Asking = Exclude<keyof Reader, 'held'>

/** Errors cross between threads as data: an Error loses its code on the way. */
export interface Asked {
  readonly id: number
  readonly method: Asking
  readonly words: readonly unknown[]
}
export interface Answered {
  readonly id: number
  readonly value?: unknown
  /** journals that this thread holds, read to the end */
  readonly held: readonly string[]
  readonly error?: { readonly name: string; readonly message: string; readonly code?: string; readonly stack?: string }
}

const port = parentPort
if (!port) throw new Error('this is a thread of fencelab, not a program')
const reader = createReader()

port.on('message', ({ id, method, words }: Asked) => {
  const call = reader[method] as (...words: readonly unknown[]) => Promise<unknown>
  call(...words).then(
    (value) => port.postMessage({ id, value, held: reader.held() } satisfies Answered),
    (error: unknown) => {
      const { name, message, code, stack }: NodeJS.ErrnoException =
        error instanceof Error ? error : new Error(String(error))
      port.postMessage({
        id,
        held: reader.held(),
        error: { name, message, ...(code !== undefined && { code }), ...(stack !== undefined && { stack }) },
      } satisfies Answered)
    },
  )
})
