/** The process of a virtual machine on its hypervisor: finding it, stopping and continuing it, seeing its state. */
import { setTimeout as pause } from 'node:timers/promises'
import { HostError, abortError } from '../transport/host-error.ts'
import type { Runner } from '../hosts/runner.ts'
import type { Transport } from '../transport/transport.ts'
import { parseProcessStat } from './process-stat.ts'
import { commandLineArguments, qemuGuestName } from './qemu-guest-name.ts'

/** What every function here runs its commands with. */
export interface Hypervisor {
  readonly runner: Runner
  readonly transport: Transport
  /** time limit of each single command */
  readonly timeoutMs?: number
}

/** A process that is not mistaken for a later one with the same number: pid and start time together are unique per boot. */
export interface ProcessIdentity {
  readonly pid: number
  /** field 22 of /proc/PID/stat: clock ticks after boot */
  readonly started: string
}

/** A process as it was seen. `state` is the letter of proc_pid_stat(5): R, S, D, T (stopped), t (traced), Z, X, I. */
export interface ProcessSeen extends ProcessIdentity {
  readonly state: string
  readonly name: string
}

export type VmLocator = { readonly pidFile: string } | { readonly guest: string }

const defaultTimeoutMs = 10_000

/** The process is not, or no longer, the one that was meant. */
export class ProcessGone extends Error {
  override readonly name = 'ProcessGone'
}

/**
 * Reads /proc/PID/stat.
 *
 * @returns undefined where there is no such process
 * @throws {HostError} the host could not be asked, which says nothing about the process
 */
export async function readProcess(
  { runner, transport, timeoutMs = defaultTimeoutMs }: Hypervisor,
  pid: number,
  signal?: AbortSignal,
): Promise<ProcessSeen | undefined> {
  const result = await runner.run(transport, {
    purpose: `see the state of process ${pid}`,
    argv: ['cat', `/proc/${checkedPid(pid)}/stat`],
    expected: [0, 1],
    timeoutMs,
    ...(signal && { signal }),
  })
  if (result.exit === 1) {
    // ENOENT, or ESRCH when it ends between open and read; any other complaint is no answer to the question
    if (/No such (file|process)/.test(result.stderr)) return undefined
    throw new HostError('refused', transport.name, `cannot read /proc/${pid}/stat: ${result.stderr.trim()}`)
  }
  const stat = parseProcessStat(result.stdout)
  return { pid: stat.pid, started: stat.started, state: stat.state, name: stat.name }
}

/**
 * Finds a machine's process: by the pid file that its QEMU writes (-pidfile), or by its guest name (-name).
 *
 * @throws {ProcessGone} there is none
 * @throws {Error} several carry the name: which one is meant has to be said with a pid file
 */
export async function findVm(hypervisor: Hypervisor, locator: VmLocator, signal?: AbortSignal): Promise<ProcessSeen> {
  const { transport } = hypervisor
  const pid =
    'pidFile' in locator
      ? await pidFromFile(hypervisor, locator.pidFile, signal)
      : await pidByGuest(hypervisor, locator.guest, signal)
  const seen = await readProcess(hypervisor, pid, signal)
  if (!seen) {
    const origin = 'pidFile' in locator ? `which ${locator.pidFile} names` : `of the machine ${locator.guest}`
    throw new ProcessGone(`${transport.name}: process ${pid}, ${origin}, does not exist; is the machine running?`)
  }
  return seen
}

async function pidFromFile(
  { runner, transport, timeoutMs = defaultTimeoutMs }: Hypervisor,
  file: string,
  signal?: AbortSignal,
) {
  const { exit, stdout, stderr } = await runner.run(transport, {
    purpose: `find the process of a machine by its pid file ${file}`,
    argv: ['cat', file],
    expected: [0, 1],
    sudo: true,
    timeoutMs,
    ...(signal && { signal }),
  })
  const text = stdout.trim()
  if (exit !== 0)
    throw new ProcessGone(
      `${transport.name}: cannot read the pid file ${file} (${stderr.trim()}); is the machine running?`,
    )
  if (!/^\d+$/.test(text))
    throw new Error(`${transport.name}: the pid file ${file} holds '${text.slice(0, 40)}', which is no process number`)
  return Number(text)
}

/** Lists processes with an argument that could be the value of -name. Matching is confirmed with the whole argument list. */
const searchScript = 'exec grep -s -l -z -x -E -e "$1" /proc/[0-9]*/cmdline'

