import type { FaultStep, Line, ProcessState } from '../../../labs/journal/event.ts'
import {
  hostOf,
  renewDeadMan,
  type CommandCheck,
  type FaultAction,
  type FaultCheck,
  type FaultPlan,
  type Found,
} from '../../../labs/faults/fault.ts'
import { faultNamed, faults } from '../../../labs/faults/faults.ts'
import { stateLetter } from '../../../labs/faults/vm-freeze.ts'
import { assertNever } from '../../../labs/assert-never.ts'
import { HostGone } from '../../transport/host-error.ts'
import type { Recorder, Seen } from '../../recorder/recorder.ts'
import { RecordingFailed } from '../../recorder/recording-failed.ts'
import { monitorCommand } from '../../program.ts'
import { until } from '../../until.ts'
import { findNodeProcess, type Lab } from '../../lab/lab.ts'
import { readOutlets } from './outlets.ts'
import { guardOutlets, type OutletGuard } from './outlet-guard.ts'
import type { Outstanding } from './outstanding.ts'

/** a host reverts by itself when the lab has not renewed its timer for so long */
export const deadManSeconds = 30
const renewMilliseconds = 8000
const commandMilliseconds = 15_000
const settleMilliseconds = 10_000
/** a host that is not back by then is reverted by its own timer */
const reconnectMilliseconds = 5000

export interface Injection {
  readonly id: string
  /** the nodes that boot when it is taken back */
  readonly startsAnew: readonly string[]
  /** Applies it, then sees whether it took. What is found is recorded; only a lab that cannot go on throws. */
  apply(signal: AbortSignal): Promise<void>
  verify(signal: AbortSignal): Promise<boolean>
  /**
   * Looks once more, before it is taken back or at the end, and records what it found (`held`): a dead-man timer may have
   * reverted it meanwhile. Only those who can be reached are asked; a node that the row took down answers no more, and that
   * is no news.
   */
  lookAgain(signal: AbortSignal): Promise<void>
  /**
   * Takes it back and sees that it is gone. Safe to call again.
   * @param look false where nobody needs to see that it is gone; then it is not said to be either
   */
  revert(signal: AbortSignal, options?: { readonly look: boolean }): Promise<boolean>
}

export interface InjectOptions {
  readonly lab: Lab
  readonly recorder: Pick<Recorder, 'append' | 'broken' | 'closed'>
  /** what was recorded so far */
  readonly lines: readonly Line[]
  readonly outstanding: Outstanding
  readonly id: string
  readonly fault: string
  readonly target: Readonly<Record<string, string>>
  /** how long a fault may need until it shows, and until it is gone, where it does not say so itself; 10 s */
  readonly settleMilliseconds?: number
  /** is it known that this host panicked? Then it is not asked any more: it cannot answer, and nothing is left to undo */
  readonly panicked?: (host: string) => boolean
}

/** What is done with a fault that is planned: nothing is touched yet. @throws Error where the testbed cannot do it */
export async function planFault(
  options: Pick<InjectOptions, 'lab' | 'id' | 'fault' | 'target'>,
  run: string,
  signal: AbortSignal,
): Promise<FaultPlan> {
  const { lab, id, target } = options
  const fault = faultNamed(options.fault)
  if (!fault) throw new Error(`there is no fault ${options.fault}; there are ${Object.keys(faults).join(', ')}`)
  const vm = lab.testbed.hosts[target['node'] ?? '']?.node?.vm
  const process = fault.name === 'vm-freeze' && vm ? (await findNodeProcess(lab, vm, signal)).pid : undefined
  const isHere = vm !== undefined && lab.testbed.hosts[vm.hypervisor]?.transport === 'local'
  return fault.plan(lab.testbed, target, {
    id: `${run}-${id}`,
    deadManSeconds,
    ...(process !== undefined && { process }),
    ...(isHere && { monitorCommand: monitorCommand() }),
  })
}

