import { randomBytes } from 'node:crypto'
import type { RunStarted } from '../../../labs/journal/event.ts'
import type { Scenario } from '../../../labs/scenarios/scenario.ts'
import { choiceOf } from '../../../labs/steps/stack-choice.ts'
import { recordOf } from '../../../labs/testbed-file/bed.ts'
import { nodesOf } from '../../../labs/testbed/parts.ts'
import { revision } from '../../../labs/journal/revision.ts'
import { version } from '../../version.ts'
import type { Lab } from '../../lab/lab.ts'

/** The name of a run and of its folder: when, which row, and something that no other has. */
export function runName({ name }: Pick<Scenario, 'name'>): string {
  const time = new Date().toISOString().replace(/[-:]/g, '').replace(/\..*/, 'Z')
  return `${time}-${name}-${randomBytes(2).toString('hex')}`
}

/**
 * The first event of a run. Roles: A is the node that runs the failover group (the lowest where none does), the others
 * follow by their number.
 * @param active the nodes on which the group runs
 */
export function startOfRun(lab: Lab, scenario: Scenario, run: string, active: readonly string[]): RunStarted {
  const nodes = nodesOf(lab.testbed)
  const order = [...nodes].sort((a, b) => Number(active.includes(b.name)) - Number(active.includes(a.name)))
  return {
    type: 'run.started',
    format: 1,
    revision,
    fencelab: version,
    wall: new Date().toISOString(),
    run,
    scenario,
    testbed: recordOf(lab, choiceOf(scenario)),
    roles: Object.fromEntries(order.map(({ name }, index) => [String.fromCharCode(65 + index), name])),
  }
}
