import type { Fencing } from '../stacks/fencing.ts'
import { recordedStack } from '../stacks/stack-of.ts'
import type { Case } from './case.ts'

/** What the cluster of a run is to the lab, by the recording's own words; undefined where this version does not know it. */
export const policyOfRun = ({ started: { testbed, scenario } }: Pick<Case, 'started'>): Fencing | undefined =>
  recordedStack(testbed)?.recordedFencing(testbed.stack, scenario.parameters)
