import type { PolicyName } from '../../cluster/policy-names.ts'
import type { Stack } from '../../testbed/testbed.ts'
import type { NodeKeys } from '../stack.ts'
import { policyInfo } from './policies.ts'

/**
 * The registration keys of a node of the reference cluster, empty where the policy registers none.
 * @param policy where it is not the testbed's own
 */
export function nodeKeys(stack: Stack, id: number, policy: PolicyName = stack.policy): NodeKeys {
  return policyInfo(policy).keys(stack, id)
}
