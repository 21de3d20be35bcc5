import { createBirpc } from 'birpc'
import * as v from 'valibot'
import { ContractError } from '../../preload/contract/contract-error.ts'
import type { Progress } from '../../preload/contract/method.ts'
import type { Services } from '../../preload/contract/services.ts'
import {
  cancelSchema,
  engineMethods,
  helloSchema,
  requestSchema,
  takenSchema,
  type Channel,
  type EngineEnd,
  type InterfaceEnd,
  type OutputFrame,
} from '../../preload/contract/wire.ts'
import { callService } from './call-service.ts'
import type { EventHub } from './event-hub.ts'

/** Where the output of terminals comes from, for one view. */
export interface TerminalFeed {
  /** Hands output of all terminals to `listener`; each view acknowledges for itself. Returns what it is told, and its end. */
  connect(listener: (frame: OutputFrame) => void): { taken(terminal: string, upTo: number): void; dispose(): void }
}

export interface ServeOptions {
  readonly services: Services
  readonly hub: EventHub
  readonly terminals?: TerminalFeed
  /** mistakes of the program, with their traces */
  readonly report: (error: unknown) => void
}

/**
 * Serves one view over a channel. Its calls are cancelled when it is gone; whatever the engine does goes on without it.
 * Returns what ends it.
 */
export function serveChannel(channel: Channel, { services, hub, terminals, report }: ServeOptions): () => void {
  const going = new Map<string, AbortController>()
  const disposers: (() => void)[] = []
  let ended = false

  const end: EngineEnd = {
    async hello(hello) {
      const { welcome, dispose } = hub.subscribe(
        v.parse(helloSchema, hello),
        (frame) => void remote.event.asEvent(frame),
      )
      disposers.push(dispose)
      return welcome
    },
    async call(request) {
      const read = v.safeParse(requestSchema, request)
      if (!read.success) return { ok: false, error: new ContractError('invalid-request', 'not a request').toData() }
      const { id } = read.output
      if (going.has(id))
        return { ok: false, error: new ContractError('invalid-request', `call ${id} goes on already`).toData() }
      const controller = new AbortController()
      going.set(id, controller)
      const progress = (said: Progress) => {
        if (!ended && going.has(id)) void remote.progress.asEvent({ id, progress: said })
      }
      try {
        return await callService(services, read.output, { signal: controller.signal, progress }, report)
      } finally {
        going.delete(id)
      }
    },
    cancel(which) {
      const read = v.safeParse(cancelSchema, which)
      if (read.success) going.get(read.output.id)?.abort()
    },
    taken(what) {
      const read = v.safeParse(takenSchema, what)
      if (read.success) feed?.taken(read.output.terminal, read.output.upTo)
    },
  }
  const remote = createBirpc<InterfaceEnd, EngineEnd>(end, {
    post: (text: string) => channel.post(text),
    on: (listener) => void disposers.push(channel.on(listener)),
    serialize: JSON.stringify,
    deserialize: (text: string) => JSON.parse(text) as unknown,
    // the default would follow the prototype chain, and call whatever is asked for there
    resolver: (name, resolved) => ((engineMethods as readonly string[]).includes(name) ? resolved : undefined),
    timeout: -1,
    onGeneralError: (error) => {
      // a message that is no JSON is the sender's mistake, and none of ours
      if (!(error instanceof SyntaxError) && !ended) report(error)
      return true
    },
    onFunctionError: (error) => {
      if (!(error instanceof v.ValiError)) report(error)
      return false
    },
  })
  const feed = terminals?.connect((frame) => void remote.output.asEvent(frame))

  const stop = () => {
    if (ended) return
    ended = true
    for (const dispose of disposers) dispose()
    feed?.dispose()
    for (const controller of going.values()) controller.abort()
    remote.$close()
  }
  disposers.push(channel.onClose(stop))
  return () => {
    stop()
    channel.close()
  }
}
