import * as v from 'valibot'
import { policyNames } from '../cluster/policy-names.ts'
import { policyInfo, type PolicyInfo } from '../stacks/reference/policies.ts'
import { policyParameters } from '../testbed/stack-schema.ts'
import type { Case } from './case.ts'

/** What the cluster of a run is to the lab, by the recording's own words; undefined where this version does not know it. */
export function policyOfRun({ started }: Pick<Case, 'started'>): PolicyInfo | undefined {
  const { kind, policy, parameters } = started.testbed.stack
  const name = policyNames.find((one) => one === policy)
  const read = v.safeParse(policyParameters, {
    ...asRecord(parameters['parameters']),
    ...asRecord(started.scenario.parameters),
  })
  return kind === 'reference' && name !== undefined && read.success ? policyInfo(name, read.output) : undefined
}

/** What a row changes of the times is none of a policy's parameters. */
function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  const { times: _, ...rest } = (value ?? {}) as Readonly<Record<string, unknown>>
  return rest
}
