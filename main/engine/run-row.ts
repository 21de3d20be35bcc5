import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Line, RunStarted } from '../../labs/journal/event.ts'
import { isMet } from '../../labs/scenarios/conditions.ts'
import type { Condition, Scenario } from '../../labs/scenarios/scenario.ts'
import { nodeKeys } from '../../labs/stacks/reference/keys.ts'
import { nodesOf, panicWitnesses } from '../../labs/testbed/parts.ts'
import { judge } from '../../labs/verdicts/judge.ts'
import type { Verdict } from '../../labs/verdicts/verdict.ts'
import type { OnProgress } from '../progress.ts'
import { Recorder } from '../recorder/recorder.ts'
import { RecordingFailed } from '../recorder/recording-failed.ts'
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
import type { Watch } from './watch.ts'
import { openOutstanding } from './outstanding.ts'
import { collect, hasPanicked } from './collect.ts'
import { keepDuration, lastDuration } from './durations.ts'
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

interface Ending {
  readonly reason: 'complete' | 'stopped' | 'error'
  readonly error?: string
}

/** healing goes on when the run was stopped; it has time limits of its own */
const healMilliseconds = 60_000
const restoreMilliseconds = 300_000

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
  let ended: Ending = { reason: 'complete' }
  let restored = false

  try {
    const progress = await stages(scenario, onProgress)
    progress('looking at the lab')
    const nodes = nodeNames(lab.testbed)
    const firstStatus = await Promise.all(nodes.map(async (node) => ({ node, ...(await askStatus(lab, node, signal)) })))
    const started = startOf(lab, scenario, run, firstStatus.filter(({ status }) => status.active).map(({ node }) => node))
    recorder.append(started)
    recordCommands(lab, recorder)
    recorder.append({ type: 'phase', name: 'prepare' })
    const eyes = look(observation, signal)
    const facts = recordFacts(lab, recorder, signal)
    // the ledger begins when its log is being read: nothing of it is missed
    const ledger = eyes.logs.then(() => Promise.all(nodes.map((node) => startLedger(lab, node, run, signal))))
    // the baseline is taken when all eyes are open and the nodes have caught their breath: opening them takes their time
    await Promise.race([Promise.all([eyes.all, facts, ledger]), aborted(signal)])

    progress('taking the baseline')
    recorder.append({ type: 'phase', name: 'baseline' })
    const baseline = await takeBaseline({ lab, recorder, lines, started }, signal)
    recorder.append(baseline)
    if (baseline.green) {
      recorder.append({ type: 'phase', name: 'inject' })
      await takeSteps(options, { recorder, lines, started, injections, outstanding }, progress, signal)
    }
    progress('collecting what became of everything')
    recorder.append({ type: 'phase', name: 'collect' })
    await Promise.all([
      collect({ lab, recorder, lines, run }, signal),
      ...injections.map((injection) => injection.lookAgain(signal)),
    ])
  } catch (error) {
    ended = endOf(error, options.signal)
  }

  // From here on nothing may keep the lab from being healed: not a recording that cannot be written either.
  try {
    if (!recorder.broken) recorder.append({ type: 'phase', name: 'restore' })
  } catch (error) {
    ended = endOf(error, options.signal)
  }
  const undone = await heal(injections, onProgress)
  looking.abort()
  const verdict = await conclude(recorder, lines, ended)
  const seconds = (performance.now() - began) / 1000
  lab.setRecord(() => undefined)

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

/** Takes everything back; a fault that cannot be taken back does not keep the others from it. */
async function heal(injections: readonly Injection[], onProgress: OnProgress): Promise<boolean> {
  onProgress({ text: 'undoing what was injected' })
  const limit = AbortSignal.timeout(healMilliseconds)
  const undone = await Promise.allSettled(injections.map((injection) => injection.revert(limit)))
  return undone.every((one) => one.status === 'fulfilled' && one.value)
}

/** Closes the recording and judges it. A recording that breaks here is judged as far as it goes. */
async function conclude(recorder: Recorder, lines: readonly Line[], ended: Ending): Promise<Verdict> {
  try {
    for (const [node, text] of consolesOf(lines)) recorder.attach(`console-${node}.txt`, text)
    recorder.close(ended.reason, ended.error)
    const verdict = judge(lines)
    await writeVerdict(recorder.directory, verdict)
    return verdict
  } catch (error) {
    if (error instanceof RecordingFailed) return judge(lines)
    throw error
  }
}

