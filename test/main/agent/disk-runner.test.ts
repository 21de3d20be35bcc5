import { afterEach, beforeEach, expect, it } from 'vitest'
import { answerOf, argumentsOf, createDiskRunner } from '../../../main/agent/disk-runner.ts'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { DiskAnswer } from '../../../labs/cluster/disk.ts'
import type { DiskOperation } from '../../../labs/cluster/disk.ts'
import type { EventLog } from '../../../main/agent/event-log.ts'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { tmpdir } from 'node:os'

const fake = fileURLToPath(new URL('fake-sg-persist.sh', import.meta.url))
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

function runner(limit = 5000, quiesce: (lun: string) => Promise<void> = () => Promise.resolve()) {
  const devices = { one: join(directory, 'one'), two: join(directory, 'two'), gone: join(directory, 'gone') }
  const disks = createDiskRunner({ sgPersist: fake, devices, limit, events: silent, quiesce })
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
  expect(answers.map((answer) => ({ ...answer, text: undefined }))).toEqual(
    [
      { result: 'good', keys: [] },
      { result: 'good' },
      { result: 'good' },
      { result: 'good', reservation: { key: '0xa1', type: 5 } },
      { result: 'conflict' },
      { result: 'good' },
      { result: 'conflict' },
      { result: 'good', keys: [] },
    ].map((answer) => ({ ...answer, text: undefined })),
  )
})

it('passes a unit attention on and does not repeat by itself', async () => {
  writeFileSync(join(directory, 'one.ua.me'), '')
  const run = runner()
  expect((await run('one', { kind: 'read-keys' })).result).toBe('unit-attention')
  expect(await run('one', { kind: 'read-keys' })).toEqual({ result: 'good', keys: [] })
})

it('calls a device that does not answer in time, or is not there, unreachable, and does not hold up other LUNs', async () => {
  writeFileSync(join(directory, 'one.hang'), '')
  const run = runner(400)
  const hung = run('one', { kind: 'read-keys' })
  expect(await Promise.race([hung, run('two', { kind: 'read-keys' })])).toEqual({ result: 'good', keys: [] })
  expect((await hung).result).toBe('unreachable')
  expect((await run('gone', { kind: 'read-keys' })).result).toBe('unreachable')
  expect((await run('nowhere', { kind: 'read-keys' })).result).toBe('other')
})

it('waits for writes on their way before it takes the own key back', async () => {
  let release: () => void = () => undefined
  const writing = new Promise<void>((resolve) => (release = resolve))
  const order: string[] = []
  const run = runner(5000, (lun) => writing.then(() => void order.push(`quiet ${lun}`)))
  await run('one', { kind: 'register-ignore', key: '0xa1' })
  const back = run('one', { kind: 'unregister', key: '0xa1' }).then(() => order.push('unregistered'))
  expect(await run('two', { kind: 'read-keys' })).toEqual({ result: 'good', keys: [] })
  release()
  await back
  expect(order).toEqual(['quiet one', 'unregistered'])
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

it('speaks sg_persist', () => {
  expect(argumentsOf({ kind: 'preempt-abort', key: '0xa', victim: '0xb', type: 5 })).toEqual([
    '-n',
    '--out',
    '--preempt-abort',
    '--param-rk=0xa',
    '--param-sark=0xb',
    '--prout-type=5',
  ])
  expect(argumentsOf({ kind: 'read-keys' })).toEqual(['-n', '-y', '--in', '--read-keys'])
})
