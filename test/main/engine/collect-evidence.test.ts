/** What is provoked and waited for in the end, on hosts whose disks are files that they share. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Line } from '../../../labs/journal/event.ts'
import { ofType } from '../../../labs/journal/run.ts'
import { foldWriteTries } from '../../../labs/journal/write-tries.ts'
import { scenarioNamed } from '../../../labs/scenarios/scenarios.ts'
import { controlBlockOf, tryBlockOf } from '../../../labs/stacks/reference/try-blocks.ts'
import { serveFiles } from '../../../main/agent/file-control.ts'
import type { Going } from '../../../main/engine/going.ts'
import { showControl, tryWhereRefused } from '../../../main/engine/observe/provoke-refusals.ts'
import { readLedger } from '../../../main/engine/observe/read-ledger.ts'
import { startOfRun } from '../../../main/engine/run/start-of-run.ts'
import { Recorder } from '../../../main/recorder/recorder.ts'
import { devices, fakeLab, type FakeLab, type HostName } from './fake-lab.ts'

const never = new AbortController().signal
let here: FakeLab
let lines: Line[]
let recorder: Recorder
let end: (() => void) | undefined
const scsiTimeout = 400
/** so much later than it has to a reading begins (read-ledger.ts) */
const margin = 1000
beforeEach(async () => {
  here = await fakeLab({ change: (text) => text.replace('restore:', `scsiTimeout: ${scsiTimeout}ms\nrestore:`) })
  for (const host of ['nodea', 'nodeb', 'observer'] as const) playDisks(host)
  lines = []
  recorder = new Recorder({ directory: here.path('here', 'recording'), now: () => performance.now() })
  recorder.onLine((line) => lines.push(line))
})
afterEach(async () => {
  end?.()
  end = undefined
  await here.close()
})

/** Disks of blocks of 512 bytes that all hosts share; `sg_raw.exit` in a LUN's folder holds what the next writes end with. */
function playDisks(host: HostName): void {
  const disks = here.path('here', 'disks')
  mkdirSync(disks, { recursive: true })
  for (const device of Object.values(devices)) {
    here.put(host, `sys/block/${device}/queue/logical_block_size`, '512\n')
    if (!existsSync(`${disks}/${device}`)) writeFileSync(`${disks}/${device}`, '')
  }
  here.put(
    host,
    'bin/sg_raw',
    `#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in -i) input=$2; shift 2 ;; -o) output=$2; shift 2 ;; -s|-r|-t) shift 2 ;; -R) shift ;; *) break ;; esac
done
device=\${1##*/}; lba=$(printf %d "0x$4$5$6$7"); exits=${here.path(host, 'luns')}/$device/sg_raw.exit
if [ "$2" = 28 ]; then
  dd if=${disks}/$device of=$output bs=512 skip=$lba count=8 conv=sync 2>/dev/null
  [ -s $output ] || head -c 4096 /dev/zero >$output
else
  code=0
  [ -s $exits ] && code=$(head -n1 $exits) && sed -i 1d $exits
  [ $code = 24 ] && echo 'SCSI Status: Reservation Conflict' >&2
  [ $code = 0 ] || exit $code
  dd if=$input of=${disks}/$device bs=512 seek=$lba count=8 conv=notrunc 2>/dev/null
fi
echo 'SCSI Status: Good' >&2
`,
  )
  here.put(host, 'bin/sg_turs', '#!/bin/sh\nexit 0\n')
  for (const name of ['sg_raw', 'sg_turs']) chmodSync(here.path(host, 'bin', name), 0o755)
}
const answersOf = (host: HostName, ...codes: readonly number[]) =>
  here.put(host, `luns/${devices.data1}/sg_raw.exit`, codes.map((code) => `${code}\n`).join(''))

