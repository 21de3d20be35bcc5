import { createServer, type Server, type Socket } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { connectWhenReady, Qmp, type QmpEvent } from '../../../main/hypervisor/qmp.ts'
import { until } from '../../../main/until.ts'

const greeting =
  '{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": ""}, "capabilities": ["oob"]}}\r\n'
const never = new AbortController().signal
let directory: string
let path: string
let server: Server
let sockets: Set<Socket>
let heard: Record<string, unknown>[]
let answer: (request: Record<string, unknown>, socket: Socket) => void
let greets: string

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'fencelab-qmp-'))
  path = join(directory, 'monitor')
  sockets = new Set()
  heard = []
  greets = greeting
  answer = ({ id }, socket) => socket.write(`{"return": {}, "id": ${String(id)}}\r\n`)
  server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    if (greets !== '') socket.write(greets)
    let rest = ''
    socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const request = JSON.parse(line) as Record<string, unknown>
        heard.push(request)
        answer(request, socket)
      }
    })
  })
})
afterEach(() => {
  for (const socket of sockets) socket.destroy()
  server.close()
  rmSync(directory, { recursive: true, force: true })
})
const listen = () => new Promise<void>((resolve) => server.listen(path, resolve))
const say = (text: string) => sockets.forEach((socket) => socket.write(text))

test('negotiates, then every answer finds its own question, in whatever order and pieces they come', async () => {
  await listen()
  const qmp = await Qmp.connect(path, never)
  expect(heard.map(({ execute }) => execute)).toEqual(['qmp_capabilities'])
  answer = () => undefined
  const asked = Promise.allSettled([
    qmp.execute('query-status'),
    qmp.execute('stop', { force: true }),
    qmp.human('info snapshots'),
  ])
  await until(() => heard.length === 4, { signal: never, everyMilliseconds: 5 })
  expect(heard[2]).toMatchObject({ execute: 'stop', arguments: { force: true } })
  const [one, two, three] = heard.slice(1).map(({ id }) => String(id))
  const events: QmpEvent[] = []
  qmp.onEvent((event) => events.push(event))
  const text = `{"return": "é three", "id": ${three}}\r\n{"event": "STOP", "timestamp": {"seconds": 1, "microseconds": 2}}\r\n{"return": 1, "id": ${one}}\r\n{"error": {"class": "GenericError", "desc": "no way"}, "id": ${two}}\r\n`
  const bytes = Buffer.from(text)
  // cut in the middle of a character, too
  const cut = bytes.indexOf(0xa9)
  for (const piece of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
    for (const socket of sockets) socket.write(piece)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(await asked).toMatchObject([
    { value: 1 },
    { reason: { message: 'QEMU refused: no way' } },
    { value: 'é three' },
  ])
  expect(events).toEqual([{ event: 'STOP', timestamp: { seconds: 1, microseconds: 2 } }])
})

test('a listener that was disposed of hears nothing', async () => {
  await listen()
  const qmp = await Qmp.connect(path, never)
  const heardOne: string[] = []
  const dispose = qmp.onEvent(({ event }) => heardOne.push(`first ${event}`))
  qmp.onEvent(({ event }) => heardOne.push(`second ${event}`))
  dispose()
  say('{"event": "RESET", "timestamp": {"seconds": 1, "microseconds": 2}}\r\n')
  await until(() => heardOne.length > 0, { signal: never, everyMilliseconds: 5 })
  expect(heardOne).toEqual(['second RESET'])
})

test('a connection that closes ends every question, and later ones', async () => {
  await listen()
  const qmp = await Qmp.connect(path, never)
  answer = (_, socket) => socket.destroy()
  await expect(qmp.execute('quit')).rejects.toThrow('the QEMU monitor closed the connection')
  await expect(qmp.execute('query-status')).rejects.toThrow('the QEMU monitor is not connected')
})

test('what answers and is no QEMU is said, and ends nothing else', async () => {
  await listen()
  const qmp = await Qmp.connect(path, never)
  answer = (_, socket) => socket.write('220 ready\r\n')
  await expect(qmp.execute('query-status')).rejects.toThrow('what answers is no QEMU monitor: 220 ready')
})

test('a monitor that does not greet: the wait ends with the signal, also where it had fired before', async () => {
  greets = ''
  await listen()
  const stop = new AbortController()
  const connecting = Qmp.connect(path, stop.signal)
  await until(() => sockets.size === 1, { signal: never, everyMilliseconds: 5 })
  stop.abort()
  await expect(connecting).rejects.toThrow('no greeting from the QEMU monitor')
  await expect(Qmp.connect(path, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped')
})

test('a machine that is starting: waits for the socket, gives up when the process ends', async () => {
  const connecting = connectWhenReady(path, () => true, never)
  await listen()
  const qmp = await connecting
  expect(qmp).toBeInstanceOf(Qmp)
  expect(await connectWhenReady(join(directory, 'nothing'), () => false, never)).toBeUndefined()
  const reason = new Error('time is up')
  await expect(connectWhenReady(join(directory, 'nothing'), () => true, AbortSignal.abort(reason))).rejects.toBe(reason)
})
