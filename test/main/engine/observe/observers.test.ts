import { appendFileSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import type { Line, LineOf } from '../../../../labs/journal/event.ts'
import { ofType } from '../../../../labs/journal/run.ts'
import {
  askableArrays,
  watchArray,
  watchClock,
  watchConnection,
  watchConsole,
  watchKeys,
  watchPanicEvents,
  watchStackLog,
  type Observation,
} from '../../../../main/engine/observe/observers.ts'
import { Recorder } from '../../../../main/recorder/recorder.ts'
import { until } from '../../../../main/until.ts'
import { inState } from '../../../fakes/hosts.ts'
import { type FakeLab, fakeLab } from '../fake-lab.ts'

let here: FakeLab
let lines: Line[]
let o: Observation & { readonly recorder: Recorder }
let stop: AbortController
beforeEach(async () => {
  here = await fakeLab()
  lines = []
  stop = new AbortController()
  const recorder = new Recorder({ directory: here.path('here', 'recording'), now: () => performance.now() })
  recorder.onLine((line) => lines.push(line))
  o = { lab: here.lab, recorder, run: 'run-1', signal: stop.signal }
})
afterEach(async () => {
  stop.abort()
  await here.close()
})
const soon = (condition: () => boolean) =>
  until(condition, { signal: AbortSignal.timeout(15_000), everyMilliseconds: 10 })
const texts = () => lines.flatMap((line) => (line.type === 'stack.log' || line.type === 'console' ? [line.text] : []))
const log = '/run/fencelab/agent.log'
const entry = (text: string) => `${JSON.stringify({ t: 1.5, boot: 'boot-1', kind: 'log', code: 'x', text })}\n`
const append = (host: 'nodea', text: string) => appendFileSync(here.path(host, log), text)
const cutOff = async (host: 'nodea') => {
  await here.servers[host].refuse(true)
  here.servers[host].drop()
  await inState(here.lab.host(host), 'gone')
}

test("the stack's log is followed from now on, and after a lost connection from where it was", async () => {
  here.put('nodea', log, entry('before the run') + entry('also before'))
  await watchStackLog(o, 'nodea').ready
  append('nodea', entry('one') + entry('two'))
  await soon(() => texts().length === 2)
  await cutOff('nodea')
  append('nodea', entry('three') + entry('four').slice(0, 20))
  await here.servers.nodea.refuse(false)
  await soon(() => texts().length === 3)
  append('nodea', entry('four').slice(20) + entry('five'))
  await soon(() => texts().length === 5)
  expect(texts()).toEqual(['one', 'two', 'three', 'four', 'five'])
  expect(ofType(lines, 'stack.log')[0]).toMatchObject({ host: 'nodea', hostAt: 1.5, code: 'x', text: 'one' })
})

const followed = () =>
  ofType(lines, 'follow').map(({ step, line, told }) => [step, line, told].filter((one) => one !== undefined).join(' '))

test('how far a log was followed is recorded, and that it was not while the connection was lost', async () => {
  here.put('nodea', log, entry('before the run'))
  const watching = watchStackLog(o, 'nodea')
  await watching.ready
  append('nodea', entry('one') + entry('two'))
  await watching.catchUp(stop.signal)
  await cutOff('nodea')
  append('nodea', entry('three'))
  await here.servers.nodea.refuse(false)
  await soon(() => texts().length === 3)
  await watching.catchUp(stop.signal)
  expect(followed()).toEqual(['began 2', 'reached 3 2', 'ended', 'began 4', 'reached 4 3'])
  expect(ofType(lines, 'follow')[0]).toMatchObject({ host: 'nodea', what: 'stack.log' })
  // whatever stood in the log by then is in the recording before it
  expect(texts()).toEqual(['one', 'two', 'three'])
})

test('a log that cannot be asked for its length is not said to have been read to its end', async () => {
  here.put('nodea', 'run/fencelab/other', '')
  const watching = watchStackLog(o, 'nodea')
  await watching.ready
  await watching.catchUp(stop.signal)
  expect(followed()).toEqual(['began 1'])
  expect(ofType(lines, 'note').map(({ text }) => text)).toEqual([
    expect.stringMatching(/^the stack's log on nodea was not read to its end: /),
  ])
})

test('a line that was half written when the connection was lost comes once, and whole', async () => {
  here.put('nodea', log, '')
  await watchStackLog(o, 'nodea').ready
  append('nodea', entry('one') + entry('two').slice(0, 25))
  await soon(() => texts().length === 1)
  await cutOff('nodea')
  append('nodea', entry('two').slice(25) + entry('three'))
  await here.servers.nodea.refuse(false)
  await soon(() => texts().length === 3)
  expect(texts()).toEqual(['one', 'two', 'three'])
})

test('a log that is not there yet is followed from its beginning', async () => {
  here.put('nodea', 'run/fencelab/other', '')
  await watchStackLog(o, 'nodea').ready
  here.put('nodea', log, entry('first'))
  await soon(() => texts().length === 1)
  expect(texts()).toEqual(['first'])
})

test('a console may print whatever it likes: what looks like a word of the script is a line like any other', async () => {
  const file = here.path('here', 'lab', 'nodea.console')
  here.put('here', 'lab/nodea.console', 'boot\n')
  await watchConsole(o, 'nodea')?.ready
  appendFileSync(file, '=N= 1\r\n\r\nKernel panic - not syncing\r\n')
  await soon(() => texts().length === 2)
  expect(ofType(lines, 'console').map(({ host, text }) => [host, text])).toEqual([
    ['nodea', '=N= 1'],
    ['nodea', 'Kernel panic - not syncing'],
  ])
})

test('key tables: an answer that is the same to the letter refers to the one before', async () => {
  // one LUN has no disk there
  rmSync(here.path('observer', 'sys/block/sdd'), { recursive: true })
  await watchKeys(o, 'observer', 50).ready
  const reads = () => ofType(lines, 'keys')
  const coord1 = () => reads().filter(({ lun, action }) => lun === 'coord1' && action === 'keys')
  await soon(() => coord1().length >= 4)
  here.put(
    'observer',
    'luns/sda/k',
    '  PR generation=0x1, 1 registered reservation key follows:\n    0x412d2d2d2d2d2d2d\n',
  )
  await soon(() => coord1().some(({ stdout }) => stdout.includes('0x412d')))
  stop.abort()
  const [first, second, ...others] = coord1()
  const text = (line: LineOf<'keys'>) =>
    line.same === undefined ? line.stdout : (lines[line.same - 1] as LineOf<'keys'>).stdout
  expect(first).toMatchObject({ host: 'observer', device: here.path('observer', 'dev/sda'), exit: 0, attempt: 1 })
  expect(first?.same).toBeUndefined()
  // an empty table is read once more, with its bytes; from then on every read has them
  expect(first?.bytes).toBeUndefined()
  expect(second).toMatchObject({ exit: 0, attempt: 2, stdout: first?.stdout, bytes: '0000000000000000' })
  expect(second?.same).toBeUndefined()
  const changed = others.findIndex(({ stdout }) => stdout.includes('0x412d'))
  expect(changed).toBeGreaterThan(0)
  expect(
    others
      .slice(0, changed)
      .every((line) => line.same === second?.seq && line.stdout === '' && text(line) === first?.stdout),
  ).toBe(true)
  expect(reads().find(({ lun }) => lun === 'data1')).toMatchObject({
    exit: null,
    device: '/nonexistent',
    stderr: 'no such device\n',
  })
})

test('clocks are measured against the boot of the host', async () => {
  await watchClock(o, 'nodea').ready
  const [clock] = ofType(lines, 'clock')
  expect(clock).toMatchObject({ host: 'nodea', boot: 'boot-of-nodea' })
  // this computer plays the host: its uptime and the lab's clock differ by a constant that both can be asked for
  const truth = o.recorder.elapsed() - Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000
  expect(Math.abs((clock?.offset ?? 0) - truth)).toBeLessThan((clock?.uncertainty ?? 0) + 50)
})

test('a connection that is lost and found again is written down', async () => {
  await here.lab.host('nodea').connected()
  watchConnection(o, 'nodea')
  await cutOff('nodea')
  await here.servers.nodea.refuse(false)
  await here.lab.host('nodea').connected()
  const states = ofType(lines, 'connection').map(({ host, state }) => `${host} ${state}`)
  expect([states[0], states.includes('nodea gone'), states.at(-1)]).toEqual([
    'nodea connected',
    true,
    'nodea connected',
  ])
})

/** A QEMU that says what the test wants, on the socket of nodea's events. */
async function qemu({ greets = true } = {}) {
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    if (greets) socket.write('{"QMP": {"version": {}, "capabilities": []}}\r\n')
    socket.on('data', (text) => {
      const { id } = JSON.parse(text.toString()) as { id: number }
      socket.write(`{"return": {}, "id": ${id}}\r\n`)
    })
  })
  here.put('here', 'lab/empty', '')
  await new Promise<void>((resolve) => server.listen(here.path('here', 'lab', 'nodea.events'), resolve))
  const die = () => sockets.forEach((socket) => socket.destroy())
  const end = () => {
    server.close()
    die()
  }
  onTestFinished(end)
  return {
    say: (event: object) =>
      sockets.forEach((socket) =>
        socket.write(`${JSON.stringify({ ...event, timestamp: { seconds: 1, microseconds: 0 } })}\r\n`),
      ),
    connections: () => connections,
    /** closes the connections, and takes new ones */
    die,
    /** the machine is off: nobody listens on its socket any more */
    end,
  }
}

