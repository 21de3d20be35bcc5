import { afterEach, beforeEach, expect, it } from 'vitest'
import { answerOf, commandOf, createDiskRunner } from '../../../main/agent/disk-runner.ts'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import type { DiskAnswer } from '../../../labs/cluster/disk.ts'
import type { DiskOperation } from '../../../labs/cluster/disk.ts'
import type { EventLog } from '../../../main/agent/event-log.ts'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { tmpdir } from 'node:os'

const fake = (file: string) => fileURLToPath(new URL(file, import.meta.url))
const silent: EventLog = {
  entry: () => undefined,
  log: () => undefined,
  panic: () => undefined,
  close: () => undefined,
}
let directory = ''

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fencelab-disk-'))
  for (const lun of ['one', 'two']) writeFileSync(join(directory, lun), '')
  process.env['FAKE_NEXUS'] = 'me'
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const tools = ['sg_turs', 'sg_raw', 'sg_reset'] as const

function runner(limit = 5000, quiesce: (lun: string) => Promise<void> = () => Promise.resolve()) {
  const devices = { one: join(directory, 'one'), two: join(directory, 'two'), gone: join(directory, 'gone') }
  for (const tool of tools) symlinkSync(fake('fake-sg-tools.sh'), join(directory, tool))
  const [sgTurs, sgRaw, sgReset] = tools.map((tool) => join(directory, tool)) as [string, string, string]
  const programs = { sgPersist: fake('fake-sg-persist.sh'), sgTurs, sgRaw, sgReset }
  const disks = createDiskRunner({ programs, devices, limit, events: silent, quiesce })
  let id = 1
  return (lun: string, operation: DiskOperation): Promise<DiskAnswer> =>
    new Promise((resolve) => disks.run({ id: id++, lun, operation }, resolve))
}

it('executes what was asked of a LUN in that order', async () => {
  const run = runner()
  const answers = await Promise.all([
    run('one', { kind: 'read-keys' }),
    run('one', { kind: 'register-ignore', key: '0xa1' }),
    run('one', { kind: 'reserve', key: '0xa1', type: 5 }),
    run('one', { kind: 'read-reservation' }),
    run('one', { kind: 'preempt-abort', key: '0xa1', victim: '0xb1', type: 5 }),
    run('one', { kind: 'unregister', key: '0xa1' }),
    run('one', { kind: 'unregister', key: '0xa1' }),
    run('one', { kind: 'read-keys' }),
  ])
  expect(answers.map((answer) => ({ ...answer, text: undefined }))).toEqual([
    { result: 'good', exit: 0, keys: [] },
    { result: 'good', exit: 0 },
    { result: 'good', exit: 0 },
    { result: 'good', exit: 0, reservation: { key: '0xa1', type: 5 } },
    { result: 'conflict', exit: 24 },
    { result: 'good', exit: 0 },
    { result: 'conflict', exit: 24 },
    { result: 'good', exit: 0, keys: [] },
  ])
})

it('clears, and registers as what the nexus is or is not', async () => {
  const run = runner()
  const exits: (number | undefined)[] = []
  for (const operation of [
    { kind: 'clear', key: '0xabc001' },
    { kind: 'register', key: '0xabc001' },
    { kind: 'register', key: '0xabc001' },
    { kind: 'register', key: '0xdef001', from: '0xabc001' },
    { kind: 'reserve', key: '0xdef001', type: 3 },
    { kind: 'reserve', key: '0xdef001', type: 1 },
    { kind: 'clear', key: '0xdef001' },
  ] satisfies DiskOperation[]) {
    exits.push((await run('one', operation)).exit)
  }
  expect(exits).toEqual([2, 0, 24, 0, 0, 24, 0])
  expect(await run('one', { kind: 'read-reservation' })).toEqual({ result: 'good', exit: 0, reservation: null })
})

it('reserves and releases as in SCSI-2; a reset takes the reservation and tells everybody', async () => {
  const run = runner()
  const mine = { kind: 'reserve-6' } as const
  expect((await run('one', mine)).result).toBe('good')
  process.env['FAKE_NEXUS'] = 'peer'
  expect(await run('one', mine)).toMatchObject({ result: 'conflict', exit: 24 })
  expect((await run('one', { kind: 'test-unit-ready' })).result).toBe('conflict')
  expect((await run('one', { kind: 'read-keys' })).result).toBe('good')
  expect((await run('one', { kind: 'reset-lun' })).result).toBe('good')
  expect((await run('one', mine)).result).toBe('unit-attention')
  expect((await run('one', mine)).result).toBe('good')
  process.env['FAKE_NEXUS'] = 'me'
  expect((await run('one', { kind: 'test-unit-ready' })).result).toBe('unit-attention')
  expect((await run('one', { kind: 'test-unit-ready' })).result).toBe('conflict')
  process.env['FAKE_NEXUS'] = 'peer'
  expect((await run('one', { kind: 'release-6' })).result).toBe('good')
  expect((await run('gone', { kind: 'reset-lun' })).result).toBe('other')
  expect((await run('gone', { kind: 'test-unit-ready' })).result).toBe('unreachable')
})

it('passes a unit attention on and does not repeat by itself', async () => {
  writeFileSync(join(directory, 'one.ua.me'), '')
  const run = runner()
  expect((await run('one', { kind: 'read-keys' })).result).toBe('unit-attention')
  expect(await run('one', { kind: 'read-keys' })).toEqual({ result: 'good', exit: 0, keys: [] })
})

