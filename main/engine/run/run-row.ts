import { join } from 'node:path'
import type { Line } from '../../../labs/journal/event.ts'
import { whyNotOn } from '../../../labs/steps/why-not-on.ts'
import type { Scenario } from '../../../labs/scenarios/scenario.ts'
import type { Verdict } from '../../../labs/verdicts/verdict.ts'
import { log } from '../../log/log.ts'
import type { OnProgress } from '../../progress.ts'
import { Recorder } from '../../recorder/recorder.ts'
import type { RecordingFailed } from '../../recorder/recording-failed.ts'
import { until } from '../../until.ts'
import { takeBaseline } from './baseline.ts'
import { collect } from './collect.ts'
import { showControl } from '../observe/provoke-refusals.ts'
import { conclude, endOf, type Ending } from './conclude.ts'
import { keepDuration, lastDuration } from './durations.ts'
import { recordFacts } from './facts.ts'
import type { Going } from '../going.ts'
import type { Injection } from '../inject/inject.ts'
import { nodeNames, type Lab } from '../../lab/lab.ts'
import { openEyes } from '../observe/open-eyes.ts'
import { openOutstanding } from '../inject/outstanding.ts'
import { recordCommands } from '../observe/record-commands.ts'
import { runName, startOfRun } from './start-of-run.ts'
import { takeSteps } from './take-steps.ts'

export interface RowResult {
  readonly scenario: Scenario
  readonly directory: string
  readonly verdict: Verdict
  readonly lines: readonly Line[]
  /** from the first look to the verdict */
  readonly seconds: number
  /** did the lab come back to all green afterwards */
  readonly restored: boolean
}

export interface RunOptions {
  readonly lab: Lab
  readonly scenario: Scenario
  /** folder in which the run's own folder is made */
  readonly out: string
  readonly onProgress: OnProgress
  /** every line as it is recorded, for whoever looks on */
  readonly onLine?: (line: Line) => void
  /** brings the lab back to all green: what that takes is the lab's own business */
  readonly restore: (signal: AbortSignal) => Promise<void>
  readonly signal: AbortSignal
}

/** healing goes on when the run was stopped; it has time limits of its own */
const healMilliseconds = 60_000
const restoreMilliseconds = 300_000
const leaveMilliseconds = 60_000

/**
 * Runs one row once: looks, takes the baseline, injects, waits, collects, restores, and judges what was recorded. What
 * goes wrong on the way is recorded and judged (inconclusive); only a recording that cannot be written, or a lab that
 * cannot be prepared, throws.
 */
export async function runRow(options: RunOptions): Promise<RowResult> {
  const { lab, scenario, onProgress } = options
  const began = performance.now()
  const run = runName(scenario)
  const directory = join(options.out, run)
  const hindrance = whyNotOn(scenario, lab)
  if (hindrance !== undefined) return recordNotApplicable(options, run, hindrance)
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const recorder = new Recorder({
    directory,
    now: () => performance.now(),
    onBroken: (error: RecordingFailed) => stop.abort(error),
  })
  const lines: Line[] = []
  recorder.onLine((line) => {
    lines.push(line)
    options.onLine?.(line)
  })
  const outstanding = await openOutstanding(run, directory, lab.file)
  const looking = new AbortController()
  const injections: Injection[] = []
  let ended: Ending = { reason: 'complete' }
  let restored = false

  try {
    const progress = await stages(scenario, onProgress)
    progress('looking at the lab')
    const nodes = nodeNames(lab.testbed)
    const firstStatus = await Promise.all(
      nodes.map(async (node) => ({ node, ...(await lab.stack.status(lab, node, signal)) })),
    )
    const started = startOfRun(
      lab,
      scenario,
      run,
      firstStatus.filter(({ status }) => status.active).map(({ node }) => node),
    )
    recorder.append(started)
    recordCommands(lab, recorder)
    recorder.append({ type: 'phase', name: 'prepare' })
    const eyes = openEyes({ lab, recorder, run, signal: looking.signal })
    const base = { lab, scenario, started, recorder, lines, outstanding, injections, progress }
    const going: Going = { ...base, catchUp: eyes.catchUp }
    const facts = recordFacts(lab, recorder, signal)
    // the ledger begins when its log is being read: nothing of it is missed
    const ledger = eyes.logs.then(() =>
      Promise.all(nodes.map((node) => lab.stack.startLedger(lab, node, run, 'runs', signal))),
    )
    // the baseline is taken when all eyes are open and the nodes have caught their breath: opening them takes their time
    const control = showControl(going, signal)
    await Promise.race([Promise.all([eyes.all, facts, ledger, control]), aborted(signal)])
    await letOthersLeave(going, signal)

    progress('taking the baseline')
    recorder.append({ type: 'phase', name: 'baseline' })
    const baseline = await takeBaseline(going, signal)
    recorder.append(baseline)
    if (baseline.green) {
      recorder.append({ type: 'phase', name: 'inject' })
      await takeSteps(going, signal)
    }
    progress('collecting what became of everything')
    recorder.append({ type: 'phase', name: 'collect' })
    await Promise.all([collect(going, signal), ...injections.map((injection) => injection.lookAgain(signal))])
  } catch (error) {
    ended = endOf(error, options.signal)
  }

  // From here on nothing may keep the lab from being healed: not a recording that cannot be written either.
  try {
    if (!recorder.broken) recorder.append({ type: 'phase', name: 'restore' })
  } catch (error) {
    ended = endOf(error, options.signal)
  }
  const undone = await heal(options, injections, ended)
  looking.abort()
  const verdict = await conclude(recorder, lines, ended)
  const seconds = (performance.now() - began) / 1000
  lab.setRecord(undefined)
  log.info(`the run ended: ${verdict.verdict}`, { lab: lab.testbed.name, row: scenario.name, recording: directory })

  onProgress({ text: 'going back to all green' })
  try {
    await options.restore(AbortSignal.timeout(restoreMilliseconds))
    restored = true
  } finally {
    // what could not be undone by hand is undone by a lab that is all green again
    if (restored || undone) await outstanding.clear()
  }
  if (recorder.broken) throw recorder.broken
  if (ended.reason === 'complete') await keepDuration(scenario.name, seconds)
  return { scenario, directory, verdict, lines, seconds, restored }
}

