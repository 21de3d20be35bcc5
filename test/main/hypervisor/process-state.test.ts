import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { HostError } from '../../../main/transport/host-error.ts'
import { localTransport } from '../../../main/hosts/local-transport.ts'
import { type CommandRecord, createRunner } from '../../../main/hosts/runner.ts'
import {
  ProcessGone,
  findVm,
  readProcess,
  signalProcess,
  waitForState,
} from '../../../main/hypervisor/process-state.ts'
import { parseProcessStat } from '../../../main/hypervisor/process-stat.ts'
import { commandLineArguments, qemuGuestName } from '../../../main/hypervisor/qemu-guest-name.ts'
import { failureOf } from '../../fakes/hosts.ts'
import { temporaryDirectory } from '../../fakes/temporary-directory.ts'

const events: CommandRecord[] = []
const hypervisor = {
  runner: createRunner({ record: (event) => events.push(event) }),
  transport: localTransport({ name: 'hv' }),
}
const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** A process with a QEMU's argument list, that does nothing. Resolves when it runs. */
async function machine(argv0: string, ...words: string[]): Promise<number> {
  const script = 'console.log("up"); setInterval(() => undefined, 1e6)'
  const child = spawn(process.execPath, ['-e', script, '--', ...words], { argv0, stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  await new Promise((resolve) => child.stdout?.once('data', resolve))
  return child.pid as number
}
const unique = (name: string) => `${name}-${process.pid}-${Math.random().toString(36).slice(2)}`

describe('parseProcessStat', () => {
  const rest = '1 2 3 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 8675309 1000 1'
  test('the name may hold anything', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 15 }), fc.constantFrom(...'RSDTtZI'), (name, state) => {
        expect(parseProcessStat(`42 (${name}) ${state} ${rest}\n`)).toEqual({
          pid: 42,
          name,
          state,
          started: '8675309',
        })
      }),
    )
    expect(parseProcessStat(`42 (a) T (b)) S ${rest}`)).toMatchObject({ name: 'a) T (b)', state: 'S' })
  })
  test.each(['', '42 (a', '42 (a) S 1 2', 'x (a) S ' + rest, '42 (a) 7 ' + rest])('refuses %j', (text) => {
    expect(() => parseProcessStat(text)).toThrow(/This is no/)
  })
})

test.each([
  [['qemu-system-x86_64', '-name', 'nodea'], 'nodea'],
  [['/usr/bin/qemu-system-x86_64', '-name', 'guest=nodea,debug-threads=on'], 'nodea'],
  [['/usr/libexec/qemu-kvm', '--name', 'debug-threads=on,guest=nodea'], 'nodea'],
  [['qemu-kvm', '-name', 'a,,b,process=x'], 'a,b'],
  [['qemu-kvm', '-name', 'guest=a,,,process=x'], 'a,'],
  [['qemu-kvm', '-name'], undefined],
  [['qemu-kvm', '-m', '1'], undefined],
  [['find', '/', '-name', 'nodea'], undefined],
  [['sudo', 'qemu-kvm', '-name', 'nodea'], undefined],
])('qemuGuestName %j', (argv, name) => {
  expect(qemuGuestName(commandLineArguments(argv.map((word) => `${word}\0`).join('')))).toBe(name)
})

