/** How the contract between the interface and the engine is written down: schemas, from which the types come. */
import * as v from 'valibot'

export type Schema = v.GenericSchema<never, unknown> | v.GenericSchema

/** A question that the interface may ask: what goes in, what comes out. Both are JSON and are checked on arrival. */
export interface Method<In extends Schema = Schema, Out extends Schema = Schema> {
  readonly input: In
  readonly output: Out
}

/** The methods of a service by their names. */
export type ServiceContract = Readonly<Record<string, Method>>

type Frozen<T> = T extends (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T
/** The values of a schema, as those who only read them see them. */
export type Of<S extends Schema> = Frozen<v.InferOutput<S>>

export type Input<M> = M extends Method<infer In> ? Of<In> : never
export type Output<M> = M extends Method<Schema, infer Out> ? Of<Out> : never

/** What a call knows besides its input. */
export interface CallContext {
  /** fires when whoever asked no longer wants the answer, or is gone */
  readonly signal: AbortSignal
  /** tells how far it is */
  progress(progress: Progress): void
}

/** A service as the engine implements it. Rejects with ContractError. */
export type Service<C extends ServiceContract> = {
  readonly [Name in keyof C]: (input: Input<C[Name]>, context: CallContext) => Promise<Output<C[Name]>>
}

/** What may be said along with a call. */
export interface CallOptions {
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: Progress) => void
}

/** A service as the interface sees it. Rejects with ContractError. */
export type Client<C extends ServiceContract> = {
  readonly [Name in keyof C]: (input: Input<C[Name]>, options?: CallOptions) => Promise<Output<C[Name]>>
}

export function method<const In extends Schema, const Out extends Schema>(input: In, output: Out): Method<In, Out> {
  return { input, output }
}

/** How long work tells what it is doing. */
export const progressSchema = v.object({
  text: v.string(),
  /** 0 to 1, where that is known */
  fraction: v.exactOptional(v.number()),
  secondsLeft: v.exactOptional(v.number()),
})
export type Progress = Of<typeof progressSchema>

export const nothing = v.object({})
export const text = v.string()
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
export const moment = v.pipe(v.number(), v.finite())
/** a name that a person gave to something: one line, not endless */
export const label = v.pipe(v.string(), v.minLength(1), v.maxLength(500), v.regex(/^[^\p{Cc}]*$/u, 'one line of text'))
/** a path on the engine's computer */
export const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096), v.regex(/^[^\0]*$/, 'a path'))

/**
 * A value whose type belongs to labs/: it was made by the engine out of the same code, so its outer shape is looked at
 * and not every leaf again.
 */
export function fromLabs<T>(...fields: readonly (keyof T & string)[]) {
  return v.custom<T>(
    (value) => typeof value === 'object' && value !== null && fields.every((field) => field in value),
    `an object with ${fields.join(', ')}`,
  )
}
