import { setTimeout as delay } from 'node:timers/promises'
import { assertNever } from '../../../labs/assert-never.ts'
import { bindRoles, bindTarget } from '../../../labs/steps/bind.ts'
import { isMet } from '../../../labs/steps/conditions.ts'
import { peerTimeoutOf } from '../../../labs/stacks/peer-timeout.ts'
import { progressView } from '../../../labs/steps/progress-view.ts'
import type { Step } from '../../../labs/scenarios/scenario.ts'
import { until } from '../../until.ts'
import { freshLooks } from '../observe/fresh-looks.ts'
import { lookAtEveryone } from '../observe/look-at-everyone.ts'
import { hasPanicked, rolesOfRun, type Going } from '../going.ts'
import { prepareInjection, type Injection } from '../inject/inject.ts'
import { awaitBoot, operate } from './operate.ts'

type StepOf<D extends Step['do']> = Extract<Step, { do: D }>

/**
 * Takes the steps of a row. Faults that follow one another are applied together: both networks fail, not first one and then
 * the other. A fault that does not take, or an operator's step that fails, ends the row: what would follow is not waited
 * for.
 */
export async function takeSteps(going: Going, signal: AbortSignal): Promise<void> {
  let fresh: Injection[] = []
  const applyFresh = async () => {
    const together = fresh
    fresh = []
    await Promise.all(together.map((injection) => injection.apply(signal)))
    const taken = await Promise.all(together.map((injection) => injection.verify(signal)))
    return taken.every(Boolean)
  }
  for (const [index, step] of going.scenario.steps.entries()) {
    if (step.do === 'fault') {
      going.progress(`injecting ${step.fault}`)
      const injection = await prepare(going, step, signal)
      going.injections.push(injection)
      fresh.push(injection)
      continue
    }
    const verifying = fresh.length > 0 ? applyFresh() : Promise.resolve(true)
    if (step.do === 'await') {
      // what the fault does to the cluster does not wait until the lab has made sure of it
      const vain = new AbortController()
      const waiting = awaitCondition(going, step, signal, vain.signal)
      const [taken] = await Promise.all([verifying.then((ok) => (ok || vain.abort(), ok)), waiting])
      if (!taken) return notTaken(going)
      continue
    }
    if (!(await verifying)) return notTaken(going)
    if (step.do === 'revert') {
      // what follows one another is taken back together, as it was applied
      if (going.scenario.steps[index - 1]?.do === 'revert') continue
      await Promise.all(revertsFrom(going.scenario.steps, index).map((one) => revert(going, one, signal)))
      continue
    }
    if (!(await takeStep(going, step, signal))) return
  }
  if (fresh.length > 0) await applyFresh()
}

function revertsFrom(steps: readonly Step[], index: number): readonly StepOf<'revert'>[] {
  const [step, ...rest] = steps.slice(index)
  return step?.do === 'revert' ? [step, ...(rest.length > 0 ? revertsFrom(rest, 0) : [])] : []
}

function notTaken({ recorder }: Going): void {
  recorder.append({ type: 'note', text: 'a fault did not take: what would follow from it is not waited for' })
}

function prepare(
  { lab, recorder, lines, outstanding, started }: Going,
  step: StepOf<'fault'>,
  signal: AbortSignal,
): Promise<Injection> {
  const target = bindTarget(step.target, { testbed: started.testbed, roles: rolesOfRun({ started, lines }) })
  return prepareInjection(
    {
      lab,
      recorder,
      lines,
      outstanding,
      id: step.id,
      fault: step.fault,
      target,
      panicked: (host) => hasPanicked({ lab, lines }, host),
    },
    signal,
  )
}

/** @returns whether the row goes on */
async function takeStep(
  going: Going,
  step: Exclude<Step, { do: 'fault' | 'await' | 'revert' }>,
  signal: AbortSignal,
): Promise<boolean> {
  switch (step.do) {
    case 'watch':
      await watch(going, step, signal)
      return true
    case 'bind':
      bind(going, step)
      return true
    case 'operate': {
      const nodes = bindRoles(step.of, rolesOfRun(going))
      going.progress(`${step.operation} ${nodes.join(', ')}`.trim())
      return operate(going, step.operation, nodes, signal)
    }
    case 'checkpoint':
      going.progress(`looking at everyone: ${step.name}`)
      going.recorder.append({ type: 'checkpoint', name: step.name, step: 'begun' })
      await lookAtCheckpoint(going, signal)
      going.recorder.append({ type: 'checkpoint', name: step.name, step: 'done' })
      return true
    default:
      return assertNever(step, 'step')
  }
}

/** As at the end: what is said of a LUN at a checkpoint was seen after everyone had been asked. */
async function lookAtCheckpoint(going: Going, signal: AbortSignal): Promise<void> {
  const from = going.recorder.elapsed()
  const states = await lookAtEveryone(going, signal)
  await freshLooks(going, states, from, signal)
}

async function revert(going: Going, step: StepOf<'revert'>, signal: AbortSignal): Promise<void> {
  going.progress(`taking ${step.id} back`)
  const injection = going.injections.find(({ id }) => id === step.id)
  if (!injection) throw new Error(`the row reverts ${step.id}, which it did not inject`)
  // a fault that had lapsed by now has shown nothing of the cluster
  await injection.lookAgain(signal)
  await injection.revert(signal)
  await Promise.all(injection.startsAnew.map((node) => awaitBoot(going, node, signal)))
  going.injections.splice(going.injections.indexOf(injection), 1)
}

/** Waits until the condition is met, time is up, or `vain` says that there is nothing to wait for. */
async function awaitCondition(
  { recorder, lines, started, progress }: Going,
  { condition, seconds, of }: StepOf<'await'>,
  signal: AbortSignal,
  vain: AbortSignal,
): Promise<void> {
  recorder.append({ type: 'phase', name: 'observe' })
  progress(`waiting: ${condition}`)
  const began = performance.now()
  const limit = AbortSignal.any([AbortSignal.timeout(seconds * 1000), vain])
  let met = true
  try {
    await until(() => isMet(condition, started, lines, of), {
      signal: AbortSignal.any([signal, limit]),
      everyMilliseconds: 200,
    })
  } catch (error) {
    if (!limit.aborted || signal.aborted) throw error
    met = false
  }
  recorder.append({ type: 'await', condition, met, seconds: Math.round(performance.now() - began) / 1000 })
}

/** There is nothing to be awaited: that something does not happen can only be seen by looking on for a while. */
async function watch(
  { lab, recorder, progress }: Going,
  { peerTimeouts }: StepOf<'watch'>,
  signal: AbortSignal,
): Promise<void> {
  recorder.append({ type: 'phase', name: 'observe' })
  const milliseconds = peerTimeouts * peerTimeoutOf(lab.testbed)
  progress(`looking on for ${Math.round(milliseconds / 1000)} s`)
  await delay(milliseconds, undefined, { signal })
}

/** @throws Error where it is not known who survived and who did not */
function bind({ recorder, lines, started }: Going, { roles: wanted }: StepOf<'bind'>): void {
  const view = progressView(started, lines)
  const lost = view.nodes.filter((node) => view.panicked(node))
  const left = { loser: lost, survivor: view.nodes.filter((node) => !lost.includes(node)) }
  const roles: Record<string, string> = {}
  for (const [role, what] of Object.entries(wanted)) {
    const node = left[what].shift()
    if (node === undefined) throw new Error(`the row goes on with a ${what} as node ${role}, and there is none`)
    roles[role] = node
  }
  recorder.append({ type: 'roles', roles: { ...rolesOfRun({ started, lines }), ...roles } })
}
