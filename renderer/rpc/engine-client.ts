import { createBirpc, type BirpcReturn } from 'birpc'
import * as v from 'valibot'
import { ContractError } from '../../preload/contract/contract-error.ts'
import type { CallOptions, Method } from '../../preload/contract/method.ts'
import { services as contract, type Clients } from '../../preload/contract/services.ts'
import { topics, type Topic, type TopicData } from '../../preload/contract/topics.ts'
import {
  eventFrameSchema,
  outputFrameSchema,
  progressFrameSchema,
  resultSchema,
  welcomeSchema,
  type Channel,
  type EngineEnd,
  type InterfaceEnd,
  type OutputFrame,
} from '../../preload/contract/wire.ts'
import { readFrameToInterface, type FrameToInterface } from '../../preload/contract/frame.ts'
import type { progressSchema } from '../../preload/contract/method.ts'
import { NoConnection } from './no-connection.ts'

export type ConnectionState = 'connecting' | 'connected' | 'lost' | 'refused'

export interface EngineClient extends Clients {
  state(): ConnectionState
  onState(listener: (state: ConnectionState, reason: string) => void): () => void
  /** Calls `listener` with what the engine tells on a topic. Returns its disposer. */
  on<T extends Topic>(topic: T, listener: (data: TopicData<T>) => void): () => void
  /** Calls `listener` when events were missed for good (and once after the first connection): ask for everything anew. */
  onAnew(listener: () => void): () => void
  onOutput(listener: (frame: OutputFrame) => void): () => void
  /** tells the engine how much of a terminal's output was taken in */
  taken(terminal: string, upTo: number): void
  close(): void
}

export interface EngineClientOptions {
  /** opens a channel; called again after each loss */
  readonly open: () => Promise<Channel>
  /** milliseconds before the first try after a loss; doubles up to two seconds */
  readonly retry?: number
}

const longestRetry = 2000
type Remote = BirpcReturn<EngineEnd, InterfaceEnd>

/**
 * The interface's end of the contract. It connects by itself, again after every loss, and then asks for the events that
 * it missed. Calls that are under way when the connection is lost are rejected: whether they took effect is not known.
 */