/** From here on every command is an event. */
function recordCommands(lab: Lab, recorder: Recorder): void {
  lab.setRecord((event) => {
    const { host, hostAt, ...rest } = event
    if (recorder.broken || recorder.closed) return undefined
    try {
      return recorder.append(rest, { host, ...(hostAt !== undefined && { hostAt }) }).seq
    } catch (error) {
      // the engine has been told; the command itself may be the one that takes a fault back, and it succeeded
      if (error instanceof RecordingFailed) return undefined
      throw error
    }
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

interface Eyes {
  /** the logs of the stack are being read */
  readonly logs: Promise<unknown>
  /** everything is being watched */
  readonly all: Promise<unknown>
}

/** Opens all eyes. */
function look(observation: Observation, signal: AbortSignal): Eyes {
  const { lab } = observation
  const nodes = nodeNames(lab.testbed)
  const { sampling } = lab.testbed
  const everyHost = [...lab.hosts.all.keys()]
  for (const name of everyHost) watchConnection(observation, name)
  const ready = (watches: readonly (Watch | undefined)[]) => Promise.all(watches.flatMap((one) => (one ? [one.ready] : [])))
  const clocks = ready(everyHost.map((name) => watchClock(observation, name)))
  const logs = ready(nodes.map((node) => watchStackLog(observation, node)))
  const consoles = ready(nodes.map((node) => watchConsole(observation, node)))
  const panics = Promise.all(nodes.map((node) => watchPanicEvents(observation, node)))
  const arrays = ready(askableArrays(lab).map((array) => watchArray(observation, array)))
  const keys = Promise.all(
    viewerNames(lab.testbed).map(async (viewer) => {
      const devices = devicesByLun(lab, await findDevices(lab, viewer, signal))
      const period = nodes.includes(viewer) ? sampling.nodes : sampling.observer
      await watchKeys(observation, viewer, devices, period).ready
    }),
  )
  return { logs, all: Promise.all([clocks, logs, consoles, panics, arrays, keys]) }
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
    const taken = await Promise.all(together.map((injection) => injection.verify(signal)))
    return taken.every(Boolean)
  }
  const notTaken = () => void recorder.append({ type: 'note', text: 'a fault did not take: what would follow from it is not waited for' })
  for (const step of scenario.steps) {
    if (step.do === 'fault') {
      progress(`injecting ${step.fault}`)
      const target = bind(step.target, going.started)
      const injection = await prepareInjection(
        { lab, recorder, outstanding, id: step.id, fault: step.fault, target, panicked: (host) => hasPanicked(going.lines, host) },
        signal,
      )
      injections.push(injection)
      fresh.push(injection)
      continue
    }
    const verifying = fresh.length > 0 ? applyFresh() : Promise.resolve(true)
    if (step.do === 'revert') {
      if (!(await verifying)) return notTaken()
      progress(`taking ${step.id} back`)
      const injection = injections.find(({ id }) => id === step.id)
      if (!injection) throw new Error(`the row reverts ${step.id}, which it did not inject`)
      await injection.revert(signal)
      injections.splice(injections.indexOf(injection), 1)
      continue
    }
    recorder.append({ type: 'phase', name: 'observe' })
    progress(`waiting: ${step.condition}`)
    // what the fault does to the cluster does not wait until the lab has made sure of it
    const vain = new AbortController()
    const waiting = awaitCondition(going, step.condition, step.seconds, signal, vain.signal)
    const [taken] = await Promise.all([verifying.then((ok) => (ok || vain.abort(), ok)), waiting])
    if (!taken) return notTaken()
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

/** Waits until the condition is met, time is up, or `vain` says that there is nothing to wait for. */
async function awaitCondition(
  { recorder, lines, started }: Going,
  condition: Condition,
  seconds: number,
  signal: AbortSignal,
  vain: AbortSignal,
): Promise<void> {
  const began = performance.now()
  const limit = AbortSignal.any([AbortSignal.timeout(seconds * 1000), vain])
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

function endOf(error: unknown, asked: AbortSignal): Ending {
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
