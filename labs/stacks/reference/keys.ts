import type { PolicyName } from '../../cluster/policy-names.ts'
import type { NodeKeys, StackPart } from '../stack.ts'
import { ownPart } from './own-part.ts'
import { policyInfo } from './policies.ts'

/**
 * The registration keys of a node of the reference cluster, empty where the policy registers none.
 * @param policy where it is not the testbed's own
 */
export function nodeKeys(part: StackPart, id: number, policy: PolicyName = ownPart(part).policy): NodeKeys {
  return policyInfo(policy).keys(ownPart(part), id)
}
