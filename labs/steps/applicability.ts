import { faultNamed } from '../faults/faults.ts'
import type { RunStarted } from '../journal/event.ts'
import { stackOf } from '../stacks/stack-of.ts'
import { outletsOf } from '../testbed/power-of.ts'
import type { Testbed } from '../testbed/testbed.ts'
import { bindRoles, bindTarget } from './bind.ts'
import { nodesWanted, type Scenario, type Step } from '../scenarios/scenario.ts'
import { choiceOf } from './stack-choice.ts'

/** what a fault is planned with where only its possibility is asked for */
const supposed = { id: 'asked', deadManSeconds: 30, process: 1, monitorCommand: ['monitor'] }

/**
 * Why a row cannot be run on a testbed, in words; undefined where it can. Pure: it asks the plans of the row's faults,
 * which say what they miss, and touches nothing.
 */
export function whyNotApplicable(
  scenario: Scenario,
  testbed: Testbed,
  started: Pick<RunStarted, 'testbed' | 'roles'>,
): string | undefined {
  const { least, most } = nodesWanted(scenario)
  const count = started.testbed.nodes.length
  if (count < least || count > most) {
    const wanted = least === most ? `${least}` : `${least} to ${most}`
    return `it is written for ${wanted} nodes, and the testbed has ${count}`
  }
  const missing = stackOf(testbed).whyNot(testbed, choiceOf(scenario))
  if (missing !== undefined) return missing
  for (const step of scenario.steps) {
    try {
      suppose(step, testbed, started)
    } catch (error) {
      return (error as Error).message
    }
  }
  return undefined
}

function suppose(step: Step, testbed: Testbed, started: Pick<RunStarted, 'testbed' | 'roles'>): void {
  if (step.do === 'fault') {
    const fault = faultNamed(step.fault)
    if (!fault) throw new Error(`this version of fencelab has no fault ${step.fault}`)
    fault.plan(testbed, bindTarget(step.target, started), supposed)
  }
  if (step.do !== 'operate') return
  const nodes = bindRoles(step.of, started.roles)
  // a role may be bound to any node later on
  const switched = step.operation === 'restart' ? started.testbed.nodes.map(({ name }) => name) : []
  const dark = switched.find((node) => outletsOf(testbed, node).length === 0)
  if (dark !== undefined && nodes.length > 0)
    throw new Error(`node ${dark} has no power outlet in the testbed, so it cannot be restarted`)
}