describe('a process', () => {
  test('is stopped and continued, and seen to be', async () => {
    const pid = await machine('qemu-kvm')
    const seen = await readProcess(hypervisor, pid)
    if (!seen) throw new Error('it runs')
    expect(seen).toMatchObject({ pid, started: expect.stringMatching(/^\d+$/) })
    events.length = 0
    await signalProcess(hypervisor, seen, 'STOP')
    expect((await waitForState(hypervisor, seen, (state) => state === 'T', { timeoutMs: 5000 })).state).toBe('T')
    await signalProcess(hypervisor, seen, 'CONT')
    expect((await waitForState(hypervisor, seen, (state) => state !== 'T', { timeoutMs: 5000 })).state).not.toBe('T')
    expect(events.map(({ argv }) => argv.join(' '))).toEqual(
      expect.arrayContaining([`kill -STOP ${pid}`, `kill -CONT ${pid}`]),
    )
  })

  test('that does not come into the state: says which it is in', async () => {
    const seen = await readProcess(hypervisor, await machine('qemu-kvm'))
    if (!seen) throw new Error('it runs')
    const waiting = waitForState(hypervisor, seen, (state) => state === 'T', { timeoutMs: 100, everyMs: 10 })
    const error = await failureOf(waiting, HostError)
    expect([error.code, error.message]).toEqual(['timeout', expect.stringMatching(/still in state [RS] after 100 ms/)])
    const stopped = waitForState(hypervisor, seen, () => false, { timeoutMs: 60_000, signal: AbortSignal.timeout(50) })
    expect((await failureOf(stopped, HostError)).code).toMatch(/timeout|aborted/)
  })

  test('whose number belongs to another one now is left alone', async () => {
    const pid = await machine('qemu-kvm')
    const seen = await readProcess(hypervisor, pid)
    if (!seen) throw new Error('it runs')
    const earlier = { pid, started: String(Number(seen.started) - 1) }
    expect((await failureOf(signalProcess(hypervisor, earlier, 'STOP'), ProcessGone)).message).toMatch(/was left alone/)
    expect((await readProcess(hypervisor, pid))?.state).not.toBe('T')
  })

  test('that has ended is seen to have, and signals nothing', async () => {
    const pid = await machine('qemu-kvm')
    const seen = await readProcess(hypervisor, pid)
    if (!seen) throw new Error('it runs')
    const child = children.pop()
    const closed = new Promise((resolve) => child?.once('close', resolve))
    child?.kill('SIGKILL')
    await closed
    expect(await readProcess(hypervisor, pid)).toBe(undefined)
    expect((await failureOf(signalProcess(hypervisor, seen, 'STOP'), ProcessGone)).message).toMatch(/has ended/)
  })

  test.each([0, 1, -5, 1.5, NaN])('with the number %s is never touched', async (pid) => {
    await expect(readProcess(hypervisor, pid)).rejects.toThrow(RangeError)
  })
})

describe('findVm', () => {
  test('by guest name, among others that look like it', async () => {
    const guest = unique('node.a')
    const pid = await machine('/usr/bin/qemu-system-x86_64', '-m', '1', '-name', `guest=${guest},debug-threads=on`)
    await machine('qemu-kvm', '-name', `${guest}2`)
    await machine('qemu-kvm', '-name', guest.replace('.', 'x'))
    await machine('find', '-name', guest)
    await machine('qemu-kvm', '-name', 'other', '-append', guest)
    expect((await findVm(hypervisor, { guest })).pid).toBe(pid)
  })

  test('two of the same name: says so', async () => {
    const guest = unique('nodea')
    const pids = [await machine('qemu-kvm', '-name', guest), await machine('qemu-kvm', '-name', `guest=${guest}`)]
    const error = await failureOf(findVm(hypervisor, { guest }), Error)
    for (const pid of pids) expect(error.message).toContain(String(pid))
    expect(error.message).toMatch(/2 QEMU processes carry the name .*pid file/)
  })

  test('none of the name: says so', async () => {
    expect((await failureOf(findVm(hypervisor, { guest: unique('nobody') }), ProcessGone)).message).toMatch(
      /no QEMU process runs/,
    )
  })

  test('by pid file', async () => {
    const file = join(temporaryDirectory('pid'), 'pid')
    const pid = await machine('qemu-kvm')
    writeFileSync(file, `${pid}\n`)
    expect((await findVm(hypervisor, { pidFile: file })).pid).toBe(pid)
    writeFileSync(file, 'none\n')
    expect((await failureOf(findVm(hypervisor, { pidFile: file }), Error)).message).toMatch(/holds 'none'/)
    writeFileSync(file, '999999999\n')
    expect((await failureOf(findVm(hypervisor, { pidFile: file }), ProcessGone)).message).toMatch(/does not exist/)
    expect((await failureOf(findVm(hypervisor, { pidFile: '/nowhere' }), ProcessGone)).message).toMatch(
      /cannot read the pid file/,
    )
  })
})
