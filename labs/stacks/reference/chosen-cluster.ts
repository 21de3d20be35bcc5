import * as v from 'valibot'
import { policyNames, type PolicyName } from '../../cluster/policy-names.ts'
import type { StackChoice } from '../stack.ts'
import { policyParameters, stackTimes, type PolicyParameters, type ReferencePart } from './part-schema.ts'

export interface ChosenCluster {
  readonly policy: PolicyName
  readonly parameters: PolicyParameters
  readonly times: ReferencePart['times']
}

/**
 * The testbed's cluster with what a row changes of it: in its `parameters` stand words of `stack.parameters`, and under `times`
 * words of `stack.times`.
 * @throws Error for a policy that there is not, or a parameter that is none
 */
export function chosenCluster(stack: ReferencePart, choice?: StackChoice): ChosenCluster {
  const { parameters: own = {}, times: ownTimes } = stack
  if (!choice) return { policy: stack.policy, parameters: own, times: ownTimes }
  const policy = policyNames.find((name) => name === choice.policy)
  if (!policy) throw new Error(`the reference cluster has no policy ${choice.policy}; it has ${policyNames.join(', ')}`)
  const { times = {}, ...parameters } = choice.parameters
  return {
    policy,
    parameters: { ...own, ...read(policyParameters, parameters, policy) },
    times: { ...ownTimes, ...read(stackTimes, times, policy) },
  }
}

function read<S extends v.GenericSchema>(schema: S, value: unknown, policy: string): v.InferOutput<S> {
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  const problems = result.issues.map((issue) => `${v.getDotPath(issue) ?? 'parameters'}: expected ${issue.message}`)
  throw new Error(`parameters for ${policy}: ${problems.join('; ')}`)
}
