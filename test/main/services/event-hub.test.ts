import { expect, test } from 'vitest'
import { eventHub } from '../../../main/services/event-hub.ts'
import type { EventFrame } from '../../../preload/contract/wire.ts'

const publish = (hub: ReturnType<typeof eventHub>, version: number) => hub.publish('scene', { version })

test('who was away gets exactly what was missed', () => {
  const hub = eventHub()
  publish(hub, 1)
  const first = hub.subscribe({}, () => undefined)
  expect(first.welcome).toEqual({ engine: hub.engine, seq: 1, resumed: false })
  publish(hub, 2)
  publish(hub, 3)
  const seen: EventFrame[] = []
  const { welcome } = hub.subscribe({ engine: hub.engine, since: 1 }, (frame) => seen.push(frame))
  publish(hub, 4)
  expect([welcome.resumed, seen.map(({ seq }) => seq)]).toEqual([true, [2, 3, 4]])
})

test('who missed too many, or knew another life of the engine, asks for everything anew', () => {
  const hub = eventHub(3)
  for (let version = 1; version <= 10; version += 1) publish(hub, version)
  const resumed = (hello: Parameters<typeof hub.subscribe>[0]) => hub.subscribe(hello, () => undefined).welcome.resumed
  expect([
    resumed({ engine: hub.engine, since: 6 }),
    resumed({ engine: hub.engine, since: 7 }),
    resumed({ engine: hub.engine, since: 10 }),
    resumed({ engine: hub.engine, since: 11 }),
    resumed({ engine: 'another', since: 10 }),
  ]).toEqual([false, true, true, false, false])
})

test('after its end a subscription hears nothing, and leaves nothing behind', () => {
  const hub = eventHub()
  let heard = 0
  const { dispose } = hub.subscribe({}, () => (heard += 1))
  publish(hub, 1)
  dispose()
  publish(hub, 2)
  expect(heard).toBe(1)
})
