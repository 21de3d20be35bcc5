/** Executes the protocol's disk requests with `sg_persist`: in order per LUN, different LUNs at the same time. */
import type { DiskAnswer, DiskOperation, DiskRequest } from '../../labs/cluster/disk.ts'
import { parseKeys } from '../../labs/scsi/parse-keys.ts'
import { parseReservation } from '../../labs/scsi/parse-reservation.ts'
import { sgPersistMeaning } from '../../labs/scsi/exit-status.ts'
import { assertNever } from '../../labs/assert-never.ts'
import { describeOperation } from '../../labs/cluster/disk.ts'
import type { EventLog } from './event-log.ts'
import { secondsSinceBoot } from './clock.ts'
import { spawn } from 'node:child_process'

export interface DiskRunner {
  /** Queues the request; `answered` is called once, at the latest after the time limit. */
  run(request: DiskRequest, answered: (answer: DiskAnswer) => void): void
}

export interface DiskRunnerOptions {
  readonly sgPersist: string
  /** LUN name to block device */
  readonly devices: Readonly<Record<string, string>>
  /** milliseconds */
  readonly limit: number
  readonly events: EventLog
  /** awaited before the own key is taken back from a LUN: no write may be on its way */
  readonly quiesce: (lun: string) => Promise<void>
}

export function createDiskRunner(options: DiskRunnerOptions): DiskRunner {
  const queues = new Map<string, Promise<void>>()

  async function execute(request: DiskRequest, answered: (answer: DiskAnswer) => void): Promise<void> {
    const device = options.devices[request.lun]
    if (device === undefined) {
      answered({ result: 'other', text: `no device is configured for LUN ${request.lun}` })
      return
    }
    if (request.operation.kind === 'unregister') await options.quiesce(request.lun)
    const began = secondsSinceBoot()
    const run = await runLimited(options.sgPersist, [...argumentsOf(request.operation), device], options.limit)
    const answer = answerOf(request.operation, run)
    options.events.entry('disk', {
      lun: request.lun,
      operation: describeOperation(request.operation),
      ...answer,
      exit: run.exit,
      began,
    })
    answered(answer)
  }

  return {
    run(request, answered) {
      const before = queues.get(request.lun) ?? Promise.resolve()
      const after = before
        .then(() => execute(request, answered))
        .catch((error: unknown) => answered({ result: 'other', text: String(error) }))
      queues.set(request.lun, after)
    },
  }
}

/** Arguments of sg_persist (sg3_utils 1.46 man page) before the device. `-n`: no INQUIRY; `-y`: open read-only. */
export function argumentsOf(operation: DiskOperation): string[] {
  switch (operation.kind) {
    case 'read-keys':
      return ['-n', '-y', '--in', '--read-keys']
    case 'read-reservation':
      return ['-n', '-y', '--in', '--read-reservation']
    case 'register-ignore':
      return ['-n', '--out', '--register-ignore', `--param-sark=${operation.key}`]
    case 'unregister':
      return ['-n', '--out', '--register', `--param-rk=${operation.key}`, '--param-sark=0']
    case 'reserve':
      return ['-n', '--out', '--reserve', `--param-rk=${operation.key}`, `--prout-type=${operation.type}`]
    case 'preempt-abort': {
      const keys = [`--param-rk=${operation.key}`, `--param-sark=${operation.victim}`]
      return ['-n', '--out', '--preempt-abort', ...keys, `--prout-type=${operation.type}`]
    }
  }
}

export interface CommandRun {
  /** null: it did not end in time, or did not start */
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
}

/** What the protocol makes of an exit status. Whatever is neither an answer nor a refusal counts as unreachable. */
export function answerOf(operation: DiskOperation, run: CommandRun): DiskAnswer {
  const exit = sgPersistMeaning(run.exit, run.stderr)
  if (exit.outcome === 'good') return readAnswer(operation, run.stdout)
  const detail = run.stderr.trim().split('\n').join('; ').slice(0, 300)
  const text = run.exit === null ? detail : `exit ${run.exit}, ${exit.name}: ${detail}`
  switch (exit.outcome) {
    case 'conflict':
    case 'unit-attention':
      return { result: exit.outcome, text }
    case 'usage':
    case 'unsupported':
      return { result: 'other', text }
    case 'not-executed':
    case 'path':
    case 'unknown':
      return { result: 'unreachable', text }
    default:
      return assertNever(exit.outcome, 'exit outcome')
  }
}

function readAnswer(operation: DiskOperation, stdout: string): DiskAnswer {
  if (operation.kind === 'read-keys') {
    const table = parseKeys(stdout)
    return table.ok ? { result: 'good', keys: table.keys } : notUnderstood(table.reason)
  }
  if (operation.kind === 'read-reservation') {
    const answer = parseReservation(stdout)
    if (!answer.ok) return notUnderstood(answer.reason)
    const held = answer.reservation
    return { result: 'good', reservation: held && { key: held.key, type: held.type } }
  }
  return { result: 'good' }
}

function notUnderstood(reason: string): DiskAnswer {
  return { result: 'other', text: `sg_persist's answer is not understood: ${reason}` }
}

/**
 * Runs a command. After `limit` milliseconds it is killed and not waited for: a process that hangs in the kernel dies
 * only when the kernel lets it.
 */
function runLimited(file: string, commandArguments: readonly string[], limit: number): Promise<CommandRun> {
  return new Promise((resolve) => {
    let stdout = ''
    let stderr = ''
    const child = spawn(file, commandArguments, { stdio: ['ignore', 'pipe', 'pipe'] })
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      resolve({ exit: null, stdout, stderr: `no answer within ${limit} ms` })
    }, limit)
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
    child.on('error', (error) => {
      clearTimeout(timer)
      resolve({ exit: null, stdout, stderr: String(error) })
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ exit: code, stdout, stderr })
    })
  })
}
