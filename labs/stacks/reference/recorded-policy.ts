import * as v from 'valibot'
import { policyNames } from '../../cluster/policy-names.ts'
import type { TestbedRecord } from '../../journal/event.ts'
import { policyParameters } from './part-schema.ts'
import type { RowParameters } from '../stack.ts'
import { policyInfo, type PolicyInfo } from './policies.ts'

/** The policy of a recorded run, by the recording's own words; undefined where this version does not know it. */
export function recordedPolicy(
  { policy, parameters }: TestbedRecord['stack'],
  changed: RowParameters,
): PolicyInfo | undefined {
  const name = policyNames.find((one) => one === policy)
  const read = v.safeParse(policyParameters, { ...asRecord(parameters['parameters']), ...asRecord(changed) })
  return name !== undefined && read.success ? policyInfo(name, read.output) : undefined
}

/** What a row changes of the times is none of a policy's parameters. */
function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  const { times: _, ...rest } = (value ?? {}) as Readonly<Record<string, unknown>>
  return rest
}