it('calls a device that does not answer in time, or is not there, unreachable, and does not hold up other LUNs', async () => {
  writeFileSync(join(directory, 'one.hang'), '')
  const run = runner(2500)
  const hung = run('one', { kind: 'read-keys' })
  const two = { result: 'good', exit: 0, keys: [] }
  expect(await Promise.race([hung, run('two', { kind: 'read-keys' })])).toEqual(two)
  expect((await hung).result).toBe('unreachable')
  expect((await run('gone', { kind: 'read-keys' })).result).toBe('unreachable')
  expect((await run('nowhere', { kind: 'read-keys' })).result).toBe('other')
})

it.each([{ kind: 'unregister', key: '0xa1' }, { kind: 'release-6' }] satisfies DiskOperation[])(
  'waits for writes on their way before it gives a LUN back: $kind',
  async (giveBack) => {
    let release: () => void = () => undefined
    const writing = new Promise<void>((resolve) => (release = resolve))
    const order: string[] = []
    const run = runner(5000, (lun) => writing.then(() => void order.push(`quiet ${lun}`)))
    await run('one', { kind: 'register-ignore', key: '0xa1' })
    const back = run('one', giveBack).then(() => order.push('given back'))
    expect(await run('two', { kind: 'read-keys' })).toEqual({ result: 'good', exit: 0, keys: [] })
    release()
    await back
    expect(order).toEqual(['quiet one', 'given back'])
  },
)

it('takes nothing for good that was answered without data, or with an error', () => {
  const none = '  PR generation=0x0, there are NO registered reservation keys\n'
  const read = { kind: 'read-keys' } as const
  const preempt = { kind: 'preempt-abort', key: '0xa', victim: '0xb', type: 5 } as const
  const sense = 'Persistent reservation out:\nFixed format, current; Sense key: No Sense\n'
  expect(answerOf(read, { exit: 0, stdout: none, stderr: '' }).result).toBe('unreachable')
  expect(
    answerOf(read, {
      exit: 0,
      stdout: none,
      stderr: '    Persistent reservation in: response:\n00 00 00 00 00 00 00 00\n',
    }),
  ).toEqual({ result: 'good', exit: 0, keys: [] })
  expect(answerOf(preempt, { exit: 0, stdout: '', stderr: sense }).result).toBe('unreachable')
  expect(
    answerOf(preempt, { exit: 0, stdout: '', stderr: 'PR out: command (Preempt and abort) successful\n' }).result,
  ).toBe('good')
  expect(answerOf(preempt, { exit: 99, stdout: '', stderr: 'scsi status: Reservation Conflict\n' }).result).toBe(
    'conflict',
  )
})

it('never calls a failed command good', () => {
  const read: DiskOperation = { kind: 'read-keys' }
  const of = (exit: number | null): string => answerOf(read, { exit, stdout: '', stderr: '' }).result
  expect([24, 6, 2, 5, 9, 12, 15, 33, 35, 50, 97, null, 0].map(of)).toEqual([
    'conflict',
    'unit-attention',
    'unreachable',
    'other',
    'other',
    'unreachable',
    'unreachable',
    'unreachable',
    'unreachable',
    'unreachable',
    'unreachable',
    'unreachable',
    'other',
  ])
})

it.each<[DiskOperation, string]>([
  [{ kind: 'read-keys' }, 'sgPersist -n -y -vvv --in --read-keys D'],
  [{ kind: 'read-reservation' }, 'sgPersist -n -y -vvv --in --read-reservation D'],
  [{ kind: 'register-ignore', key: '0xa' }, 'sgPersist -n -vvv --out --register-ignore --param-sark=0xa D'],
  [{ kind: 'unregister', key: '0xa' }, 'sgPersist -n -vvv --out --register --param-rk=0xa --param-sark=0 D'],
  [{ kind: 'register', key: '0xabc001' }, 'sgPersist -n -vvv --out --register --param-sark=0xabc001 D'],
  [
    { kind: 'register', key: '0xabc001', from: '0xdef001' },
    'sgPersist -n -vvv --out --register --param-rk=0xdef001 --param-sark=0xabc001 D',
  ],
  [{ kind: 'clear', key: '0xa' }, 'sgPersist -n -vvv --out --clear --param-rk=0xa D'],
  [{ kind: 'reserve', key: '0xa', type: 3 }, 'sgPersist -n -vvv --out --reserve --param-rk=0xa --prout-type=3 D'],
  [
    { kind: 'preempt-abort', key: '0xa', victim: '0xb', type: 5 },
    'sgPersist -n -vvv --out --preempt-abort --param-rk=0xa --param-sark=0xb --prout-type=5 D',
  ],
  [{ kind: 'test-unit-ready' }, 'sgTurs D'],
  [{ kind: 'reserve-6' }, 'sgRaw D 16 00 00 00 00 00'],
  [{ kind: 'release-6' }, 'sgRaw D 17 00 00 00 00 00'],
  [{ kind: 'reset-lun' }, 'sgReset --no-esc --device D'],
])('%j is %j', (operation, command) => {
  const { program, words } = commandOf(operation, 'D')
  expect([program, ...words].join(' ')).toBe(command)
})
