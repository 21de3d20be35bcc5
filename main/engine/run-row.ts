import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Baseline, Line, RunStarted } from '../../labs/journal/event.ts'
import { isMet } from '../../labs/scenarios/conditions.ts'
import type { Condition, Scenario } from '../../labs/scenarios/scenario.ts'
import { nodeKeys } from '../../labs/stacks/reference/keys.ts'
import { nodesOf, panicWitnesses } from '../../labs/testbed/parts.ts'
import { judge } from '../../labs/verdicts/judge.ts'
import type { Verdict } from '../../labs/verdicts/verdict.ts'
import type { OnProgress } from '../progress.ts'
import { Recorder } from '../recorder/recorder.ts'
import type { RecordingFailed } from '../recorder/recording-failed.ts'
import { writeVerdict } from '../recorder/verdict-file.ts'
import { askStatus, startLedger } from '../stacks/reference-stack.ts'
import { until } from '../until.ts'
import { version } from '../version.ts'
import { devicesByLun, findDevices } from './devices.ts'
import { prepareInjection, type Injection } from './inject.ts'
import { nodeNames, viewerNames, type Lab } from './lab.ts'
import {
  askableArrays,
  watchArray,
  watchClock,
  watchConnection,
  watchConsole,
  watchKeys,
  watchPanicEvents,
  watchStackLog,
  type Observation,
} from './observers.ts'
import { openOutstanding } from './outstanding.ts'
import { collect } from './collect.ts'
import { recordFacts } from './facts.ts'
import { takeBaseline } from './baseline.ts'

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

/** healing goes on when the run was stopped; it has a time limit of its own */
const healMilliseconds = 60_000

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
  const observation: Observation = { lab, recorder, run, signal: looking.signal }
  const injections: Injection[] = []
  let ended: { readonly reason: 'complete' | 'stopped' | 'error'; readonly error?: string } = { reason: 'complete' }
  let restored = false

  try {
    const progress = stages(scenario, onProgress)
    progress('looking at the lab')
    const nodes = nodeNames(lab.testbed)
    const firstStatus = await Promise.all(nodes.map(async (node) => ({ node, ...(await askStatus(lab, node, signal)) })))
    const started = startOf(lab, scenario, run, firstStatus.filter(({ status }) => status.active).map(({ node }) => node))
    recorder.append(started)
    recordCommands(lab, recorder)
    recorder.append({ type: 'phase', name: 'prepare' })
    await look(observation, signal)
    await recordFacts(lab, recorder, signal)
    await Promise.all(nodes.map((node) => startLedger(lab, node, run, signal)))

    progress('taking the baseline')
    recorder.append({ type: 'phase', name: 'baseline' })
    const baseline: Baseline = await takeBaseline({ lab, recorder, lines, started }, signal)
    recorder.append(baseline)
    if (baseline.green) {
      recorder.append({ type: 'phase', name: 'inject' })
      await takeSteps(options, { recorder, lines, started, injections, outstanding }, progress, signal)
    }
    progress('collecting what became of everything')
    recorder.append({ type: 'phase', name: 'collect' })
    await collect({ lab, recorder, lines, run }, signal)
  } catch (error) {
    ended = endOf(error, options.signal)
  }

  const heal = AbortSignal.timeout(healMilliseconds)
  if (!recorder.broken) recorder.append({ type: 'phase', name: 'restore' })
  onProgress({ text: 'undoing what was injected' })
  const undone = await Promise.all(injections.map((injection) => injection.revert(heal)))
  looking.abort()
  for (const [node, text] of consolesOf(lines)) if (!recorder.broken) recorder.attach(`console-${node}.txt`, text)
  if (recorder.broken) ended = { reason: 'error', error: recorder.broken.message }
  else recorder.close(ended.reason, ended.error)
  const verdict = judge(lines)
  if (!recorder.broken) await writeVerdict(directory, verdict)
  const seconds = (performance.now() - began) / 1000
  lab.setRecord(() => undefined)

  onProgress({ text: 'going back to all green' })
  try {
    await options.restore(AbortSignal.any([AbortSignal.timeout(healMilliseconds * 5)]))
    restored = true
  } finally {
    // what could not be undone by hand is undone by a lab that is all green again
    if (restored || undone.every(Boolean)) await outstanding.clear()
  }
  if (recorder.broken) throw recorder.broken
  return { scenario, directory, verdict, lines, seconds, restored }
}