/** When somebody listens again can only be seen by what is heard. */
const panicsUntilHeard = (machine: Awaited<ReturnType<typeof qemu>>) =>
  soon(() => {
    machine.say({ event: 'GUEST_PANICKED', data: { action: 'pause' } })
    return ofType(lines, 'panic-event').length > 0
  })

test("QEMU's panic event is a witness; its other events are notes", async () => {
  const machine = await qemu()
  await watchPanicEvents(o, 'nodea')?.ready
  machine.say({ event: 'STOP' })
  machine.say({ event: 'GUEST_PANICKED', data: { action: 'pause' } })
  await soon(() => lines.length === 2)
  expect(lines.map((line) => [line.type, line.host])).toEqual([
    ['note', undefined],
    ['panic-event', 'nodea'],
  ])
})

test('a monitor that closes is told; as soon as there is another one it is listened to', async () => {
  const machine = await qemu()
  await watchPanicEvents(o, 'nodea')?.ready
  machine.die()
  await soon(() => lines.length === 1)
  expect(lines[0]).toMatchObject({
    type: 'note',
    text: "QEMU's events of nodea came to their end: the monitor closed the connection",
  })
  await panicsUntilHeard(machine)
  expect(lines[1]).toMatchObject({ type: 'panic-event', host: 'nodea' })
})

