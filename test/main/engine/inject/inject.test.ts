import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { faults } from '../../../../labs/faults/faults.ts'
import type { Line } from '../../../../labs/journal/event.ts'
import { type Injection, prepareInjection } from '../../../../main/engine/inject/inject.ts'
import { openOutstanding, unfinishedRuns, type Outstanding } from '../../../../main/engine/inject/outstanding.ts'
import { Recorder } from '../../../../main/recorder/recorder.ts'
import { until } from '../../../../main/until.ts'
import { type FakeLab, fakeLab, timers } from '../fake-lab.ts'

let here: FakeLab
let state: string
let recorder: Recorder
let lines: Line[]
let outstanding: Outstanding
const never = new AbortController().signal
const stateBefore = process.env['XDG_STATE_HOME']

beforeEach(async () => {
  state = mkdtempSync(join(tmpdir(), 'fencelab-state-'))
  process.env['XDG_STATE_HOME'] = state
  here = await fakeLab()
  lines = []
  recorder = new Recorder({ directory: join(state, 'recording'), now: () => performance.now() })
  recorder.onLine((line) => lines.push(line))
  here.lab.setRecord(({ host, ...rest }) => recorder.append(rest, { host }).seq)
  outstanding = await openOutstanding('run-1', recorder.directory, here.file)
})
afterEach(async () => {
  await here.close()
  if (stateBefore === undefined) delete process.env['XDG_STATE_HOME']
  else process.env['XDG_STATE_HOME'] = stateBefore
  rmSync(state, { recursive: true, force: true })
})

const prepare = (fault: string, target: Record<string, string>, id = 'cut', settle?: number): Promise<Injection> =>
  prepareInjection(
    {
      lab: here.lab,
      recorder,
      lines,
      outstanding,
      id,
      fault,
      target,
      ...(settle !== undefined && { settleMilliseconds: settle }),
    },
    never,
  )
const cut = (settle?: number) => prepare('private-link-down', { node: 'nodea', link: 'priv1' }, 'cut', settle)
/** for what never comes to be as it is wanted; long enough for several looks on a slow machine */
const briefly = 1500
const steps = () =>
  lines.flatMap((line) =>
    line.type === 'fault' ? [line.ok === undefined ? line.step : `${line.step} ${line.ok}`] : [],
  )
const evidence = (step: string) =>
  lines.findLast((line) => line.type === 'fault' && line.step === step && line.evidence !== undefined)
const onDisk = () => {
  const text = readFileSync(join(state, 'fencelab', 'outstanding', 'run-1.json'), 'utf8')
  return (JSON.parse(text) as { faults: { id: string; undo: { host: string; argv: string[] }[] }[] }).faults
}
const flags = () => readFileSync(here.path('nodea', 'sys/class/net/eth1/flags'), 'utf8').trim()

test('a fault lives: applied, verified, reverted, gone; and is on the list as long as it is there', async () => {
  const injection = await cut()
  expect([onDisk(), flags(), steps()]).toEqual([[], '0x1003', []])
  await injection.apply(never)
  expect([onDisk().map(({ id }) => id), flags(), timers(here.path('nodea')).length]).toEqual([['cut'], '0x1002', 1])
  expect(await injection.verify(never)).toBe(true)
  expect(evidence('verified')).toMatchObject({
    ok: true,
    evidence: 'the kernel of nodea says flags 0x1002 of eth1: down; nodeb gets no answer from 10.77.1.11 over priv1',
  })
  expect(await injection.revert(never)).toBe(true)
  expect([onDisk(), flags(), timers(here.path('nodea'))]).toEqual([[], '0x1003', []])
  expect(steps()).toEqual(['applying', 'applied true', 'verified true', 'reverting', 'reverted true', 'gone true'])
})