/** From here on every command is an event. */
function recordCommands(lab: Lab, recorder: Recorder): void {
  lab.setRecord((event) => {
    const { host, hostAt, ...rest } = event
    if (recorder.broken || recorder.closed) return undefined
    return recorder.append(rest, { host, ...(hostAt !== undefined && { hostAt }) }).seq
  })
}

function runName(scenario: Scenario): string {
  const time = new Date().toISOString().replace(/[-:]/g, '').replace(/\..*/, 'Z')
  return `${time}-${scenario.name}-${randomBytes(2).toString('hex')}`
}

/** Roles: A is the node that runs the failover group (the lowest where none does), the others follow by their number. */
function startOf(lab: Lab, scenario: Scenario, run: string, active: readonly string[]): RunStarted {
  const nodes = nodesOf(lab.testbed)
  const order = [...nodes].sort((a, b) => Number(active.includes(b.name)) - Number(active.includes(a.name)))
  const { stack } = lab.testbed
  return {
    type: 'run.started',
    format: 1,
    fencelab: version,
    wall: new Date().toISOString(),
    run,
    scenario,
    testbed: {
      name: lab.testbed.name,
      file: lab.file,
      text: lab.text,
      nodes: nodes.map(({ name, node }) => ({
        name,
        id: node.id,
        keys: nodeKeys(stack, node.id),
        panicWitnesses: panicWitnesses(node),
      })),
      links: Object.keys(lab.testbed.links),
      luns: Object.entries(lab.testbed.luns).map(([name, { wwid, use, array }]) => ({
        name,
        wwid,
        use,
        ...(array !== undefined && { array }),
      })),
      stack: { kind: stack.kind, policy: stack.policy, parameters: { ...stack } },
    },
    roles: Object.fromEntries(order.map(({ name }, index) => [String.fromCharCode(65 + index), name])),
  }
}

/** Opens all eyes, and waits until each has begun to see. */
async function look(observation: Observation, signal: AbortSignal): Promise<void> {
  const { lab } = observation
  const nodes = nodeNames(lab.testbed)
  const viewers = viewerNames(lab.testbed)
  for (const name of lab.hosts.all.keys()) watchConnection(observation, name)
  const { sampling } = lab.testbed
  const watches = [
    ...(await Promise.all(
      viewers.map(async (viewer) => {
        const devices = devicesByLun(lab, await findDevices(lab, viewer, signal))
        const isNode = nodes.includes(viewer)
        return watchKeys(observation, viewer, devices, isNode ? sampling.nodes : sampling.observer)
      }),
    )),
    ...askableArrays(lab).map((array) => watchArray(observation, array)),
    ...nodes.flatMap((node) => [watchStackLog(observation, node), watchConsole(observation, node) ?? []].flat()),
    ...[...lab.hosts.all.keys()].map((name) => watchClock(observation, name)),
  ]
  await Promise.all(nodes.map((node) => watchPanicEvents(observation, node)))
  await Promise.race([Promise.all(watches.map(({ ready }) => ready)), aborted(signal)])
}

interface Going {
  readonly recorder: Recorder
  readonly lines: readonly Line[]
  readonly started: RunStarted
}

