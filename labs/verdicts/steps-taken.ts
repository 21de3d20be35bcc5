import { lastStep } from '../journal/faults.ts'
import { rolesAt } from '../journal/roles.ts'
import { ofType } from '../journal/run.ts'
import { bindRoles, bindTarget } from '../steps/bind.ts'
import { unknown, type Case, type Finding } from './case.ts'
import type { Line } from '../journal/event.ts'
import type { Step } from '../scenarios/scenario.ts'

type StepOf<D extends Step['do']> = Extract<Step, { do: D }>

/**
 * The steps of the row were taken as the row says: each fault is of the kind and at the target that it names, each thing
 * that the operator does was done to the nodes that it names (with the roles that were bound then), and each step began
 * when the one before was over. Who reads a recording takes it for granted; a lab that hit the wrong node, or looked at
 * everybody before the fault was there, has shown something else. What is missing is not for here.
 */
export function stepsAsPlanned(run: Case): readonly Finding[] {
  return [...rightTargets(run), ...rightNodes(run), ...inOrder(run)]
}

function rightTargets(run: Case): readonly Finding[] {
  return run.started.scenario.steps.flatMap((step) => {
    if (step.do !== 'fault') return []
    return run.faults
      .filter(({ id }) => id === step.id)
      .flatMap((life) => {
        const events = life.steps.slice(0, 1).map(({ seq }) => seq)
        const wanted = targetOf(run, step, events[0] ?? 0)
        const was = `${life.fault} ${words(life.target)}`
        if (typeof wanted === 'string') return [unknown(`the fault ${step.id} was ${was}, and ${wanted}`, events)]
        const planned = `${step.fault} ${words(wanted)}`
        return was === planned ? [] : [unknown(`the fault ${step.id} was ${was}, and the row says ${planned}`, events)]
      })
  })
}

function targetOf(run: Case, step: StepOf<'fault'>, before: number): Readonly<Record<string, string>> | string {
  try {
    return bindTarget(step.target, { testbed: run.started.testbed, roles: rolesBefore(run, before) })
  } catch (error) {
    return (error as Error).message
  }
}

const words = (target: Readonly<Record<string, string>>) =>
  Object.entries(target)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([what, name]) => `${what} ${name}`)
    .join(', ')

const rolesBefore = (run: Case, seq: number) =>
  rolesAt(
    run.started,
    run.lines.filter((line) => line.seq < seq),
  )

/** Compared one by one: how many there are is for another check. */
function rightNodes(run: Case): readonly Finding[] {
  const begun = ofType(run.lines, 'operation').filter(({ step }) => step === 'begun')
  return run.started.scenario.steps
    .filter((step): step is StepOf<'operate'> => step.do === 'operate')
    .flatMap((step, index) => {
      const line = begun[index]
      if (!line || line.operation !== step.operation) return []
      const roles = rolesBefore(run, line.seq)
      const bound = step.of.every((role) => roles[role] !== undefined)
      const wanted = bound ? bindRoles(step.of, roles).join(', ') : `nodes that are not bound (${step.of.join(', ')})`
      const was = line.nodes.join(', ')
      return was === wanted
        ? []
        : [
            unknown(`${step.operation} was done to ${was || 'nobody'}, and the row says ${wanted || 'nobody'}`, [
              line.seq,
            ]),
          ]
    })
}

/** Where a step begins and ends in the recording; undefined where it is not there, or leaves no trace. */
interface Taken {
  readonly begun: Pick<Line, 'seq'>
  readonly done: Pick<Line, 'seq'>
}

function inOrder(run: Case): readonly Finding[] {
  const found: Finding[] = []
  const counts: Record<string, number> = {}
  /** what must have been over before the next step begins */
  let over: number[] = []
  /** what was begun and may end beside what follows: faults are made sure of while the lab already waits for their effect */
  let beside: number[] = []
  let previous: Step | undefined
  for (const step of run.started.scenario.steps) {
    // the how many of its kind it is: of all awaits of a condition, of all that the operator does
    const kind = step.do === 'await' ? `await ${step.condition}` : step.do
    const index = counts[kind] ?? 0
    counts[kind] = index + 1
    const together = previous?.do === step.do && (step.do === 'fault' || step.do === 'revert')
    if (step.do !== 'await' && !together) {
      over = [...over, ...beside]
      beside = []
    }
    previous = step
    const taken = takenAt(run, step, index)
    if (!taken) continue
    const late = over.filter((seq) => seq >= taken.begun.seq)
    if (late.length > 0)
      found.push(unknown(`${named(step)} came before the step before it was over`, [taken.begun.seq, ...late]))
    if (step.do === 'fault' || step.do === 'revert') beside.push(taken.done.seq)
    else over.push(taken.done.seq)
  }
  return found
}

function takenAt(run: Case, step: Step, index: number): Taken | undefined {
  switch (step.do) {
    case 'fault': {
      const [begun, ...rest] = run.faults.find(({ id }) => id === step.id)?.steps ?? []
      return begun && { begun, done: rest.find((line) => line.step === 'verified') ?? begun }
    }
    case 'revert': {
      const steps = run.faults.find(({ id }) => id === step.id)?.steps ?? []
      const begun = lastStep(steps, 'reverting')
      return begun && { begun, done: steps.at(-1) ?? begun }
    }
    case 'operate': {
      const lines = ofType(run.lines, 'operation')
      const begun = lines.filter((line) => line.step === 'begun')[index]
      return begun && { begun, done: lines.filter((line) => line.step === 'done')[index] ?? begun }
    }
    case 'checkpoint': {
      const reached = run.checkpoints.find(({ name }) => name === step.name)
      return reached && { begun: reached.begun, done: reached.done }
    }
    case 'await': {
      const line = ofType(run.lines, 'await').filter(({ condition }) => condition === step.condition)[index]
      return line && { begun: line, done: line }
    }
    case 'bind': {
      const line = ofType(run.lines, 'roles')[index]
      return line && { begun: line, done: line }
    }
    default:
      return undefined
  }
}

function named(step: Step): string {
  switch (step.do) {
    case 'fault':
      return `the fault ${step.id}`
    case 'revert':
      return `taking ${step.id} back`
    case 'operate':
      return [step.operation, ...step.of].join(' ')
    case 'checkpoint':
      return `the look at everyone (${step.name})`
    default:
      return step.do
  }
}
