/** Whatever an admitted client sends is answered, or closes that client: never the engine, and nobody else's connection. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as fc from 'fast-check'
import { WebSocket } from 'ws'
import { engineMethods } from '../../../preload/contract/wire.ts'
import { services as contract } from '../../../preload/contract/services.ts'
import { serveWeb, socketPath, type Served } from '../../../main/serve/serve.ts'
import { Collections } from '../../../main/services/collections.ts'
import { createEngine, type Engine } from '../../../main/services/engine.ts'
import { playingDriver } from '../../fakes/playing-driver.ts'

let home: string
let engine: Engine
let web: Served
const reported: unknown[] = []
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'fencelab-fuzz-'))
  engine = createEngine({
    driver: playingDriver({ lines: [] }),
    collections: new Collections(join(home, 'runs'), join(home, 'samples')),
    testbeds: { builtIn: join(home, 'a'), own: join(home, 'b'), known: join(home, 'known.json'), home },
    stateFile: join(home, 'interface.json'),
    casts: join(home, 'casts'),
  })
  web = await serveWeb({ engine, files: home, report: (error) => reported.push(error) })
})
afterAll(async () => {
  await web.close()
  await engine.close()
  rmSync(home, { recursive: true, force: true })
})

type Message = string | Uint8Array

async function admitted(): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${web.port}${socketPath}`, {
    headers: { origin: `http://127.0.0.1:${web.port}` },
  })
  socket.on('error', () => undefined)
  await new Promise((resolve) => socket.once('open', resolve))
  socket.send(JSON.stringify({ token: web.token }))
  await new Promise((resolve) => socket.once('message', resolve))
  return socket
}
const about = JSON.stringify({
  t: 'q',
  i: 'the good one',
  m: 'call',
  a: [{ id: 'good', service: 'system', method: 'about', input: {} }],
})
/** Sends what is given and then a good call, all on one connection. */
async function outcome(messages: readonly Message[]): Promise<'answered' | 'closed'> {
  const socket = await admitted()
  try {
    return await new Promise((resolve) => {
      socket.on('close', () => resolve('closed'))
      socket.on('message', (data: Buffer) => {
        const said = JSON.parse(data.toString()) as { readonly i?: string; readonly r?: { readonly ok?: boolean } }
        if (said.i === 'the good one' && said.r?.ok === true) resolve('answered')
      })
      for (const message of messages) socket.send(message)
      socket.send(about)
    })
  } finally {
    socket.terminate()
  }
}
/** the engine still answers somebody else */
const lives = async () => expect(await outcome([])).toBe('answered')

const closing: readonly (readonly [string, Message])[] = [
  ['null', 'null'],
  ['a number', '7'],
  ['a text', '"q"'],
  ['an array', '[]'],
  ['an array of frames', `[${about}]`],
  ['nothing', ''],
  ['what is no JSON', '{"t":'],
  ['an object as the function', '{"t":"q","m":{"toString":1},"a":[],"i":"1"}'],
  ['an array as the function', '{"t":"q","m":["call"],"a":[{}],"i":"1"}'],
  ['a function of every object', '{"t":"q","m":"constructor","a":[{}],"i":"1"}'],
  ['a function that is inherited', '{"t":"q","m":"__proto__","a":[{}],"i":"1"}'],
  ['no arguments', '{"t":"q","m":"call","i":"1"}'],
  ['arguments that are none', '{"t":"q","m":"call","a":{"length":1e9},"i":"1"}'],
  ['arguments without end', `{"t":"q","m":"call","a":[${'0,'.repeat(200_000)}0],"i":"1"}`],
  ['an optional call', '{"t":"q","m":"call","a":[{}],"i":"1","o":true}'],
  ['an object as the number of the call', '{"t":"q","m":"call","a":[{}],"i":{"toString":null}}'],
  ['an answer to nothing', '{"t":"s","i":"1","r":{"then":1}}'],
  ['a frame of no kind', '{"m":"call","a":[{}]}'],
  ['brackets nested without end', '['.repeat(1_000_000)],
  ['bytes', new Uint8Array([0, 255, 123, 125])],
  ['too much', ' '.repeat(5 * 1024 * 1024)],
]

