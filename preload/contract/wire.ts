/** The frames between interface and engine. The same JSON text on both transports. */
import * as v from 'valibot'
import { errorSchema } from './contract-error.ts'
import { progressSchema, type Of } from './method.ts'

/** Larger messages than this are refused: no request is that long, and a testbed file may be at most half of it. */
export const mostBytes = 4 * 1024 * 1024

const id = v.pipe(v.string(), v.maxLength(64))

export const requestSchema = v.strictObject({
  id,
  service: v.pipe(v.string(), v.maxLength(64)),
  method: v.pipe(v.string(), v.maxLength(64)),
  input: v.unknown(),
})
export type Request = Of<typeof requestSchema>

export const cancelSchema = v.strictObject({ id })

/** What a client that comes back says: which life of the engine it knew, and the last event of it that it has. */
export const helloSchema = v.strictObject({
  engine: v.exactOptional(v.pipe(v.string(), v.maxLength(64))),
  since: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
})
export const welcomeSchema = v.object({
  engine: v.string(),
  seq: v.number(),
  /** true: the events since then are coming; false: too many were missed, everything is to be asked anew */
  resumed: v.boolean(),
})
export type Hello = Of<typeof helloSchema>
export type Welcome = Of<typeof welcomeSchema>

export const resultSchema = v.union([
  v.object({ ok: v.literal(true), value: v.unknown() }),
  v.object({ ok: v.literal(false), error: errorSchema }),
])
export type Result = Of<typeof resultSchema>

/** Numbered, so that nobody who was away for a while misses one without noticing. */
export const eventFrameSchema = v.object({ seq: v.number(), topic: v.string(), data: v.unknown() })
export type EventFrame = Of<typeof eventFrameSchema>

export const progressFrameSchema = v.object({ id: v.string(), progress: progressSchema })

/** Output of a terminal: `from` counts the characters since it was opened. */
export const outputFrameSchema = v.object({ terminal: v.string(), from: v.number(), text: v.string() })
export type OutputFrame = Of<typeof outputFrameSchema>

/** What a client reports of a terminal: it has taken in everything up to here. */
export const takenSchema = v.strictObject({
  terminal: v.pipe(v.string(), v.maxLength(64)),
  upTo: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
})

/** The functions of the engine's end and of the interface's end of the wire. */
export interface EngineEnd {
  hello(hello: Hello): Promise<Welcome>
  call(request: Request): Promise<Result>
  cancel(which: { readonly id: string }): void
  taken(what: { readonly terminal: string; readonly upTo: number }): void
}
export interface InterfaceEnd {
  event(frame: EventFrame): void
  progress(frame: { readonly id: string; readonly progress: unknown }): void
  output(frame: OutputFrame): void
}
export const engineMethods = ['hello', 'call', 'cancel', 'taken'] as const
export const interfaceMethods = ['event', 'progress', 'output'] as const

/** A two-way line of text messages: a WebSocket, or a MessagePort. */
export interface Channel {
  post(text: string): void
  /** Calls `listener` with every message from now on. Returns its disposer. */
  on(listener: (text: string) => void): () => void
  /** Calls `listener` once, when the line is closed by either side. Returns its disposer. */
  onClose(listener: (reason: string) => void): () => void
  close(): void
}
