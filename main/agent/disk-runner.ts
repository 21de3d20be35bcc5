/** Executes a policy's disk requests with sg3_utils: in order per LUN, different LUNs at the same time. */
import type { DiskAnswer, DiskOperation, DiskRequest } from '../../labs/cluster/disk.ts'
import { parseKeys } from '../../labs/scsi/parse-keys.ts'
import { parseReservation } from '../../labs/scsi/parse-reservation.ts'
import { sgPersistMeaning, sgRawMeaning } from '../../labs/scsi/exit-status.ts'
import { whyNotProvenEmpty } from '../../labs/scsi/proven-empty.ts'
import { readTrace } from '../../labs/scsi/read-trace.ts'
import { assertNever } from '../../labs/assert-never.ts'
import { describeOperation } from '../../labs/cluster/disk.ts'
import type { EventLog } from './event-log.ts'
import { runLimited } from './run-limited.ts'
import type { CommandRun } from './run-limited.ts'
import { secondsSinceBoot } from './clock.ts'

export interface DiskRunner {
  /** Queues the request; `answered` is called once, at the latest after the time limit. */
  run(request: DiskRequest, answered: (answer: DiskAnswer) => void): void
}

/** Where the programs of sg3_utils are. */
export interface Programs {
  readonly sgPersist: string
  readonly sgTurs: string
  readonly sgRaw: string
  readonly sgReset: string
}

export interface DiskRunnerOptions {
  readonly programs: Programs
  /** LUN name to block device */
  readonly devices: Readonly<Record<string, string>>
  /** milliseconds */
  readonly limit: number
  readonly events: EventLog
  /** awaited before a LUN is given back (own key, own reservation): no write may be on its way */
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
    const { kind } = request.operation
    if (kind === 'unregister' || kind === 'release-6') await options.quiesce(request.lun)
    const began = secondsSinceBoot()
    const { program, words } = commandOf(request.operation, device)
    const run = await runLimited(options.programs[program], words, options.limit)
    const answer = answerOf(request.operation, run)
    options.events.entry('disk', {
      lun: request.lun,
      operation: describeOperation(request.operation),
      exit: run.exit,
      ...answer,
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

/**
 * The command of sg3_utils 1.46 (man pages, sources) for an operation. sg_persist `-n`: no INQUIRY; `-y`: open read-only; `-vvv`: say
 * what arrived (labs/scsi/read-trace.ts), and the sense data of what it would call good otherwise (NO SENSE).
 * sg_raw, sg_turs and sg_persist end with the same statuses (sg3_utils(8), EXIT STATUS), 24 is a reservation conflict and 6
 * a unit attention in all of them; sg_reset knows 0 and 1 only. `--no-esc`: a reset of this LUN that fails must not grow
 * into one of the target or of the host, which others use.
 */
export function commandOf(
  operation: DiskOperation,
  device: string,
): { readonly program: keyof Programs; readonly words: readonly string[] } {
  const read = (...words: string[]) =>
    ({ program: 'sgPersist', words: ['-n', '-y', '-vvv', '--in', ...words, device] }) as const
  const change = (...words: string[]) =>
    ({ program: 'sgPersist', words: ['-n', '-vvv', '--out', ...words, device] }) as const
  /** a command of six bytes without data */
  const six = (code: string) => ({ program: 'sgRaw', words: [device, code, '00', '00', '00', '00', '00'] }) as const
  switch (operation.kind) {
    case 'read-keys':
      return read('--read-keys')
    case 'read-reservation':
      return read('--read-reservation')
    case 'register-ignore':
      return change('--register-ignore', `--param-sark=${operation.key}`)
    case 'unregister':
      return change('--register', `--param-rk=${operation.key}`, '--param-sark=0')
    case 'register': {
      const present = operation.from === undefined ? [] : [`--param-rk=${operation.from}`]
      return change('--register', ...present, `--param-sark=${operation.key}`)
    }
    case 'clear':
      return change('--clear', `--param-rk=${operation.key}`)
    case 'reserve':
      return change('--reserve', `--param-rk=${operation.key}`, `--prout-type=${operation.type}`)
    case 'preempt-abort': {
      const keys = [`--param-rk=${operation.key}`, `--param-sark=${operation.victim}`]
      return change('--preempt-abort', ...keys, `--prout-type=${operation.type}`)
    }
    case 'test-unit-ready':
      return { program: 'sgTurs', words: [device] }
    case 'reserve-6':
      return six('16')
    case 'release-6':
      return six('17')
    case 'reset-lun':
      return { program: 'sgReset', words: ['--no-esc', '--device', device] }
  }
}

/** What a policy is told of an exit status. Whatever is neither an answer nor a refusal counts as unreachable. */
export function answerOf(operation: DiskOperation, run: CommandRun): DiskAnswer {
  const answer = meaningOf(operation, run)
  return run.exit === null ? answer : { ...answer, exit: run.exit }
}

function meaningOf(operation: DiskOperation, run: CommandRun): DiskAnswer {
  const { bytes, rest } = readTrace(run.stderr)
  const meaning = commandOf(operation, '').program === 'sgRaw' ? sgRawMeaning : sgPersistMeaning
  const exit = meaning(run.exit, rest)
  if (exit.outcome === 'good') return readAnswer(operation, run.stdout, bytes)
  const detail = rest.trim().split('\n').join('; ').slice(0, 300)
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

function readAnswer(operation: DiskOperation, stdout: string, bytes: string | undefined): DiskAnswer {
  if (operation.kind === 'read-keys') {
    const table = parseKeys(stdout)
    if (!table.ok) return notUnderstood(table.reason)
    const doubt = table.keys.length === 0 ? whyNoNews(table.generation, bytes) : undefined
    return doubt === undefined ? { result: 'good', keys: table.keys } : saysNothing(doubt)
  }
  if (operation.kind === 'read-reservation') {
    const answer = parseReservation(stdout)
    if (!answer.ok) return notUnderstood(answer.reason)
    const held = answer.reservation
    const doubt = held === null ? whyNoNews(answer.generation, bytes) : undefined
    if (doubt !== undefined) return saysNothing(doubt)
    return { result: 'good', reservation: held && { key: held.key, type: held.type } }
  }
  return { result: 'good' }
}

/** An empty table was traced as well: without bytes there was no answer. */
const whyNoNews = (generation: number, bytes: string | undefined) =>
  bytes === undefined ? 'no byte of an answer arrived' : whyNotProvenEmpty(generation, bytes)

/** It may have been lost on its way: the policy must not conclude that nobody is registered. */
function saysNothing(why: string): DiskAnswer {
  return { result: 'unreachable', text: `sg_persist prints an empty table that says nothing: ${why}` }
}

function notUnderstood(reason: string): DiskAnswer {
  return { result: 'other', text: `sg_persist's answer is not understood: ${reason}` }
}
