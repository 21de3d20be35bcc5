/**
 * The cheap way to the daemon: files in memory. Starting a Node process to ask over the socket costs seconds on an emulated
 * node and takes them from the cluster; a shell that reads or writes a small file costs next to nothing.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { requestSchema, type Answer, type Request } from './control-socket.ts'

/** how old its status file gets at the most, milliseconds */
const statusEvery = 500

export interface FileControlOptions {
  /** a file that is rewritten again and again: how fresh it is tells whether the daemon lives */
  readonly status?: { readonly file: string; now(): object }
  /** NAME.request is taken away and answered in NAME.answer */
  readonly requests: string
  /** how often it looks for requests, milliseconds */
  readonly lookEvery?: number
  handle(request: Request): Promise<Answer>
  onTrouble(error: unknown): void
}

/** @returns ends it */
export function serveFiles({ status, requests, lookEvery = 100, handle, onTrouble }: FileControlOptions): () => void {
  /** trouble with a file of the lab's is told; it must not end a node of the cluster */
  const guarded = <T>(action: () => T): T | undefined => {
    try {
      return action()
    } catch (error) {
      onTrouble(error)
      return undefined
    }
  }
  mkdirSync(requests, { recursive: true, mode: 0o700 })
  const write = (file: string, value: object) => {
    writeFileSync(`${file}.new`, `${JSON.stringify(value)}\n`)
    renameSync(`${file}.new`, file)
  }
  const answer = async (name: string) => {
    const file = join(requests, name)
    const text = readFileSync(file, 'utf8')
    unlinkSync(file)
    write(file.replace(/\.request$/, '.answer'), await answerTo(text, handle))
  }
  const looking = setInterval(() => {
    for (const name of guarded(() => readdirSync(requests)) ?? []) {
      if (name.endsWith('.request')) answer(name).catch(onTrouble)
    }
  }, lookEvery)
  const telling = status && setInterval(() => guarded(() => write(status.file, status.now())), statusEvery)
  return () => {
    clearInterval(looking)
    clearInterval(telling)
  }
}

async function answerTo(text: string, handle: (request: Request) => Promise<Answer>): Promise<Answer> {
  try {
    const read = v.safeParse(requestSchema, JSON.parse(text))
    if (!read.success) return { ok: false, error: `not a request of this agent: ${text}` }
    return await handle(read.output)
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) }
  }
}
