import type { FaultStep, ProcessState } from '../../labs/journal/event.ts'
import type { FaultCheck, FaultCommand, FaultPlan } from '../../labs/faults/fault.ts'
import { renewDeadMan } from '../../labs/faults/fault.ts'
import { faults } from '../../labs/faults/faults.ts'
import { stateLetter } from '../../labs/faults/vm-freeze.ts'
import type { Recorder, Seen } from '../recorder/recorder.ts'
import { RecordingFailed } from '../recorder/recording-failed.ts'
import { until } from '../until.ts'
import { findNodeProcess, type Lab } from './lab.ts'
import type { Outstanding } from './outstanding.ts'

/** a host reverts by itself when the lab has not renewed its timer for so long */
export const deadManSeconds = 30
const renewMilliseconds = 8000
const commandMilliseconds = 15_000
const settleMilliseconds = 10_000

export interface Injection {
  readonly id: string
  /** Applies it, then sees whether it took. What is found is recorded; only a lab that cannot go on throws. */
  apply(signal: AbortSignal): Promise<void>
  verify(signal: AbortSignal): Promise<boolean>
  /**
   * Looks once more, at the end: a dead-man timer may have reverted it meanwhile. Only those who can be reached are
   * asked; a node that the row took down answers no more, and that is no news.
   */
  lookAgain(signal: AbortSignal): Promise<void>
  /** Takes it back and sees that it is gone. Safe to call again. */
  revert(signal: AbortSignal): Promise<boolean>
}

export interface InjectOptions {
  readonly lab: Lab
  readonly recorder: Recorder
  readonly outstanding: Outstanding
  readonly id: string
  readonly fault: string
  readonly target: Readonly<Record<string, string>>
  /** how long a fault may need until it shows, and until it is gone; 10 s */
  readonly settleMilliseconds?: number
  /** is it known that this host panicked? Then it is not asked any more: it cannot answer, and nothing is left to undo */
  readonly panicked?: (host: string) => boolean
}

/** Prepares a fault: nothing is touched yet. @throws Error where the testbed cannot do it */
export async function prepareInjection(options: InjectOptions, signal: AbortSignal): Promise<Injection> {
  const { lab, recorder, outstanding, id, target } = options
  const fault = faults[options.fault]
  if (!fault) throw new Error(`there is no fault ${options.fault}; there are ${Object.keys(faults).join(', ')}`)
  const vm = lab.testbed.hosts[target['node'] ?? '']?.node?.vm
  const process = fault.name === 'vm-freeze' && vm ? (await findNodeProcess(lab, vm, signal)).pid : undefined
  const plan = fault.plan(lab.testbed, target, {
    id: `${outstanding.run}-${id}`,
    deadManSeconds,
    ...(process !== undefined && { process }),
  })
  let renewing: NodeJS.Timeout | undefined
  const panicked = options.panicked ?? (() => false)

  const record = (step: FaultStep['step'], more: { ok?: boolean; evidence?: string } = {}) =>
    write(recorder, { type: 'fault', id, fault: fault.name, target, step, ...more })
  const command = ({ purpose, argv }: FaultCommand, commandSignal: AbortSignal) =>
    lab.run(plan.host, { purpose, argv, timeoutMs: commandMilliseconds, signal: commandSignal })

  return {
    id,
    async apply(signal) {
      // the way back is on disk before anything is done
      await outstanding.add({ id, host: plan.host, text: plan.undoText, undo: plan.revert })
      record('applying')
      const done = await attempt(() => command(plan.apply, signal))
      renewing = setInterval(() => panicked(plan.host) || renew(lab, plan), renewMilliseconds)
      record('applied', { ok: done.ok, evidence: done.evidence })
    },
    async verify(signal) {
      const found = await checkAll(options, plan.verify, signal)
      record('verified', found)
      return found.ok
    },
    async lookAgain(signal) {
      const reachable = plan.verify.filter(({ host }) => !panicked(host) && lab.host(host).state() === 'connected')
      const answers = await Promise.all(reachable.map((check) => ask(options, check, signal)))
      const against = answers.filter(({ ok, answered }) => answered && !ok)
      if (against.length > 0) record('gone', { ok: true, evidence: against.map(({ evidence }) => evidence).join('; ') })
    },
    async revert(signal) {
      clearInterval(renewing)
      record('reverting')
      if (panicked(plan.host)) {
        record('reverted', { ok: false, evidence: `${plan.host} panicked: what was done to it is gone with its kernel` })
        return false
      }
      const done = await attempt(() => command(plan.revert, signal))
      record('reverted', { ok: done.ok, evidence: done.evidence })
      const found = done.ok ? await checkAll(options, plan.gone, signal) : { ok: false, evidence: done.evidence }
      record('gone', found)
      if (found.ok) await outstanding.remove(id)
      return found.ok
    },
  }
}

