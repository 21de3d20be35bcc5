import { recordOf, type TestbedFile } from '../testbed-file/bed.ts'
import { nodesOf } from '../testbed/parts.ts'
import { whyNotApplicable } from './applicability.ts'
import type { Scenario } from '../scenarios/scenario.ts'

/**
 * Why a row cannot be run on a testbed, before anything of it runs; undefined where it can. Which node will have which
 * role is known when the row begins; that there is one for it, now.
 */
export function whyNotOn(scenario: Scenario, loaded: TestbedFile): string | undefined {
  const roles = Object.fromEntries(
    nodesOf(loaded.testbed).map(({ name }, index) => [String.fromCharCode(65 + index), name]),
  )
  return whyNotApplicable(scenario, loaded.testbed, { testbed: recordOf(loaded), roles })
}