test('a machine that is switched off for a while takes its monitor along, and is heard again when it is back', async () => {
  const machine = await qemu()
  const watching = watchPanicEvents(o, 'nodea')
  await watching?.ready
  machine.end()
  await soon(() => lines.length === 1)
  // a socket that nobody listens on any more, as a killed QEMU leaves it, and then none at all
  const next = await qemu({ greets: false })
  await soon(() => next.connections() > 0)
  next.end()
  await panicsUntilHeard(await qemu())
  expect(ofType(lines, 'panic-event')[0]).toMatchObject({ host: 'nodea' })
  stop.abort()
  await watching?.done
})

test('a monitor that is not there at the beginning is trouble: nobody would see a panic', async () => {
  const watching = watchPanicEvents(o, 'nodea')
  await expect(watching?.ready).rejects.toThrow(/the QEMU monitor .*nodea\.events of nodea does not answer/)
  await watching?.done
  expect(lines).toMatchObject([
    { type: 'note', text: expect.stringContaining("QEMU's events of nodea cannot be heard") as string },
  ])
})

test('stopped while a monitor gives no answer, it ends, and nothing is written down', async () => {
  const machine = await qemu({ greets: false })
  const watching = watchPanicEvents(o, 'nodea')
  await soon(() => machine.connections() === 1)
  stop.abort(new Error('stopped'))
  await watching?.done
  expect(lines).toEqual([])
})

test('a node that is no virtual machine has nobody to listen to', () => {
  expect(watchPanicEvents(o, 'observer')).toBeUndefined()
})

test('a recording that is closed is not written to', async () => {
  here.put('nodea', log, '')
  await watchStackLog(o, 'nodea').ready
  o.recorder.close('complete')
  const count = lines.length
  append('nodea', entry('late'))
  watchConnection(o, 'nodea')
  await until(() => here.lab.host('nodea').state() === 'connected', { signal: stop.signal, everyMilliseconds: 10 })
  expect(lines.length).toBe(count)
})

test("an array's own view is recorded under the LUN's name; LUNs of others are not", async () => {
  const store = (name: string, serial: string) => {
    for (const file of ['res_pr_generation', 'res_holder', 'res_pr_type', 'res_pr_registered_i_pts']) {
      here.put('array1', `sys/kernel/config/target/core/fileio_0/${name}/pr/${file}`, `${name} ${file}\n`)
    }
    here.put(
      'array1',
      `sys/kernel/config/target/core/fileio_0/${name}/wwn/vpd_unit_serial`,
      `T10 VPD Unit Serial Number: ${serial}\n`,
    )
  }
  store('another', '1234')
  store('coord1', 'fe1ab0000000000000000c001')
  await watchArray(o, 'array1').ready
  expect(ofType(lines, 'array-keys').map(({ host, lun, text }) => ({ host, lun, text }))).toEqual([
    {
      host: 'array1',
      lun: 'coord1',
      text: 'coord1 res_pr_generation\ncoord1 res_holder\ncoord1 res_pr_type\ncoord1 res_pr_registered_i_pts\n',
    },
  ])
})

test('only arrays that can be asked are', () => {
  expect(askableArrays(here.lab)).toEqual(['array1'])
})
