import { randomUUID } from 'node:crypto'
import type { Topic, TopicData } from '../../preload/contract/topics.ts'
import type { EventFrame, Hello, Welcome } from '../../preload/contract/wire.ts'

export type FrameListener = (frame: EventFrame) => void

/** Numbers events and keeps the last ones, so that a view that was away asks for what it missed. */
export interface EventHub {
  /** of this life of the engine; a view that knew another one has to ask for everything anew */
  readonly engine: string
  publish<T extends Topic>(topic: T, data: TopicData<T>): void
  /**
   * Hands the events since `hello.since` to `listener`, where they are all still there, and every later one. Returns
   * what the view is to be told, and the disposer.
   */
  subscribe(hello: Hello, listener: FrameListener): { readonly welcome: Welcome; readonly dispose: () => void }
}

export function eventHub(kept = 2000): EventHub {
  const engine = randomUUID()
  const listeners = new Set<FrameListener>()
  const frames: EventFrame[] = []
  let seq = 0
  return {
    engine,
    publish(topic, data) {
      seq += 1
      const frame: EventFrame = { seq, topic, data }
      frames.push(frame)
      if (frames.length > kept) frames.splice(0, frames.length - kept)
      for (const listener of [...listeners]) listener(frame)
    },
    subscribe({ engine: known, since }, listener) {
      const oldest = frames[0]?.seq ?? seq + 1
      const resumed = known === engine && since !== undefined && since <= seq && since >= oldest - 1
      const own: FrameListener = (frame) => listener(frame)
      listeners.add(own)
      if (resumed) for (const frame of frames) if (frame.seq > since) listener(frame)
      return { welcome: { engine, seq, resumed }, dispose: () => void listeners.delete(own) }
    },
  }
}