async function pidByGuest(
  { runner, transport, timeoutMs = defaultTimeoutMs }: Hypervisor,
  guest: string,
  signal?: AbortSignal,
) {
  const options = { sudo: true, timeoutMs, ...(signal && { signal }) }
  const value = guest.replaceAll(',', ',,').replace(/[.[\]{}()*+?^$|\\]/g, '\\$&')
  const search = await runner.run(transport, {
    purpose: `find the process of the machine ${guest}`,
    argv: ['sh', '-c', searchScript, 'sh', `(.*,)?(guest=)?${value}(,.*)?`],
    // 1: none; 2: a process ended while it was looked at
    expected: [0, 1, 2],
    ...options,
  })
  const found: number[] = []
  for (const match of search.stdout.matchAll(/^\/proc\/(\d+)\/cmdline$/gm)) {
    const { exit, stdout } = await runner.run(transport, {
      purpose: `see whether process ${match[1]} is the machine ${guest}`,
      argv: ['cat', match[0]],
      expected: [0, 1],
      ...options,
    })
    if (exit === 0 && qemuGuestName(commandLineArguments(stdout)) === guest) found.push(Number(match[1]))
  }
  const [pid, ...others] = found
  if (pid === undefined) {
    throw new ProcessGone(
      `${transport.name}: no QEMU process runs the machine ${guest} (-name); is it running, under this name?`,
    )
  }
  if (others.length) {
    throw new Error(
      `${transport.name}: ${found.length} QEMU processes carry the name ${guest} (${found.join(', ')}); say which one with a pid file`,
    )
  }
  return pid
}

/**
 * Stops (STOP) or continues (CONT) a process, if it is still the one that was seen.
 *
 * @throws {ProcessGone} it has ended, or its number belongs to another process now: nothing was signalled
 */
export async function signalProcess(
  hypervisor: Hypervisor,
  identity: ProcessIdentity,
  name: 'STOP' | 'CONT',
  signal?: AbortSignal,
): Promise<void> {
  const { runner, transport, timeoutMs = defaultTimeoutMs } = hypervisor
  await readSame(hypervisor, identity, signal)
  await runner.run(transport, {
    purpose: `${name === 'STOP' ? 'stop' : 'continue'} process ${identity.pid}`,
    argv: ['kill', `-${name}`, String(identity.pid)],
    sudo: true,
    timeoutMs,
    ...(signal && { signal }),
  })
}

export interface WaitOptions {
  /** how long to wait, milliseconds */
  readonly timeoutMs: number
  /** between two looks; each look is a recorded command */
  readonly everyMs?: number
  readonly signal?: AbortSignal
}

/**
 * Looks at a process until `wanted` is true of its state letter. After a STOP that is 'T': whether it took is seen, not assumed.
 *
 * @returns the process as it was seen last
 * @throws {HostError} `timeout`, naming the last state; `aborted`; the host could not be asked
 * @throws {ProcessGone} it has ended meanwhile
 */
export async function waitForState(
  hypervisor: Hypervisor,
  identity: ProcessIdentity,
  wanted: (state: string) => boolean,
  { timeoutMs, everyMs = 50, signal }: WaitOptions,
): Promise<ProcessSeen> {
  const host = hypervisor.transport.name
  const until = performance.now() + timeoutMs
  for (;;) {
    const seen = await readSame(hypervisor, identity, signal)
    if (wanted(seen.state)) return seen
    if (performance.now() + everyMs > until) {
      const message = `process ${identity.pid} (${seen.name}) is still in state ${seen.state} after ${timeoutMs} ms`
      throw new HostError('timeout', host, message)
    }
    try {
      await pause(everyMs, undefined, { ...(signal && { signal }) })
    } catch (error) {
      if (signal?.aborted) throw abortError(host, signal, `waiting for process ${identity.pid}`)
      throw error
    }
  }
}

async function readSame(hypervisor: Hypervisor, identity: ProcessIdentity, signal?: AbortSignal): Promise<ProcessSeen> {
  const seen = await readProcess(hypervisor, identity.pid, signal)
  const what = `${hypervisor.transport.name}: process ${identity.pid} (started at tick ${identity.started})`
  if (!seen) throw new ProcessGone(`${what} has ended`)
  if (seen.started !== identity.started) {
    throw new ProcessGone(`${what} has ended; its number belongs to ${seen.name} now, which was left alone`)
  }
  return seen
}

function checkedPid(pid: number): number {
  // 0 and negative numbers are process groups to kill(1), and 1 is never a machine
  if (!Number.isSafeInteger(pid) || pid <= 1)
    throw new RangeError(`Not the number of a process that may be touched: ${pid}`)
  return pid
}