describe('closes who sends', () => {
  test.each(closing)('%s', async (_, message) => {
    expect(await outcome([message])).toBe('closed')
    await lives()
  })
})

test('a deep input of a call is answered', async () => {
  const deep = '{"a":'.repeat(20_000) + '0' + '}'.repeat(20_000)
  const call = `{"t":"q","i":"1","m":"call","a":[{"id":"x","service":"system","method":"saveState","input":${deep}}]}`
  expect(await outcome([call])).toBe('answered')
  await lives()
})

test('who says hello again and again, and leaves in the middle of it', async () => {
  for (let round = 0; round < 5; round += 1) {
    const socket = await admitted()
    for (let again = 0; again < 50; again += 1) socket.send('{"t":"q","i":"1","m":"hello","a":[{}]}')
    if (round % 2 === 0) socket.terminate()
    engine.hub.publish('scene', { version: round })
    socket.terminate()
  }
  engine.hub.publish('scene', { version: 9 })
  await lives()
})

test('a handshake that fails does not count as a stranger for ever', async () => {
  const { connect } = await import('node:net')
  for (let index = 0; index < 12; index += 1) {
    await new Promise<void>((resolve) => {
      const socket = connect(web.port, '127.0.0.1', () =>
        socket.write(
          `GET ${socketPath} HTTP/1.1\r\nHost: 127.0.0.1:${web.port}\r\nOrigin: http://127.0.0.1:${web.port}\r\n` +
            'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n\r\n',
        ),
      )
      socket.on('data', () => socket.destroy())
      socket.on('error', () => undefined)
      socket.on('close', () => resolve())
    })
  }
  await lives()
})

/** Frames that look right in some of their parts: that is where a reader of them trusts too early. */
const names = [
  ...engineMethods,
  ...Object.keys(contract),
  ...Object.values(contract).flatMap((methods) => Object.keys(methods)),
  'constructor',
  '__proto__',
  'toString',
  '$close',
]
// `start`, `stop` and the like would do something: a made-up lab has nothing to lose by it
const named = fc.oneof(fc.constantFrom(...names), fc.string(), fc.jsonValue())
const argument = fc.oneof(
  fc.jsonValue(),
  fc.record(
    { id: named, service: named, method: named, input: fc.oneof(fc.jsonValue(), fc.constant({})) },
    { requiredKeys: [] },
  ),
  fc.record({ engine: named, since: fc.oneof(fc.integer(), fc.jsonValue()) }, { requiredKeys: [] }),
  fc.record({ terminal: named, upTo: fc.oneof(fc.double(), fc.jsonValue()) }, { requiredKeys: [] }),
)
const frame = fc
  .record(
    {
      t: fc.oneof({ weight: 4, arbitrary: fc.constantFrom('q', 's') }, { weight: 1, arbitrary: fc.jsonValue() }),
      m: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...engineMethods) }, { weight: 1, arbitrary: named }),
      a: fc.oneof({ weight: 4, arbitrary: fc.tuple(argument) }, { weight: 1, arbitrary: fc.jsonValue() }),
      i: fc.oneof(fc.string(), fc.jsonValue()),
      o: fc.jsonValue(),
      r: fc.jsonValue(),
      e: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  .map((value) => JSON.stringify(value))
const message: fc.Arbitrary<Message> = fc.oneof(
  { weight: 6, arbitrary: frame },
  { weight: 2, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string() },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 1 }) },
)

test('any messages at all', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 6 }), async (messages) => {
      expect(['answered', 'closed']).toContain(await outcome(messages))
    }),
    { numRuns: 150 },
  )
  await lives()
}, 60_000)

test('none of it was a mistake of the program', () => expect(reported).toEqual([]))
