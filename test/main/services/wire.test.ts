/** Interface and engine over a line: the contract as it is on the wire. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ContractError } from '../../../preload/contract/contract-error.ts'
import type { Services } from '../../../preload/contract/services.ts'
import type { Channel } from '../../../preload/contract/wire.ts'
import { HostError } from '../../../main/transport/host-error.ts'
import { UserError } from '../../../main/load-testbed.ts'
import { eventHub } from '../../../main/services/event-hub.ts'
import { serveChannel } from '../../../main/services/serve-channel.ts'
import { engineClient, type EngineClient } from '../../../renderer/rpc/engine-client.ts'
import { channelPair } from '../../fakes/channel-pair.ts'

let hub: ReturnType<typeof eventHub>
let reported: unknown[]
let services: Record<string, Record<string, (...words: never[]) => Promise<unknown>>>
let engineEnd: Channel
let client: EngineClient
let connections: number

beforeEach(() => {
  hub = eventHub()
  reported = []
  connections = 0
  services = {
    system: {
      about: async () => ({ version: '1', platform: 'x', node: '24', runs: '/r', missing: [] }),
      loadState: async () => ({}),
      saveState: async () => ({}),
    },
    control: { start: async () => ({}) },
    lab: {},
    runs: {},
  }
  client = engineClient({
    retry: 1,
    open: async () => {
      connections += 1
      const [ours, theirs] = channelPair()
      engineEnd = theirs
      serveChannel(theirs, { services: services as unknown as Services, hub, report: (error) => reported.push(error) })
      return ours
    },
  })
})
afterEach(() => client.close())

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error as ContractError,
  )
/** A message as somebody else would send it. */
async function raw(message: unknown): Promise<unknown> {
  const [ours, theirs] = channelPair()
  serveChannel(theirs, { services: services as unknown as Services, hub, report: (error) => reported.push(error) })
  return new Promise((resolve) => {
    ours.on((text) => resolve(JSON.parse(text)))
    ours.post(typeof message === 'string' ? message : JSON.stringify(message))
    setTimeout(() => resolve('no answer'), 50)
  })
}
const call = (service: unknown, method: unknown, input: unknown = {}) =>
  raw({ t: 'q', i: '1', m: 'call', a: [{ id: 'c1', service, method, input }] })

describe('calls', () => {
  test('bring their answer', async () => {
    expect(await client.system.about({})).toMatchObject({ version: '1' })
  })

  test('an error comes with its code, its words and its data, and no trace', async () => {
    services['lab'] = {
      start: async () => {
        throw new HostError('unreachable', 'nodea', 'nothing listens there')
      },
      stop: async () => {
        throw new UserError('line 3 is wrong')
      },
    }
    expect(await failure(client.lab.start({}))).toMatchObject({
      code: 'host',
      message: 'nodea: nothing listens there',
      data: { host: 'nodea', reason: 'unreachable' },
    })
    expect(await failure(client.lab.stop({}))).toMatchObject({ code: 'user', message: 'line 3 is wrong' })
  })

  test('a mistake of the program is told to whoever runs it, not to the view', async () => {
    const mistake = new TypeError("Cannot read properties of undefined (reading 'secret')")
    services['lab'] = { start: () => Promise.reject(mistake) }
    expect(await failure(client.lab.start({}))).toMatchObject({ code: 'internal' })
    expect(reported).toEqual([mistake])
  })

  test('can be stopped', async () => {
    const stopped = vi.fn()
    services['lab'] = {
      check: (_: unknown, { signal }: { signal: AbortSignal }) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => {
            stopped()
            reject(signal.reason as Error)
          }),
        ),
    } as unknown as (typeof services)[string]
    const controller = new AbortController()
    const asked = failure(client.lab.check({ file: '/x.yaml' }, { signal: controller.signal }))
    await vi.waitFor(() => expect(client.state()).toBe('connected'))
    await new Promise((resolve) => setTimeout(resolve, 5))
    controller.abort()
    expect(await asked).toMatchObject({ code: 'stopped' })
    expect(stopped).toHaveBeenCalledOnce()
  })

  test('tell how far they are', async () => {
    services['lab'] = {
      check: async (_: unknown, { progress }: { progress: (said: unknown) => void }) => {
        progress({ text: 'half', fraction: 0.5 })
        return { ok: true, items: [] }
      },
    } as unknown as (typeof services)[string]
    const said: unknown[] = []
    await client.lab.check({ file: '/x.yaml' }, { onProgress: (progress) => said.push(progress) })
    expect(said).toEqual([{ text: 'half', fraction: 0.5 }])
  })
})