test('the way back is on disk before anything is done', async () => {
  const injection = await cut()
  // when the command arrives at the host, the list must be there already
  const seen: unknown[] = []
  const dispose = recorder.onLine((line) => {
    if (line.type === 'fault' && line.step === 'applying') seen.push(onDisk(), here.servers.nodea.commands.length)
  })
  const before = here.servers.nodea.commands.length
  await injection.apply(never)
  dispose()
  expect(seen).toEqual([[expect.objectContaining({ id: 'cut' })], before])
  expect(onDisk()[0]?.undo.map(({ host }) => host)).toEqual(['nodea'])
  expect(onDisk()[0]?.undo[0]?.argv).toEqual(expect.arrayContaining(['sh', '-c', 'run-1-cut', 'eth1']))
})

test('where the list cannot be written, nothing is applied', async () => {
  const injection = await cut()
  const folder = join(state, 'fencelab', 'outstanding')
  rmSync(folder, { recursive: true })
  writeFileSync(folder, 'a file where the folder must be')
  await expect(injection.apply(never)).rejects.toMatchObject({ code: 'ENOTDIR' })
  expect([flags(), steps(), timers(here.path('nodea'))]).toEqual(['0x1003', [], []])
})

test('nobody waits for the word of a second witness that is known to have panicked', async () => {
  const injection = await prepareInjection(
    {
      lab: here.lab,
      recorder,
      lines,
      outstanding,
      id: 'cut',
      fault: 'private-link-down',
      target: { node: 'nodea', link: 'priv1' },
      settleMilliseconds: 60_000,
      panicked: (host) => host === 'nodeb',
    },
    never,
  )
  await here.servers.nodeb.refuse(true)
  here.servers.nodeb.drop()
  await injection.apply(never)
  expect(await injection.verify(never)).toBe(true)
  expect(await injection.revert(never)).toBe(true)
  expect(steps()).toEqual(['applying', 'applied true', 'verified true', 'reverting', 'reverted true', 'gone true'])
})

test('a command that succeeds and does nothing has not taken', async () => {
  here.put('nodea', 'nothing', '')
  const injection = await cut(briefly)
  await injection.apply(never)
  expect(await injection.verify(never)).toBe(false)
  expect(steps()).toEqual(['applying', 'applied true', 'verified false'])
  expect(evidence('verified')).toMatchObject({
    evidence:
      'NOT CONFIRMED: the kernel of nodea says flags 0x1003 of eth1: up; NOT CONFIRMED: nodeb gets an answer from 10.77.1.11 over priv1',
  })
})

test('a command that fails is told with what it said, and has not taken', async () => {
  rmSync(here.path('nodea', 'sys/class/net/eth1'), { recursive: true })
  const injection = await cut(briefly)
  await injection.apply(never)
  expect(await injection.verify(never)).toBe(false)
  expect(steps()).toEqual(['applying', 'applied false', 'verified false'])
  expect(evidence('applied')).toMatchObject({
    evidence: expect.stringContaining('Cannot find device "eth1"') as string,
  })
  expect(onDisk()).toHaveLength(1)
})

test('a peer that went down with the fault cannot bear it out; the kernel of the node proves it', async () => {
  const injection = await cut(briefly)
  await injection.apply(never)
  await here.servers.nodeb.refuse(true)
  here.servers.nodeb.drop()
  expect(await injection.verify(never)).toBe(true)
  expect(evidence('verified')).toMatchObject({
    evidence: expect.stringMatching(
      /^the kernel of nodea says flags 0x1002 of eth1: down; not answered: does nodea answer nodeb over priv1/,
    ) as string,
  })
})

test('a peer that gets no answer proves nothing where the node itself cannot be asked', async () => {
  const injection = await cut(briefly)
  await injection.apply(never)
  await here.servers.nodea.refuse(true)
  here.servers.nodea.drop()
  expect(await injection.verify(never)).toBe(false)
})

test('reverting again is right, and says the same', async () => {
  const injection = await cut()
  await injection.apply(never)
  expect([await injection.revert(never), await injection.revert(never)]).toEqual([true, true])
  expect([onDisk(), flags()]).toEqual([[], '0x1003'])
  expect(steps()).toEqual([
    'applying',
    'applied true',
    ...['reverting', 'reverted true', 'gone true', 'reverting', 'reverted true', 'gone true'],
  ])
})