/** A row that the testbed cannot do is recorded as just that: nobody has to guess why it is missing. */
async function recordNotApplicable(
  { lab, scenario, out, onLine }: RunOptions,
  run: string,
  reason: string,
): Promise<RowResult> {
  const directory = join(out, run)
  const recorder = new Recorder({ directory, now: () => performance.now() })
  const lines: Line[] = []
  recorder.onLine((line) => {
    lines.push(line)
    onLine?.(line)
  })
  recorder.append(startOfRun(lab, scenario, run, []))
  recorder.append({ type: 'applicability', applicable: false, reason })
  const verdict = await conclude(recorder, lines, { reason: 'complete' })
  return { scenario, directory, verdict, lines, seconds: 0, restored: true }
}

/** A row may want fewer members than the testbed has nodes: the others leave before anything is looked at. */
async function letOthersLeave(going: Going, signal: AbortSignal): Promise<void> {
  const { lab, scenario, started, lines } = going
  const { members } = scenario
  if (!members) return
  const staying = members.flatMap((role) => started.roles[role] ?? [])
  const others = nodeNames(lab.testbed).filter((node) => !staying.includes(node))
  if (others.length === 0) return
  going.progress(`letting ${others.join(', ')} leave`)
  await Promise.all(others.map((node) => lab.stack.tell(lab, node, 'leave', signal)))
  const have = () =>
    others.every((node) => lines.some((line) => line.type === 'stack' && line.host === node && line.state === 'left'))
  await until(have, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(leaveMilliseconds)]),
    everyMilliseconds: 200,
  })
}

/**
 * Takes everything back; a fault that cannot be taken back does not keep the others from it. Where a complete run goes
 * back to a snapshot, nobody waits to see that what is about to be undone is gone: a node that gets its power back would
 * have to boot for nothing. A run that was stopped or broke looks: its recording tells in what state the lab was left.
 */
async function heal(
  { lab, onProgress }: RunOptions,
  injections: readonly Injection[],
  ended: Ending,
): Promise<boolean> {
  onProgress({ text: 'undoing what was injected' })
  const limit = AbortSignal.timeout(healMilliseconds)
  const look = lab.testbed.restore.kind !== 'snapshot' || ended.reason !== 'complete'
  const undone = await Promise.allSettled(injections.map((injection) => injection.revert(limit, { look })))
  return undone.every((one) => one.status === 'fulfilled' && one.value)
}

/** Stops with the reason of the signal. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fire = () => reject(signal.reason as Error)
    if (signal.aborted) fire()
    else signal.addEventListener('abort', fire, { once: true })
  })
}

/** Tells where the run is, and how long it took from there the last time this row was run on this computer. */
async function stages(scenario: Scenario, onProgress: OnProgress): Promise<(text: string) => void> {
  const total = 4 + scenario.steps.length
  const last = await lastDuration(scenario.name)
  const began = performance.now()
  let done = 0
  return (text) => {
    const left = last === undefined ? undefined : Math.max(1, Math.round(last - (performance.now() - began) / 1000))
    onProgress({
      text: `${scenario.name}: ${text}`,
      fraction: Math.min(1, done / total),
      ...(left !== undefined && { secondsLeft: left }),
    })
    done += 1
  }
}
