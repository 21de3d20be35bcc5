import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Line } from '../../../labs/journal/event.ts'
import { faultNamed } from '../../../labs/faults/faults.ts'
import type { Scenario } from '../../../labs/scenarios/scenario.ts'
import { log } from '../../log/log.ts'
import type { OnProgress } from '../../progress.ts'
import { Recorder } from '../../recorder/recorder.ts'
import { conclude, endOf, type Ending } from './conclude.ts'
import { hasPanicked } from '../going.ts'
import { prepareInjection, type Injection } from '../inject/inject.ts'
import { nodeNames, type Lab } from '../../lab/lab.ts'
import { watchConsole, watchPanicEvents } from '../observe/observers.ts'
import { openOutstanding } from '../inject/outstanding.ts'
import { recordCommands } from '../observe/record-commands.ts'
import { runName, startOfRun } from './start-of-run.ts'

export interface FaultResult {
  /** it took, as it was verified */
  readonly taken: boolean
  /** it was verified to be gone again; undefined where it has to be undone by other means (a crashed node) */
  readonly gone: boolean | undefined
  readonly evidence: readonly string[]
  readonly directory: string
}

export interface FaultOptions {
  readonly lab: Lab
  readonly fault: string
  readonly target: Readonly<Record<string, string>>
  /** how long it is to last, milliseconds; absent: until the signal fires */
  readonly milliseconds?: number
  readonly out: string
  readonly onProgress: OnProgress
  /** it is there now, or it is not: said before the waiting begins */
  readonly onTaken: (taken: boolean, evidence: string) => void
  readonly signal: AbortSignal
}

/** healing goes on when the program was told to stop */
const healMilliseconds = 400_000

/**
 * Injects one fault by itself: apply, verify, wait, take back, verify. Everything is recorded as in a run; the
 * verdict can only be that there is no row to judge it by.
 */
export async function runFault(options: FaultOptions): Promise<FaultResult> {
  const { lab, target, signal } = options
  const scenario = aloneScenario(lab, options.fault, target)
  const run = runName(scenario)
  const directory = join(options.out, run)
  const recorder = new Recorder({ directory, now: () => performance.now() })
  const lines: Line[] = []
  recorder.onLine((line) => lines.push(line))
  recorder.append(startOfRun(lab, scenario, run, []))
  recordCommands(lab, recorder)
  const outstanding = await openOutstanding(run, directory, lab.file)
  const looking = new AbortController()
  const eyes = { lab, recorder, run, signal: looking.signal }
  let held: Held
  let ended: Ending = { reason: 'complete' }
  try {
    // a crash is seen on the console and by the hypervisor
    const watches = nodeNames(lab.testbed).flatMap((node) => [watchConsole(eyes, node), watchPanicEvents(eyes, node)])
    await Promise.all(watches.flatMap((watch) => (watch ? [watch.ready] : [])))
    const injection = await prepareInjection(
      {
        lab,
        recorder,
        lines,
        outstanding,
        id: 'fault',
        fault: options.fault,
        target,
        panicked: (host) => hasPanicked({ lab, lines }, host),
      },
      signal,
    )
    held = await hold(options, injection, lines)
    if (held.over) await outstanding.clear()
  } catch (error) {
    ended = endOf(error, signal)
    const last = lines.findLast((line) => line.type === 'fault')
    // what was never begun, or is seen to be gone, is nothing that anybody has to undo
    if (last === undefined || (last.step === 'gone' && last.ok)) await outstanding.clear()
    throw error
  } finally {
    looking.abort()
    lab.setRecord(undefined)
    await conclude(recorder, lines, ended)
    log.info(`the run ended: ${ended.reason}`, { lab: lab.testbed.name, fault: options.fault, recording: directory })
  }
  if (recorder.broken) throw recorder.broken
  return {
    taken: held.taken,
    gone: lines.some((line) => line.type === 'fault' && line.step === 'gone') ? held.over : undefined,
    evidence: (['verified', 'reverted', 'gone'] as const)
      .map((step) => lastEvidence(lines, step))
      .filter((text) => text !== ''),
    directory,
  }
}

interface Held {
  /** it took, as it was verified */
  readonly taken: boolean
  /** it was taken back, and is seen to be gone */
  readonly over: boolean
}

/** Applies it, and takes it back whatever happens on the way: somebody who stops in the middle wants it back, too. */
async function hold(
  { fault, milliseconds, onProgress, onTaken, signal }: FaultOptions,
  injection: Injection,
  lines: readonly Line[],
): Promise<Held> {
  let taken = false
  let over = false
  try {
    onProgress({ text: `injecting ${fault}` })
    await injection.apply(signal)
    taken = await injection.verify(signal)
    onTaken(taken, lastEvidence(lines, 'verified'))
    if (taken) await waitFor(milliseconds, signal)
  } finally {
    onProgress({ text: `taking ${fault} back` })
    over = await injection.revert(AbortSignal.timeout(healMilliseconds))
  }
  return { taken, over }
}

function lastEvidence(lines: readonly Line[], step: 'verified' | 'reverted' | 'gone'): string {
  const line = lines.findLast((one) => one.type === 'fault' && one.step === step)
  return line?.type === 'fault' ? (line.evidence ?? '') : ''
}

/** Until time is up, or whoever started it has had enough: either is the regular end. */
async function waitFor(milliseconds: number | undefined, signal: AbortSignal): Promise<void> {
  await delay(milliseconds ?? 2 ** 31 - 1, undefined, { signal }).catch(
    () => undefined /* the end of the fault, not of the program */,
  )
}

/** A recording says what it is a recording of. The cluster is the testbed's own, whichever runs: nothing is asked of it. */
function aloneScenario({ testbed }: Lab, fault: string, target: Readonly<Record<string, string>>): Scenario {
  return {
    name: `fault-${fault}`,
    title: `The fault ${fault} by itself: ${faultNamed(fault)?.title ?? ''}`,
    document: { event: Object.values(target).join(', '), nodes: {}, operatorAction: '' },
    source: { document: 'no documented row', place: 'fencelab fault' },
    policy: testbed.stack.policy,
    // a row's steps name roles, and here is no row: what was done to what stands in the fault's own events
    steps: [],
    expected: {},
    rules: [],
  }
}