/**
 * Writes down a step. A recording that cannot be written has told the engine so itself (it heals and stops), and must
 * not keep a fault from being taken back.
 */
function write(recorder: Recorder, event: FaultStep | ProcessState, seen: Seen = {}): void {
  if (recorder.broken || recorder.closed) return
  try {
    recorder.append(event, seen)
  } catch (error) {
    if (!(error instanceof RecordingFailed)) throw error
  }
}

/** The timer on the host is told that the lab is there. Where the host is gone, the timer does what it is for. */
function renew(lab: Lab, plan: FaultPlan): void {
  const argv = ['sh', '-c', renewDeadMan, ...plan.apply.argv.slice(3)]
  lab
    .run(plan.host, { purpose: 'renew the dead-man timer', argv, expected: [0, 1], timeoutMs: 5000 })
    .catch(() => undefined /* recorded as a command that failed; the timer reverts the fault, as it should */)
}

interface Found {
  readonly ok: boolean
  readonly evidence: string
}
interface Answered extends Found {
  /** the question was answered, one way or the other */
  readonly answered: boolean
}

/**
 * Asks all checks until all have said yes, or time is up: then the last answers stand. A yes stands, too: a node that
 * said so may panic before the others are done. A second witness that cannot be asked (it went down with the fault) is
 * no witness against.
 */
async function checkAll(options: InjectOptions, all: readonly FaultCheck[], signal: AbortSignal): Promise<Found> {
  const answers = new Map<FaultCheck, Answered>()
  // nobody waits for the word of a witness that is known to have panicked
  const checks = all.filter(({ host, secondWitness }) => !(secondWitness && options.panicked?.(host)))
  const open = () => checks.filter((check) => answers.get(check)?.ok !== true)
  const limit = AbortSignal.any([signal, AbortSignal.timeout(options.settleMilliseconds ?? settleMilliseconds)])
  try {
    await until(
      async () => {
        await Promise.all(
          open().map(async (check) => {
            const found = await ask(options, check, limit)
            // a look that was cut short saw nothing: the one before it stands
            if (!limit.aborted || !answers.has(check)) answers.set(check, found)
          }),
        )
        return open().length === 0
      },
      { signal: limit, everyMilliseconds: 200 },
    )
  } catch (error) {
    if (!limit.aborted) throw error
    if (answers.size === 0) return { ok: false, evidence: 'nothing answered in time' }
  }
  const against = open().filter((check) => !(check.secondWitness && answers.get(check)?.answered === false))
  const proved = checks.some((check) => !check.secondWitness && answers.get(check)?.ok)
  return {
    ok: against.length === 0 && proved,
    evidence: checks.flatMap((check) => told(check, answers.get(check))).join('; '),
  }
}

function told({ secondWitness }: FaultCheck, found: Answered | undefined): string[] {
  if (!found) return []
  if (found.ok) return [found.evidence]
  return [`${secondWitness && !found.answered ? 'not answered' : 'NOT AS WANTED'}: ${found.evidence}`]
}

async function ask({ lab, recorder }: InjectOptions, check: FaultCheck, signal: AbortSignal): Promise<Answered> {
  try {
    const { host, purpose, argv, expected, timeout } = check
    const result = await lab.run(host, { purpose, argv, expected, timeoutMs: timeout, signal })
    if (check.processOf !== undefined) {
      const state = stateLetter(result.stdout)
      const pid = Number(/^\d+/.exec(result.stdout)?.[0] ?? 0)
      write(recorder, { type: 'process', node: check.processOf, pid, state }, { host })
    }
    return { ...check.read(result), answered: true }
  } catch (error) {
    const evidence = `${check.purpose}: ${error instanceof Error ? error.message : String(error)}`
    return { ok: false, answered: false, evidence }
  }
}

async function attempt(action: () => Promise<unknown>): Promise<Found> {
  try {
    await action()
    return { ok: true, evidence: 'the command succeeded' }
  } catch (error) {
    return { ok: false, evidence: error instanceof Error ? error.message : String(error) }
  }
}