test('a connection that is lost while it is taken back: it is taken back over the next one', async () => {
  const injection = await cut()
  await injection.apply(never)
  // the first time, ip does not come to its end
  const [ip, real, hangs] = ['bin/ip', 'bin/real-ip', 'hangs'].map((name) => here.path('nodea', name)) as [
    string,
    string,
    string,
  ]
  renameSync(ip, real)
  writeFileSync(ip, `#!/bin/sh\n[ -e ${hangs} ] && exec ${real} "$@"\n: >${hangs}\nexec sleep 600\n`, { mode: 0o755 })
  const reverted = injection.revert(never)
  await expect.poll(() => existsSync(hangs), { timeout: 10_000 }).toBe(true)
  here.servers.nodea.drop()
  expect([await reverted, flags(), onDisk()]).toEqual([true, '0x1003', []])
  expect(steps().slice(-3)).toEqual(['reverting', 'reverted true', 'gone true'])
})

test('reverting what was never applied is right', async () => {
  const injection = await cut()
  expect(await injection.revert(never)).toBe(true)
  expect(flags()).toBe('0x1003')
})

test('a revert that does nothing is not gone, and stays on the list', async () => {
  const injection = await cut(briefly)
  await injection.apply(never)
  here.put('nodea', 'nothing', '')
  expect(await injection.revert(never)).toBe(false)
  expect(steps().slice(-3)).toEqual(['reverting', 'reverted true', 'gone false'])
  expect(onDisk()).toHaveLength(1)
})

test('a host that dies in between: not reverted, still on the list; once it is back it can be', async () => {
  const injection = await cut()
  await injection.apply(never)
  await here.servers.nodea.refuse(true)
  here.servers.nodea.drop()
  here.servers.nodea.drop()
  await until(() => here.lab.host('nodea').state() === 'gone', { signal: never, everyMilliseconds: 10 })
  expect(await injection.revert(never)).toBe(false)
  expect(steps().slice(-3)).toEqual(['reverting', 'reverted false', 'gone false'])
  expect(evidence('reverted')).toMatchObject({ evidence: expect.stringContaining('nodea') as string })
  expect([onDisk().length, flags()]).toEqual([1, '0x1002'])
  await here.servers.nodea.refuse(false)
  await here.lab.host('nodea').connected(never)
  expect(await injection.revert(never)).toBe(true)
  expect([onDisk(), flags()]).toEqual([[], '0x1003'])
})

test('a recording that cannot be written does not keep a fault from being taken back', async () => {
  const injection = await cut()
  await injection.apply(never)
  const full = mkdtempSync(join(tmpdir(), 'fencelab-full-'))
  onTestFinished(() => rmSync(full, { recursive: true, force: true }))
  symlinkSync('/dev/full', join(full, 'journal.jsonl'))
  const broken = new Recorder({ directory: full, now: () => performance.now() })
  here.lab.setRecord(() => undefined)
  const again = await prepareInjection(
    {
      lab: here.lab,
      recorder: broken,
      lines,
      outstanding,
      id: 'cut',
      fault: 'private-link-down',
      target: { node: 'nodea', link: 'priv1' },
    },
    never,
  )
  expect(await again.revert(never)).toBe(true)
  expect([flags(), onDisk(), broken.broken?.name]).toEqual(['0x1003', [], 'RecordingFailed'])
  await injection.revert(never)
})

test('looked at again: still there, taken back by the host itself, and nobody to ask are three answers', async () => {
  const injection = await cut()
  await injection.apply(never)
  await injection.lookAgain(never)
  expect(steps()).toEqual(['applying', 'applied true', 'held true'])
  expect(evidence('held')).toMatchObject({
    evidence: 'the kernel of nodea says flags 0x1002 of eth1: down; nodeb gets no answer from 10.77.1.11 over priv1',
  })
  // as the dead-man timer does it
  here.put('nodea', 'sys/class/net/eth1/flags', '0x1003\n')
  await injection.lookAgain(never)
  expect(steps().at(-1)).toBe('held false')
  await here.servers.nodea.refuse(true)
  here.servers.nodea.drop()
  here.servers.nodea.drop()
  await until(() => here.lab.host('nodea').state() === 'gone', { signal: never, everyMilliseconds: 10 })
  here.put('nodea', 'sys/class/net/eth1/flags', '0x1002\n')
  await injection.lookAgain(never)
  // that the peer gets no answer proves nothing by itself
  expect(steps().at(-1)).toBe('held')
})