function going(row: string): Going {
  const scenario = scenarioNamed(row)
  if (!scenario) throw new Error(row)
  const started = startOfRun(here.lab, scenario, 'run-1', ['nodea'])
  recorder.append(started)
  const rest = { outstanding: undefined as never, injections: [], progress: () => undefined }
  return { lab: here.lab, scenario, started, recorder, lines, ...rest }
}
const state = (node: string, what: Partial<{ answered: boolean; isMember: boolean; isActive: boolean }>) => ({
  node,
  answered: true,
  isMember: false,
  isActive: false,
  ...what,
})
const survives = [state('nodea', {}), state('nodeb', { isMember: true, isActive: true })]
const readers = { survivor: 'nodeb', observer: 'observer', observerMayRead: true }
const told = () =>
  foldWriteTries(lines).map(({ host, lun, why, answer, block, reader }) => [host, lun, why, answer, block, reader])

test('the observer shows on a coordination point of the same array that its writes can be seen', async () => {
  await showControl(going('both-private-networks-fail'), never)
  expect(told()).toEqual([['observer', 'coord1', 'control', 'accepted', 'written', 'observer']])
  const block = controlBlockOf(here.lab.testbed, 'observer')
  const disk = readFileSync(here.path('here', 'disks', devices.coord1))
  expect(disk.subarray(block, block + 4096).equals(Buffer.alloc(4096))).toBe(true)
})

test('who was never registered is refused, and so is a node that is alive and no member', async () => {
  answersOf('observer', 24)
  answersOf('nodea', 6, 24)
  await tryWhereRefused(going('both-private-networks-fail'), survives, readers, never)
  expect(told().toSorted()).toEqual([
    ['nodea', 'coord1', 'control', 'accepted', 'written', 'nodea'],
    ['nodea', 'data1', 'end', 'refused', 'unchanged', 'observer'],
    ['observer', 'data1', 'end', 'refused', 'unchanged', 'observer'],
  ])
  const ofNode = ofType(lines, 'write-try').find(({ host, why }) => host === 'nodea' && why === 'end')
  expect(ofNode?.answers.map(({ exit }) => exit)).toEqual([6, 24])
  expect(ofNode?.block).toBe(tryBlockOf(here.lab.testbed, 'nodea'))
})

test('a node that does not answer tries nothing; a write that is let in is told as what it is', async () => {
  const gone = [state('nodea', { answered: false }), ...survives.slice(1)]
  await tryWhereRefused(going('both-private-networks-fail'), gone, readers, never)
  expect(told()).toEqual([['observer', 'data1', 'end', 'accepted', 'written', 'observer']])
})

test('where only the holder reads, the survivor reads; in the gap of the published defender it is tried again', async () => {
  answersOf('observer', 0, 24, 24)
  answersOf('nodea', 24)
  const standby = [state('nodea', { isMember: true }), ...survives.slice(1)]
  await tryWhereRefused(going('pr-frozen-vm'), standby, { ...readers, observerMayRead: false }, never)
  expect(
    told()
      .filter(([, , why]) => why === 'end')
      .toSorted(),
  ).toEqual([
    ['nodea', 'data1', 'end', 'refused', 'unchanged', 'nodeb'],
    ['observer', 'data1', 'end', 'accepted', 'written', 'nodeb'],
    ['observer', 'data1', 'end', 'refused', 'unchanged', 'nodeb'],
    ['observer', 'data1', 'end', 'refused', 'unchanged', 'nodeb'],
  ])
})

test('where nothing is reserved, nothing is tried', async () => {
  const row = going('power-fencing')
  await showControl(row, never)
  await tryWhereRefused(row, survives, readers, never)
  expect(told()).toEqual([])
})

test('a host that cannot try is told of, and is no event', async () => {
  chmodSync(here.path('observer', 'bin', 'sg_raw'), 0o644)
  writeFileSync(here.path('observer', `sys/block/${devices.data1}/queue/logical_block_size`), '')
  await tryWhereRefused(going('both-private-networks-fail'), survives.slice(1), readers, never)
  expect(told()).toEqual([])
  expect(ofType(lines, 'note').map(({ text }) => text)).toEqual([
    expect.stringContaining('no write could be tried by observer on data1') as string,
  ])
})