/** Prepares a fault: nothing is touched yet. @throws Error where the testbed cannot do it */
export async function prepareInjection(options: InjectOptions, signal: AbortSignal): Promise<Injection> {
  const { lab, recorder, outstanding, id, target } = options
  const plan = await planFault(options, outstanding.run, signal)
  const panicked = options.panicked ?? (() => false)
  const settle = options.settleMilliseconds ?? settleMilliseconds
  let renewing: NodeJS.Timeout | undefined
  let guard: OutletGuard | undefined
  let since = 0

  const record = (step: FaultStep['step'], more: { ok?: boolean; evidence?: string } = {}) =>
    write(recorder, { type: 'fault', id, fault: options.fault, target, step, ...more })
  const act = (action: FaultAction, actionSignal: AbortSignal) => attempt(() => perform(options, action, actionSignal))
  const seen = () => options.lines.filter(({ seq }) => seq > since)

  return {
    id,
    startsAnew: plan.startsAnew ?? [],
    async apply(signal) {
      // the way back is on disk before anything is done
      await outstanding.add({ id, text: plan.undoText, undo: plan.revert })
      since = options.lines.at(-1)?.seq ?? 0
      record('applying')
      const outlets = plan.apply
        .flat()
        .flatMap((action) => (action.kind === 'outlets' && !action.on ? action.outlets : []))
      if (outlets.length > 0) guard = await guardOutlets(lab, outlets, deadManSeconds)
      let failed: Found | undefined
      for (const stage of plan.apply) {
        const done = await Promise.all(stage.map((action) => act(action, signal)))
        failed = done.find(({ ok }) => !ok)
        if (failed) break
      }
      renewing = setInterval(() => {
        guard?.renew()
        for (const { host, words } of plan.timers) if (!panicked(host)) renew(lab, host, words)
      }, renewMilliseconds)
      record('applied', failed ?? { ok: true, evidence: 'the command succeeded' })
    },
    async verify(signal) {
      const found = await checkAll({ ...options, seen }, plan.verify, plan.settle?.verify ?? settle, signal)
      record('verified', found)
      return found.ok
    },
    async lookAgain(signal) {
      const askable = plan.verify.filter((check) => {
        const host = hostOf(check)
        return (
          check.kind !== 'reach' && (host === undefined || (!panicked(host) && lab.host(host).state() === 'connected'))
        )
      })
      const answers = await Promise.all(askable.map((check) => ask({ ...options, seen }, check, signal)))
      const against = answers.filter(({ ok, answered }) => answered && !ok)
      // that a peer gets no answer proves nothing by itself: it may have gone down with the fault
      const proved = askable.some((check, index) => !check.secondWitness && answers[index]?.ok)
      const evidence = askable.flatMap((check, index) => told(check, answers[index])).join('; ')
      record('held', {
        ...(against.length > 0 ? { ok: false } : proved && { ok: true }),
        evidence: evidence === '' ? 'nobody could be asked' : evidence,
      })
    },
    async revert(signal, { look } = { look: true }) {
      record('reverting')
      const lost = plan.revert.flatMap((action) =>
        action.kind === 'command' && panicked(action.host) ? [action.host] : [],
      )
      const open = plan.revert.filter((action) => !(action.kind === 'command' && panicked(action.host)))
      const done = await Promise.all(open.map((action) => attempt(() => again(options, action, signal))))
      clearInterval(renewing)
      const failed = done.find(({ ok }) => !ok)
      if (!failed) guard?.end()
      const said =
        lost.length > 0
          ? `${[...new Set(lost)].join(', ')} panicked: what was done to it is gone with its kernel`
          : 'the command succeeded'
      if (plan.revert.length > 0 && open.length === 0) {
        record('reverted', { ok: false, evidence: said })
        return false
      }
      record(
        'reverted',
        failed ?? {
          ok: true,
          evidence:
            plan.revert.length === 0 ? 'there is nothing to take back: it ends by itself, or with a new start' : said,
        },
      )
      if (!look && !failed) return false
      const found = failed ?? (await checkAll({ ...options, seen }, plan.gone, plan.settle?.gone ?? settle, signal))
      // what cannot be seen to be gone stays on the list; the way back to all green takes it off
      if (plan.gone.length > 0) record('gone', found)
      const over = found.ok && plan.gone.length > 0
      if (over) await outstanding.remove(id)
      return over
    },
  }
}

/** Does one thing that a fault consists of. @throws Error where it failed */
export async function perform(
  { lab, recorder }: Pick<InjectOptions, 'lab'> & { readonly recorder?: InjectOptions['recorder'] },
  action: FaultAction,
  signal: AbortSignal,
): Promise<void> {
  switch (action.kind) {
    case 'command': {
      const { host, purpose, argv, timeout = commandMilliseconds } = action
      await lab.run(host, { purpose, argv, timeoutMs: timeout, signal })
      return
    }
    case 'outlets':
      await Promise.all(action.outlets.map((outlet) => lab.power.switch(outlet, action.on, signal)))
      if (recorder) await readOutlets({ lab, recorder }, action.outlets, signal)
      return
    default:
      assertNever(action, 'fault action')
  }
}

/**
 * Takes back, and does so once more where the connection was lost on the way: nobody knows whether it was done, and it is
 * right to do it at any time.
 */