describe('what is refused', () => {
  test.each([
    ['an unknown service', 'files', 'read'],
    ['an unknown method', 'lab', 'format'],
    ['a member of every object', 'lab', 'constructor'],
    ['a service that is a member of every object', '__proto__', 'toString'],
    ['a service that is inherited', 'hasOwnProperty', 'call'],
  ])('%s', async (_, service, method) => {
    expect(await call(service, method)).toMatchObject({ r: { ok: false, error: { code: 'unknown-method' } } })
  })

  test.each([
    ['an input of another shape', 'control', 'start', { rows: 'all' }],
    ['too much of it', 'control', 'start', { rows: Array.from({ length: 5000 }, () => 'x'), repeat: 1 }],
    ['a number that is none', 'control', 'start', { rows: ['x'], repeat: 'many' }],
    ['a name with a line break', 'control', 'start', { rows: ['x\ny'], repeat: 1 }],
    ['no input', 'control', 'start', null],
    ['the name of a run that leads out', 'runs', 'open', { run: 'runs/../../etc' }],
  ])('%s', async (_, service, method, input) => {
    expect(await call(service, method, input)).toMatchObject({ r: { ok: false, error: { code: 'invalid-request' } } })
  })

  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', '$close', 'event'])(
    'the function %s of the wire',
    async (name) => {
      const answer = await raw({ t: 'q', i: '1', m: name, a: [] })
      expect(JSON.stringify(answer)).not.toMatch(/"r":/)
    },
  )

  test('what is no message at all, without an end of the program', async () => {
    const answers = [await raw('not json'), await raw('[]'), await raw('{"t":"q"}')]
    expect(answers.filter((answer) => answer !== 'no answer' && JSON.stringify(answer).includes('"ok":true'))).toEqual(
      [],
    )
    expect(await client.system.about({})).toMatchObject({ version: '1' })
  })

  test('a request that is none', async () => {
    expect(await raw({ t: 'q', i: '1', m: 'call', a: [{ id: 'x', service: 1 }] })).toMatchObject({
      r: { ok: false, error: { code: 'invalid-request' } },
    })
  })
})

describe('a line that breaks', () => {
  test('is made again, and the events of meanwhile come', async () => {
    await client.system.about({})
    const seen: number[] = []
    client.on('scene', ({ version }) => seen.push(version))
    const anew = vi.fn()
    client.onAnew(anew)
    hub.publish('scene', { version: 1 })
    await vi.waitFor(() => expect(seen).toEqual([1]))
    engineEnd.close()
    hub.publish('scene', { version: 2 })
    hub.publish('scene', { version: 3 })
    await vi.waitFor(() => expect(seen).toEqual([1, 2, 3]))
    expect([connections, anew.mock.calls.length]).toEqual([2, 0])
  })

  test('to another life of the engine means that everything is asked anew', async () => {
    await client.system.about({})
    const anew = vi.fn()
    client.onAnew(anew)
    hub = eventHub()
    engineEnd.close()
    await vi.waitFor(() => expect(anew).toHaveBeenCalledOnce())
  })

  test('ends what was under way: nobody waits for ever', async () => {
    services['lab'] = { start: () => new Promise(() => undefined) }
    const asked = failure(client.lab.start({}))
    await vi.waitFor(() => expect(client.state()).toBe('connected'))
    await new Promise((resolve) => setTimeout(resolve, 5))
    engineEnd.close()
    expect(await asked).toMatchObject({ code: 'disconnected' })
  })

  test('cancels at the engine what the view asked for', async () => {
    const stopped = vi.fn()
    services['lab'] = {
      check: (_: unknown, { signal }: { signal: AbortSignal }) =>
        new Promise(() => signal.addEventListener('abort', stopped)),
    } as unknown as (typeof services)[string]
    void failure(client.lab.check({ file: '/x.yaml' }))
    await vi.waitFor(() => expect(client.state()).toBe('connected'))
    await new Promise((resolve) => setTimeout(resolve, 5))
    engineEnd.close()
    await vi.waitFor(() => expect(stopped).toHaveBeenCalledOnce())
  })
})