/** nodeb's agent and the observer's program answer with the clock of this computer. */
function playLedger(): void {
  const requests = here.path('nodeb', 'run/fencelab/requests')
  mkdirSync(requests, { recursive: true })
  const uptime = () => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])
  end = serveFiles({
    status: { file: `${dirname(requests)}/agent.status`, now: () => ({}) },
    requests,
    handle: async () => ({ ok: true, records: [], began: uptime(), ended: uptime() }),
    onTrouble: () => undefined,
  })
  here.put(
    'observer',
    'run/fencelab/agent.cjs',
    `const up = () => Number(require('node:fs').readFileSync('/proc/uptime', 'utf8').split(' ')[0])
const [, , , , run, notBefore] = process.argv
setTimeout(() => {
  const began = up()
  console.log(JSON.stringify({ records: [], began, ended: up(), otherRuns: [{ run, records: 1 }] }))
}, Math.max(0, Number(notBefore) - up()) * 1000)
`,
  )
}
const scans = () => ofType(lines, 'ledger.scan').map(({ host, when }) => [host, when])
const takeOver = () => {
  recorder.append({ type: 'fault', id: 'cut', fault: 'partition', target: {}, step: 'applying' })
  recorder.append({ type: 'stack.log', code: 'group-started', text: 'active' }, { host: 'nodeb' })
}

test('after a takeover the ledger is read at once, and late by both; the late readings begin when the time-out has passed', async () => {
  playLedger()
  const row = going('both-private-networks-fail')
  const uptime = () => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000
  const offset = recorder.elapsed() - uptime()
  recorder.append({ type: 'clock', boot: 'b', offset, uncertainty: 10 }, { host: 'observer', hostAt: uptime() / 1000 })
  takeOver()
  const due = (lines.at(-1)?.at ?? 0) + scsiTimeout + margin
  await readLedger(row, readers, never)
  expect(scans().toSorted()).toEqual([
    ['nodeb', 'final'],
    ['nodeb', 'late'],
    ['observer', 'late'],
  ])
  for (const { when, began = 0 } of ofType(lines, 'ledger.scan')) {
    // /proc/uptime counts in hundredths of a second
    if (when === 'late') expect(began * 1000 + offset).toBeGreaterThan(due - 20)
  }
  expect(ofType(lines, 'ledger.scan').find(({ host }) => host === 'observer')?.otherRuns).toEqual([
    { run: 'run-1', records: 1 },
  ])
})

test('a first reading that is late enough is not made twice; without a takeover nobody waits', async () => {
  playLedger()
  const row = going('both-private-networks-fail')
  await readLedger(row, readers, never)
  expect(scans()).toEqual([['nodeb', 'final']])
  takeOver()
  const due = (lines.at(-1)?.at ?? 0) + scsiTimeout + margin
  while (recorder.elapsed() < due) await new Promise((resolve) => setTimeout(resolve, due - recorder.elapsed()))
  await readLedger(row, readers, never)
  expect(scans().slice(1).toSorted()).toEqual([
    ['nodeb', 'final'],
    ['observer', 'late'],
  ])
})

test('where nobody goes on the observer reads; where only the holder may read, it does not', async () => {
  playLedger()
  const row = going('both-private-networks-fail')
  takeOver()
  await readLedger(row, { survivor: undefined, observer: 'observer', observerMayRead: true }, never)
  expect(scans().toSorted()).toEqual([
    ['observer', 'final'],
    ['observer', 'late'],
  ])
  lines.length = 0
  takeOver()
  await readLedger(row, { ...readers, observerMayRead: false }, never)
  expect(scans()).toEqual([
    ['nodeb', 'final'],
    ['nodeb', 'late'],
  ])
})