/** Faults that follow one another are applied together: both networks fail, not first one and then the other. */
async function takeSteps(
  { lab, scenario }: RunOptions,
  going: Going & { readonly injections: Injection[]; readonly outstanding: Awaited<ReturnType<typeof openOutstanding>> },
  progress: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { recorder, injections, outstanding } = going
  let fresh: Injection[] = []
  const applyFresh = async () => {
    const together = fresh
    fresh = []
    await Promise.all(together.map((injection) => injection.apply(signal)))
    await Promise.all(together.map((injection) => injection.verify(signal)))
  }
  for (const step of scenario.steps) {
    if (step.do === 'fault') {
      progress(`injecting ${step.fault}`)
      const target = bind(step.target, going.started)
      const injection = await prepareInjection({ lab, recorder, outstanding, id: step.id, fault: step.fault, target }, signal)
      injections.push(injection)
      fresh.push(injection)
      continue
    }
    const verifying = fresh.length > 0 ? applyFresh() : Promise.resolve()
    if (step.do === 'revert') {
      await verifying
      progress(`taking ${step.id} back`)
      const injection = injections.find(({ id }) => id === step.id)
      if (!injection) throw new Error(`the row reverts ${step.id}, which it did not inject`)
      await injection.revert(signal)
      injections.splice(injections.indexOf(injection), 1)
      continue
    }
    recorder.append({ type: 'phase', name: 'observe' })
    progress(`waiting: ${step.condition}`)
    await Promise.all([verifying, awaitCondition(going, step.condition, step.seconds, signal)])
  }
  if (fresh.length > 0) await applyFresh()
}

/** Roles and ordinals of a row become names of this testbed. @throws Error where the testbed has no such thing */
function bind(target: Readonly<Record<string, string>>, { roles, testbed }: RunStarted): Record<string, string> {
  const name = (what: string, word: string) => {
    const found = word.startsWith('#') ? testbed.links[Number(word.slice(1)) - 1] : roles[word]
    if (found === undefined) throw new Error(`the row needs a ${what} ${word}, which the testbed ${testbed.name} does not have`)
    return found
  }
  return Object.fromEntries(Object.entries(target).map(([what, word]) => [what, name(what, word)]))
}

async function awaitCondition({ recorder, lines, started }: Going, condition: Condition, seconds: number, signal: AbortSignal) {
  const began = performance.now()
  const limit = AbortSignal.timeout(seconds * 1000)
  let met = true
  try {
    await until(() => isMet(condition, started, lines), { signal: AbortSignal.any([signal, limit]), everyMilliseconds: 200 })
  } catch (error) {
    if (!limit.aborted || signal.aborted) throw error
    met = false
  }
  recorder.append({ type: 'await', condition, met, seconds: Math.round(performance.now() - began) / 1000 })
}

/** Stops with the reason of the signal. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fire = () => reject(signal.reason as Error)
    if (signal.aborted) fire()
    else signal.addEventListener('abort', fire, { once: true })
  })
}

function endOf(error: unknown, asked: AbortSignal): { readonly reason: 'stopped' | 'error'; readonly error: string } {
  if (asked.aborted) return { reason: 'stopped', error: 'stopped by the person who runs the lab' }
  return { reason: 'error', error: error instanceof Error ? error.message : String(error) }
}

/** The console of each node as it was seen during the run, as a file for people. */
function consolesOf(lines: readonly Line[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>()
  for (const line of lines) {
    if (line.type === 'console' && line.host !== undefined) texts.set(line.host, `${texts.get(line.host) ?? ''}${line.text}\n`)
  }
  return texts
}

/** seconds a row takes besides its waiting: only for the time left that is shown */
const overheadSeconds = 15

/** Tells where the run is. The time left is the row's longest waiting and what the rest took when it was last measured. */
function stages(scenario: Scenario, onProgress: OnProgress): (text: string) => void {
  const waits = scenario.steps.filter((step) => step.do === 'await').length
  const total = 4 + scenario.steps.length
  const typical = overheadSeconds + waits * 8
  const began = performance.now()
  let done = 0
  return (text) => {
    const secondsLeft = Math.max(1, Math.round(typical - (performance.now() - began) / 1000))
    onProgress({ text: `${scenario.name}: ${text}`, fraction: Math.min(1, done / total), secondsLeft })
    done += 1
  }
}
