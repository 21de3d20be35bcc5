/** The messages of birpc as they may come over the wire. Nothing else reaches it: it trusts whatever it is handed. */
import * as v from 'valibot'
import { engineMethods, interfaceMethods } from './wire.ts'

const callId = v.pipe(v.string(), v.minLength(1), v.maxLength(64))

/** A call of one of these functions. All of them take one argument, and none is optional. */
const queryOf = <const Names extends readonly string[]>(names: Names) =>
  v.strictObject({
    t: v.literal('q'),
    m: v.picklist(names),
    a: v.strictTuple([v.unknown()]),
    /** absent where no answer is wanted */
    i: v.exactOptional(callId),
  })

const answerSchema = v.strictObject({
  t: v.literal('s'),
  i: callId,
  r: v.exactOptional(v.unknown()),
  e: v.exactOptional(v.unknown()),
})

const toEngine = queryOf(engineMethods)
const toInterface = v.union([queryOf(interfaceMethods), answerSchema])

export type FrameToEngine = v.InferOutput<typeof toEngine>
export type FrameToInterface = v.InferOutput<typeof toInterface>

/** What a view sent, or undefined where it is not a call of one of the engine's functions. */
export const readFrameToEngine = (text: string): FrameToEngine | undefined => read(toEngine, text)

/** What the engine sent, or undefined where it is neither an answer nor a call of one of the interface's functions. */
export const readFrameToInterface = (text: string): FrameToInterface | undefined => read(toInterface, text)

function read<S extends v.GenericSchema>(schema: S, text: string): v.InferOutput<S> | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // whatever it was that could not be parsed (or was nested too deep for it): it is not a frame
    return undefined
  }
  const found = v.safeParse(schema, value)
  return found.success ? found.output : undefined
}
