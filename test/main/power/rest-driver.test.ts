import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { restDriver } from '../../../main/power/rest-driver.ts'
import { switchOutlet } from '../../../main/power/switch-outlet.ts'
import { errorOf, never } from './snmp-target.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
})

interface Reply {
  readonly status?: number
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** An HTTP server that answers as told, and remembers what it was asked. `undefined`: it never answers. */
async function unit(answer: (request: IncomingMessage, body: string) => Reply | undefined) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (piece: string) => (body += piece))
    request.on('end', () => {
      const { authorization = '-', 'content-type': type = '-' } = request.headers
      asked.push([request.method, request.url, authorization, type, body].join(' '))
      const reply = answer(request, body)
      if (reply) response.writeHead(reply.status ?? 200, reply.headers).end(reply.body)
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { asked, base: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const json = (base: string) => ({
  driver: 'rest' as const,
  tokenVariable: 'RELAY_TOKEN',
  on: { method: 'PUT' as const, url: `${base}/o/{outlet}`, body: '{"state": true}' },
  off: { method: 'POST' as const, url: `${base}/off`, body: 'outlet={outlet}' },
  status: { url: `${base}/o`, pointer: '/outlets/{outlet}/state', on: 'true', off: 'false' },
})

test('JSON and forms, a token, and a state by its pointer', async () => {
  const lamps: Record<string, boolean> = { '1': true, '1/7': false }
  const { asked, base } = await unit((request, body) => {
    if (request.method === 'PUT') lamps[decodeURIComponent(request.url?.slice(3) ?? '')] = true
    if (request.method === 'POST') lamps[new URLSearchParams(body).get('outlet') ?? ''] = false
    const outlets = Object.fromEntries(Object.entries(lamps).map(([name, state]) => [name, { state }]))
    return { body: JSON.stringify({ outlets }) }
  })
  const driver = restDriver('relay', json(base), { token: 'hush' })
  await switchOutlet(driver, '1/7', true, { signal: never, timeoutMs: 5000, everyMs: 10 })
  await switchOutlet(driver, '1', false, { signal: never, timeoutMs: 5000, everyMs: 10 })
  expect(lamps).toEqual({ '1': false, '1/7': true })
  expect(asked).toEqual([
    'PUT /o/1%2F7 Bearer hush application/json {"state": true}',
    'GET /o Bearer hush - ',
    'POST /off Bearer hush application/x-www-form-urlencoded outlet=1',
    'GET /o Bearer hush - ',
  ])
})

test.each([
  ['ON\n', 'on'],
  ['OFF', 'off'],
  ['not ON', 'unknown'],
  ['', 'unknown'],
])('plain text: %j is %s', async (body, state) => {
  const { base } = await unit(() => ({ body }))
  const status = { url: `${base}/{outlet}`, on: 'ON', off: 'OFF' }
  expect(await restDriver('relay', { ...json(base), status }, {}).state('1', never)).toBe(state)
})

describe('what goes wrong is said, the token is not', () => {
  test.each<[string, Reply, object]>([
    [
      'a refused token',
      { status: 401 },
      { code: 'refused', message: /answers 401; is the token in RELAY_TOKEN right\?$/ },
    ],
    [
      'an echo of the token',
      { status: 500, body: 'bad: hush' },
      { code: 'failed', message: /answers 500 and says: bad: •••$/ },
    ],
    ['no JSON', { body: '<html>' }, { code: 'failed', message: /the answer is no JSON$/ }],
    ['nothing at the pointer', { body: '{}' }, { code: 'failed', message: /has nothing at \/outlets\/1\/state$/ }],
    [
      'an endless answer',
      { body: ' '.repeat(300_000) },
      { code: 'no-answer', message: /longer than 262144 characters$/ },
    ],
  ])('%s', async (_, reply, { code, message }: { code?: string; message?: RegExp }) => {
    const { base } = await unit(() => reply)
    const error = await errorOf(restDriver('relay', json(base), { token: 'hush' }).state('1', never))
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(message ?? /never/)])
    expect(error.message).not.toContain('hush')
  })
  test('a redirect is not followed: the token stays here', async () => {
    const elsewhere = await unit(() => ({ body: '{"outlets": {"1": {"state": true}}}' }))
    const { base } = await unit(() => ({ status: 302, headers: { location: `${elsewhere.base}/o` } }))
    const error = await errorOf(restDriver('relay', json(base), { token: 'hush' }).state('1', never))
    expect(error).toMatchObject({ code: 'configuration', message: expect.stringContaining('not followed') })
    expect(elsewhere.asked).toEqual([])
  })
  test('silence', async () => {
    const { base } = await unit(() => undefined)
    const error = await errorOf(restDriver('relay', json(base), { answerMs: 100 }).set('1', true, never))
    expect([error.code, error.message]).toEqual(['no-answer', `relay: PUT ${base}/o/1: no answer within 0.1 s`])
  })
  test('nobody there', async () => {
    const { base } = await unit(() => undefined)
    servers.pop()?.close()
    await expect
      .poll(async () => (await errorOf(restDriver('relay', json(base), { answerMs: 1000 }).state('1', never))).message)
      .toBe(`relay: GET ${base}/o: ECONNREFUSED`)
  })
  test('abort', async () => {
    const { base } = await unit(() => undefined)
    const controller = new AbortController()
    const reason = new Error('enough')
    setTimeout(() => controller.abort(reason), 30)
    expect(await errorOf(restDriver('relay', json(base), {}).state('1', controller.signal))).toBe(reason)
  })
})
