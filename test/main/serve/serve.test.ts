/** The served interface as somebody else on this computer, or a page in its browser, would try it. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { serveWeb, socketPath, type Served } from '../../../main/serve/serve.ts'
import { createEngine, type Engine } from '../../../main/services/engine.ts'
import { playingDriver } from '../../fakes/playing-driver.ts'

let home: string
let engine: Engine
let web: Served
const reported: unknown[] = []
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'fencelab-serve-'))
  const files = join(home, 'files')
  mkdirSync(join(files, 'assets'), { recursive: true })
  writeFileSync(join(files, 'index.html'), '<!doctype html><title>x</title>')
  writeFileSync(join(files, 'assets', 'a.js'), 'export {}')
  writeFileSync(join(home, 'secret.js'), 'secret')
  symlinkSync(join(home, 'secret.js'), join(files, 'assets', 'folder.js'))
  engine = createEngine({ driver: playingDriver({ lines: [] }), stateFile: join(home, 'interface.json') })
  web = await serveWeb({ engine, files, report: (error) => reported.push(error) })
})
afterAll(async () => {
  await web.close()
  await engine.close()
  rmSync(home, { recursive: true, force: true })
})

function get(
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<{ status: number; headers: Record<string, unknown>; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port: web.port, path, method, headers: { host: `127.0.0.1:${web.port}`, ...headers } },
      (response) => {
        let text = ''
        response.on('data', (piece: Buffer) => (text += piece.toString()))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
      },
    )
    asked.on('error', reject)
    asked.end()
  })
}
const own = () => `http://127.0.0.1:${web.port}`
/** Resolves with how a connection ended, or with the first message. */
function knock(
  first: string | undefined,
  { origin = own(), path = socketPath, host }: { origin?: string | null; path?: string; host?: string } = {},
): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${web.port}${path}`, {
      headers: { ...(origin !== null && { origin }), ...(host !== undefined && { host }) },
    })
    socket.on('open', () => first !== undefined && socket.send(first))
    socket.on('message', (data) => {
      resolve(String(data as Buffer))
      socket.close()
    })
    socket.on('close', (code) => resolve(`closed ${code}`))
    socket.on('error', (error) => resolve(error.message))
  })
}

describe('files', () => {
  test('come with a policy that lets nothing else in', async () => {
    const { status, headers, text } = await get('/')
    expect([status, text]).toEqual([200, '<!doctype html><title>x</title>'])
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'") as string,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    expect(headers).not.toHaveProperty('access-control-allow-origin')
  })
  test('are those of the interface alone', async () => {
    const status = async (path: string) => (await get(path)).status
    expect(
      await Promise.all(
        [
          '/assets/a.js',
          '/../secret.js',
          '/assets/../../secret.js',
          '/%2e%2e/secret.js',
          '/nothing.js',
          '/assets',
          '/assets/',
        ].map(status),
      ),
    ).toEqual([200, 404, 404, 404, 404, 404, 404])
  })
  test('are not for a name that was bent to this computer, and only to be read', async () => {
    expect([(await get('/', { host: 'evil.example' })).status, (await get('/', {}, 'POST')).status]).toEqual([403, 405])
  })
})

describe('the socket', () => {
  const good = () => JSON.stringify({ token: web.token })

  test('lets in who knows the token', async () => expect(await knock(good())).toBe('{"admitted":true}'))
  test.each([
    ['a wrong token', JSON.stringify({ token: 'x'.repeat(32) })],
    ['no token', '{}'],
    ['a token and more', '{"token":"x","more":1}'],
    ['a call without a token', JSON.stringify({ t: 'q', i: '1', m: 'call', a: [] })],
    ['what is no JSON', 'hello'],
  ])('not with %s', async (_, first) => expect(await knock(first)).toBe('closed 4401'))

  test('not from another page, by another name, or at another path', async () => {
    expect(
      await Promise.all([
        knock(good(), { origin: 'https://evil.example' }),
        knock(good(), { origin: null }),
        knock(good(), { host: 'evil.example' }),
        knock(good(), { path: '/other' }),
      ]),
    ).toEqual(Array.from({ length: 4 }, () => 'Unexpected server response: 403'))
  })

  test('a message that is too long ends the connection, and nothing else', async () => {
    const end = await new Promise<number>((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${web.port}${socketPath}`, { headers: { origin: own() } })
      socket.on('open', () => socket.send(good()))
      socket.once('message', () => socket.send('x'.repeat(5 * 1024 * 1024)))
      socket.on('error', () => undefined)
      socket.on('close', (code) => resolve(code))
    })
    expect([end, await knock(good())]).toEqual([1009, '{"admitted":true}'])
  })

  test('strangers do not pile up', async () => {
    const waiting = Array.from(
      { length: 8 },
      () => new WebSocket(`ws://127.0.0.1:${web.port}${socketPath}`, { headers: { origin: own() } }),
    )
    await Promise.all(waiting.map((socket) => new Promise((resolve) => socket.once('open', resolve))))
    expect(await knock(good())).toBe('Unexpected server response: 403')
    for (const socket of waiting) socket.close()
    await Promise.all(waiting.map((socket) => new Promise((resolve) => socket.once('close', resolve))))
    expect(await knock(good())).toBe('{"admitted":true}')
  })
})

test('nothing of this can be reached from another computer', async () => {
  const others = Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address),
  )
  const reached = await Promise.all(
    [...others, '127.0.0.2'].map(
      (host) =>
        new Promise<boolean>((resolve) => {
          const socket = connect({ host, port: web.port })
          socket.once('connect', () => (socket.destroy(), resolve(true)))
          socket.once('error', () => resolve(false))
        }),
    ),
  )
  expect(reached.every((one) => !one)).toBe(true)
})

test('no two starts share a port or a token', async () => {
  const other = await serveWeb({ engine, files: home, report: () => undefined })
  expect([other.port === web.port, other.token === web.token, web.token.length >= 32]).toEqual([false, false, true])
  await other.close()
})

test('none of it was a mistake of the program', () => expect(reported).toEqual([]))
