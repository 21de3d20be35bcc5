/** The daemon's unix socket: one JSON request, one JSON answer, each a line. */
import { chmodSync, existsSync, unlinkSync } from 'node:fs'
import { createConnection, createServer } from 'node:net'
import type { Socket } from 'node:net'
import * as v from 'valibot'

export const requestSchema = v.union([
  v.strictObject({ do: v.picklist(['status', 'join', 'leave', 'force-stop', 'crash']) }),
  v.strictObject({ ledger: v.literal('start'), run: v.pipe(v.string(), v.minLength(1), v.maxLength(200)) }),
  v.strictObject({ ledger: v.literal('stop') }),
  /** the ledger of that run, read from the data disk; not before the host has been up for so many seconds */
  v.strictObject({
    scan: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
    notBefore: v.optional(v.pipe(v.number(), v.finite(), v.minValue(0))),
  }),
  v.strictObject({ mute: v.string() }),
  v.strictObject({ unmute: v.string() }),
])
export type Request = v.InferOutput<typeof requestSchema>
export type Answer = { readonly ok: boolean; readonly error?: string } & Readonly<Record<string, unknown>>

const MAXIMUM_REQUEST = 64 * 1024

/**
 * Listens. A socket file left by an earlier daemon is replaced.
 * @returns closes the server
 */
export async function serveControl(
  path: string,
  handle: (request: Request) => Promise<Answer>,
): Promise<() => Promise<void>> {
  if (existsSync(path)) unlinkSync(path)
  const server = createServer((socket) => {
    onFirstLine(socket, (line) => {
      void answerTo(line, handle).then((answer) => socket.end(`${JSON.stringify(answer)}\n`))
    })
    // The caller went away before its answer: nobody to tell.
    socket.on('error', () => socket.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve()
    })
  })
  chmodSync(path, 0o600)
  return () => new Promise((resolve) => server.close(() => resolve()))
}

async function answerTo(line: string, handle: (request: Request) => Promise<Answer>): Promise<Answer> {
  try {
    const read = v.safeParse(requestSchema, JSON.parse(line))
    if (!read.success) return { ok: false, error: `not a request of this agent: ${line}` }
    return await handle(read.output)
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) }
  }
}

/** Sends one request. @throws Error if the daemon is not there or does not answer in `limit` milliseconds */
export function askControl(path: string, request: string, limit: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path, () => socket.write(`${request.replaceAll('\n', ' ')}\n`))
    socket.setTimeout(limit, () => socket.destroy(new Error(`${path}: no answer within ${limit} ms`)))
    socket.on('error', reject)
    socket.on('close', () => reject(new Error(`${path}: closed without an answer`)))
    onFirstLine(socket, (line) => {
      resolve(JSON.parse(line) as Answer)
      socket.end()
    })
  })
}

function onFirstLine(socket: Socket, take: (line: string) => void): void {
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    const before = text
    text += chunk
    if (text.length > MAXIMUM_REQUEST) socket.destroy()
    const end = text.indexOf('\n')
    if (end >= 0 && !before.includes('\n')) take(text.slice(0, end))
  })
}