async function again(options: InjectOptions, action: FaultAction, signal: AbortSignal): Promise<void> {
  try {
    await perform(options, action, signal)
  } catch (error) {
    if (action.kind !== 'command' || !(error instanceof HostGone) || options.panicked?.(action.host)) throw error
    await options.lab.host(action.host).connected(AbortSignal.any([signal, AbortSignal.timeout(reconnectMilliseconds)]))
    await perform(options, action, signal)
  }
}

/**
 * Writes down a step. A recording that cannot be written has told the engine so itself (it heals and stops), and must
 * not keep a fault from being taken back.
 */
function write(recorder: InjectOptions['recorder'], event: FaultStep | ProcessState, seen: Seen = {}): void {
  if (recorder.broken || recorder.closed) return
  try {
    recorder.append(event, seen)
  } catch (error) {
    if (!(error instanceof RecordingFailed)) throw error
  }
}

/** The timer on the host is told that the lab is there. Where the host is gone, the timer does what it is for. */
function renew(lab: Lab, host: string, words: readonly string[]): void {
  const argv = ['sh', '-c', renewDeadMan, 'fault', ...words]
  lab
    .run(host, { purpose: 'renew the dead-man timer', argv, expected: [0, 1], timeoutMs: 5000 })
    .catch(() => undefined /* recorded as a command that failed; the timer reverts the fault, as it should */)
}

interface Answered extends Found {
  /** the question was answered, one way or the other */
  readonly answered: boolean
}
type Asking = InjectOptions & { readonly seen: () => readonly Line[] }

/**
 * Asks all checks until all have said yes, or time is up: then the last answers stand. A yes stands, too: a node that
 * said so may panic before the others are done. A second witness that cannot be asked (it went down with the fault) is
 * no witness against.
 */
async function checkAll(
  options: Asking,
  all: readonly FaultCheck[],
  milliseconds: number,
  signal: AbortSignal,
): Promise<Found> {
  const answers = new Map<FaultCheck, Answered>()
  // nobody waits for the word of a witness that is known to have panicked
  const checks = all.filter((check) => !(check.secondWitness && options.panicked?.(hostOf(check) ?? '')))
  const open = () => checks.filter((check) => answers.get(check)?.ok !== true)
  const limit = AbortSignal.any([signal, AbortSignal.timeout(milliseconds)])
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
  return [`${secondWitness && !found.answered ? 'not answered' : 'NOT CONFIRMED'}: ${found.evidence}`]
}

async function ask(options: Asking, check: FaultCheck, signal: AbortSignal): Promise<Answered> {
  try {
    switch (check.kind) {
      case 'command':
        return { ...(await askHost(options, check, signal)), answered: true }
      case 'outlets': {
        const states = await readOutlets(options, check.outlets, signal)
        const wrong = states.filter(({ state }) => state !== (check.on ? 'on' : 'off'))
        const evidence = states.map(({ outlet, state }) => `${outlet} says that it is ${state}`).join(', ')
        return { ok: wrong.length === 0, evidence, answered: true }
      }
      case 'seen':
        return { ...check.read(options.seen()), answered: true }
      case 'reach':
        return { ...(await reach(options, check, signal)), answered: true }
      default:
        return assertNever(check, 'fault check')
    }
  } catch (error) {
    const evidence = `${check.purpose}: ${error instanceof Error ? error.message : String(error)}`
    return { ok: false, answered: false, evidence }
  }
}

async function askHost({ lab, recorder }: Asking, check: CommandCheck, signal: AbortSignal): Promise<Found> {
  const { host, purpose, argv, expected, timeout } = check
  const result = await lab.run(host, { purpose, argv, expected, timeoutMs: timeout, signal })
  if (check.processOf !== undefined) {
    const pid = Number(/^\d+/.exec(result.stdout)?.[0] ?? 0)
    write(recorder, { type: 'process', node: check.processOf, pid, state: stateLetter(result.stdout) }, { host })
  }
  return check.read(result)
}

/** That a host does not answer proves nothing by itself; that it does, does. */
async function reach(
  { lab }: Asking,
  { host, wanted, timeout }: Extract<FaultCheck, { kind: 'reach' }>,
  signal: AbortSignal,
): Promise<Found> {
  const limit = AbortSignal.timeout(timeout)
  try {
    const both = AbortSignal.any([signal, limit])
    await lab.host(host).connected(both)
    await lab.run(host, { purpose: `does ${host} answer`, argv: ['true'], timeoutMs: timeout, signal: both })
    return { ok: wanted === 'answers', evidence: `${host} answers` }
  } catch (error) {
    signal.throwIfAborted()
    const why = limit.aborted ? `not within ${timeout} ms` : error instanceof Error ? error.message : String(error)
    return { ok: wanted === 'does not answer', evidence: `${host} does not answer (${why})` }
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
