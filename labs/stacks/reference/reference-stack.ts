import { activeCheck, memberCheck, writesCheck } from '../green-checks.ts'
import { keysWhenGreen } from '../keys-when-green.ts'
import type { Stack } from '../stack.ts'
import { chosenCluster } from './chosen-cluster.ts'
import { ownPart } from './own-part.ts'
import { policyInfo } from './policies.ts'
import { recordedPolicy } from './recorded-policy.ts'

/** fencelab's own small cluster: what the lab knows of it. */
export const referenceStack: Stack = {
  kind: 'reference',
  fencing(part, choice) {
    const { policy, parameters } = chosenCluster(ownPart(part), choice)
    return policyInfo(policy, parameters)
  },
  recordedFencing: recordedPolicy,
  green: { member: memberCheck, group: activeCheck, writes: writesCheck, keys: keysWhenGreen },
}
