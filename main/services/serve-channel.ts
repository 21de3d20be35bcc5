import { createBirpc } from 'birpc'
import * as v from 'valibot'
import { ContractError } from '../../preload/contract/contract-error.ts'
import type { Progress } from '../../preload/contract/method.ts'
import type { Services } from '../../preload/contract/services.ts'
import {
  cancelSchema,
  helloSchema,
  requestSchema,
  takenSchema,
  type Channel,
  type EngineEnd,
  type InterfaceEnd,
  type OutputFrame,
} from '../../preload/contract/wire.ts'
import { readFrameToEngine, type FrameToEngine } from '../../preload/contract/frame.ts'
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
 * A message that is not a frame of the contract closes the channel: our own window never sends one. Returns what ends it.
 */
export function serveChannel(channel: Channel, { services, hub, terminals, report }: ServeOptions): () => void {
  const going = new Map<string, AbortController>()
  const disposers: (() => void)[] = []
  let unsubscribe: (() => void) | undefined
  let ended = false

  /** A view may go away while something is being sent to it: that is no mistake, and must not become an unhandled rejection. */
  const send = (sent: Promise<unknown>) =>
    void sent.catch((error: unknown) => {
      if (!ended) report(error)
    })

  const end: EngineEnd = {
    async hello(hello) {
      const read = v.parse(helloSchema, hello)
      // a view that says hello twice means the second one, and is told everything once
      unsubscribe?.()
      const { welcome, dispose } = hub.subscribe(read, (frame) => send(remote.event.asEvent(frame)))
      unsubscribe = dispose
      if (ended) dispose()
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
        if (!ended && going.has(id)) send(remote.progress.asEvent({ id, progress: said }))
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
    on: (listener: (frame: FrameToEngine) => unknown) => {
      const hear = (text: string) => {
        if (ended) return
        const frame = readFrameToEngine(text)
        if (frame) send(Promise.resolve(listener(frame)))
        else close()
      }
      disposers.push(channel.on(hear))
    },
    serialize: JSON.stringify,
    // read and checked above
    deserialize: (frame: FrameToEngine) => frame,
    timeout: -1,
    onGeneralError: (error) => {
      if (!ended) report(error)
      return true
    },
    onFunctionError: (error) => {
      if (!(error instanceof v.ValiError)) report(error)
      return false
    },
  })
  const feed = terminals?.connect((frame) => send(remote.output.asEvent(frame)))

  function stop(): void {
    if (ended) return
    ended = true
    unsubscribe?.()
    for (const dispose of disposers) dispose()
    feed?.dispose()
    for (const controller of going.values()) controller.abort()
    remote.$close()
  }
  function close(): void {
    stop()
    channel.close()
  }
  disposers.push(channel.onClose(stop))
  return close
}