test('a host that is known to have panicked is not asked any more; its fault stays on the list until all is green', async () => {
  let down = false
  const options = { lab: here.lab, recorder, lines, outstanding, id: 'cut', fault: 'private-link-down' }
  const injection = await prepareInjection(
    { ...options, target: { node: 'nodea', link: 'priv1' }, panicked: (host) => down && host === 'nodea' },
    never,
  )
  await injection.apply(never)
  down = true
  const before = here.servers.nodea.commands.length
  await injection.lookAgain(never)
  expect(await injection.revert(never)).toBe(false)
  expect(here.servers.nodea.commands.length).toBe(before)
  expect(steps()).toEqual(['applying', 'applied true', 'held', 'reverting', 'reverted false'])
  expect(onDisk()).toHaveLength(1)
})

test('two faults at the same time are both on the list', async () => {
  const [one, two] = [
    await prepare('private-link-down', { node: 'nodea', link: 'priv1' }, 'one'),
    await prepare('private-link-down', { node: 'nodea', link: 'priv2' }, 'two'),
  ]
  await Promise.all([one.apply(never), two.apply(never)])
  expect(
    onDisk()
      .map(({ id }) => id)
      .sort(),
  ).toEqual(['one', 'two'])
  expect(await Promise.all([one.verify(never), two.verify(never)])).toEqual([true, true])
  await Promise.all([one.revert(never), two.revert(never)])
  expect(onDisk()).toEqual([])
})

test('what the testbed cannot do is said before anything is touched', async () => {
  await expect(prepare('earthquake', { node: 'nodea' })).rejects.toThrow(
    `there is no fault earthquake; there are ${Object.keys(faults).join(', ')}`,
  )
  await expect(prepare('private-link-down', { node: 'nodea', link: 'priv9' })).rejects.toThrow(
    'node nodea has no private link priv9 in the testbed',
  )
  await expect(prepare('vm-freeze', { node: 'nodea' })).rejects.toThrow(/cannot read the pid file .*nodea\.pid/)
  expect([steps(), onDisk(), await unfinishedRuns()]).toEqual([[], [], []])
})

test('a frozen machine is in state T, and goes on after that', async () => {
  const machine = spawn('sleep', ['600'], { stdio: 'ignore' })
  onTestFinished(() => void machine.kill('SIGKILL'))
  here.put('here', 'lab/nodea.pid', `${machine.pid}\n`)
  const injection = await prepare('vm-freeze', { node: 'nodea' }, 'freeze')
  await injection.apply(never)
  expect(await injection.verify(never)).toBe(true)
  expect(evidence('verified')).toMatchObject({ evidence: `process ${machine.pid} of nodea is in state T` })
  expect(lines.findLast((line) => line.type === 'process')).toMatchObject({
    node: 'nodea',
    pid: machine.pid,
    state: 'T',
    host: 'here',
  })
  expect(timers(here.path('here'))).toHaveLength(1)
  expect(await injection.revert(never)).toBe(true)
  expect(lines.findLast((line) => line.type === 'process')).toMatchObject({
    // it may be running at the moment in which it is looked at
    state: expect.stringMatching(/^[RS]$/) as string,
  })
  expect(timers(here.path('here'))).toEqual([])
})

test('a machine that ended while it was frozen can be reverted, though it is not seen to go on', async () => {
  const machine = spawn('sleep', ['600'], { stdio: 'ignore' })
  here.put('here', 'lab/nodea.pid', `${machine.pid}\n`)
  const injection = await prepare('vm-freeze', { node: 'nodea' }, 'freeze', briefly)
  await injection.apply(never)
  const over = new Promise((resolve) => machine.once('exit', resolve))
  machine.kill('SIGKILL')
  await over
  expect(await injection.revert(never)).toBe(false)
  expect(steps().slice(-3)).toEqual(['reverting', 'reverted true', 'gone false'])
  expect(existsSync(`/proc/${machine.pid}`)).toBe(false)
})