export function engineClient({ open, retry = 100 }: EngineClientOptions): EngineClient {
  const stateListeners = new Set<(state: ConnectionState, reason: string) => void>()
  const anewListeners = new Set<() => void>()
  const outputListeners = new Set<(frame: OutputFrame) => void>()
  const topicListeners = new Map<string, Set<(data: never) => void>>()
  const progress = new Map<string, (said: v.InferOutput<typeof progressSchema>) => void>()
  const pending = new Set<(error: ContractError) => void>()
  let state: ConnectionState = 'connecting'
  let remote: Remote | undefined
  let channel: Channel | undefined
  const waiting: (() => void)[] = []
  let closed = false
  let engine: string | undefined
  let seq = 0
  let next = 1

  const set = (now: ConnectionState, reason: string) => {
    state = now
    for (const listener of [...stateListeners]) listener(now, reason)
  }

  const end: InterfaceEnd = {
    event(frame) {
      const { seq: number, topic, data } = v.parse(eventFrameSchema, frame)
      if (number <= seq) return
      seq = number
      const schema = Object.hasOwn(topics, topic) ? topics[topic as Topic] : undefined
      if (!schema) return
      const value = v.parse(schema as v.GenericSchema, data)
      for (const listener of [...(topicListeners.get(topic) ?? [])]) listener(value as never)
    },
    progress(frame) {
      const { id, progress: said } = v.parse(progressFrameSchema, frame)
      progress.get(id)?.(said)
    },
    output(frame) {
      const read = v.parse(outputFrameSchema, frame)
      for (const listener of [...outputListeners]) listener(read)
    },
  }

  async function connect(): Promise<void> {
    const made = await open()
    if (closed) return made.close()
    channel = made
    const rpc = createBirpc<EngineEnd, InterfaceEnd>(end, {
      post: (text: string) => made.post(text),
      on: (listener: (frame: FrameToInterface) => unknown) => {
        made.on((text) => {
          const frame = readFrameToInterface(text)
          if (frame) return void Promise.resolve(listener(frame)).catch(console.error)
          // connected again, it asks for the events since: nothing is missed by it
          console.error(new Error(`the engine sent something that is not a message: ${text.slice(0, 200)}`))
          made.close()
        })
      },
      serialize: JSON.stringify,
      // read and checked above
      deserialize: (frame: FrameToInterface) => frame,
      timeout: -1,
      onFunctionError: (error) => {
        console.error(error)
        return false
      },
    })
    const lost = new Promise<string>((resolve) => made.onClose(resolve))
    const welcome = v.parse(
      welcomeSchema,
      await Promise.race([
        rpc.hello({ ...(engine !== undefined && { engine, since: seq }) }),
        lost.then(() => Promise.reject(new NoConnection('lost'))),
      ]),
    )
    engine = welcome.engine
    if (!welcome.resumed) seq = welcome.seq
    remote = rpc
    set('connected', '')
    for (const go of waiting.splice(0)) go()
    if (!welcome.resumed) for (const listener of [...anewListeners]) listener()
    const reason = await lost
    remote = undefined
    rpc.$close()
    const error = new ContractError('disconnected', `${reason}; whether this took effect is not known`)
    for (const fail of [...pending]) fail(error)
    throw new NoConnection(reason)
  }

  async function stay(): Promise<void> {
    let pause = retry
    while (!closed) {
      try {
        await connect()
      } catch (error) {
        if (closed) return
        if (!(error instanceof NoConnection)) console.error(error)
        const was = state
        if (error instanceof NoConnection && error.refused) {
          set('refused', error.message)
          return
        }
        if (was === 'connected') pause = retry
        set('lost', error instanceof Error ? error.message : String(error))
      }
      await new Promise((resolve) => setTimeout(resolve, pause))
      pause = Math.min(pause * 2, longestRetry)
    }
  }

  async function call(
    service: string,
    name: string,
    method: Method,
    input: unknown,
    { signal, onProgress }: CallOptions = {},
  ): Promise<unknown> {
    signal?.throwIfAborted()
    if (!remote && state === 'connecting') await new Promise<void>((resolve) => waiting.push(resolve))
    const rpc = remote
    if (!rpc)
      throw new ContractError(
        'disconnected',
        'there is no connection to the engine at the moment; it is being made again',
      )
    const id = `c${next++}`
    if (onProgress) progress.set(id, onProgress)
    const onAbort = () => void rpc.cancel.asEvent({ id })
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      const answer = await new Promise<unknown>((resolve, reject) => {
        pending.add(reject)
        rpc
          .call({ id, service, method: name, input })
          .then(resolve, reject)
          .finally(() => pending.delete(reject))
      })
      const result = v.parse(resultSchema, answer)
      if (!result.ok) throw ContractError.from(result.error as Parameters<typeof ContractError.from>[0])
      return v.parse(method.output as v.GenericSchema, result.value)
    } finally {
      progress.delete(id)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  const clients = Object.fromEntries(
    Object.entries(contract).map(([service, methods]) => [
      service,
      Object.fromEntries(
        Object.entries(methods as Readonly<Record<string, Method>>).map(([name, method]) => [
          name,
          (input: unknown, options?: CallOptions) => call(service, name, method, input, options),
        ]),
      ),
    ]),
  ) as unknown as Clients

  void stay()
  const subscribe = <L>(set: Set<L>, listener: L) => {
    set.add(listener)
    return () => void set.delete(listener)
  }
  return {
    ...clients,
    state: () => state,
    onState: (listener) => subscribe(stateListeners, listener),
    on(topic, listener) {
      const set = topicListeners.get(topic) ?? new Set()
      topicListeners.set(topic, set)
      return subscribe(set, listener as (data: never) => void)
    },
    onAnew: (listener) => subscribe(anewListeners, listener),
    onOutput: (listener) => subscribe(outputListeners, listener),
    taken: (terminal, upTo) => void remote?.taken.asEvent({ terminal, upTo }),
    close() {
      closed = true
      channel?.close()
    },
  }
}
