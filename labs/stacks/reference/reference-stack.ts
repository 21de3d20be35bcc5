import { policyNames } from '../../cluster/policy-names.ts'
import { activeCheck, memberCheck, writesCheck } from '../green-checks.ts'
import { keysWhenGreen } from '../keys-when-green.ts'
import type { Stack } from '../stack.ts'
import { checkPart } from './check-part.ts'
import { chosenCluster } from './chosen-cluster.ts'
import { consequences } from './consequences.ts'
import { nodeKeys } from './keys.ts'
import { readLastWords } from './last-words.ts'
import { ownPart } from './own-part.ts'
import { partSchema } from './part-schema.ts'
import { everyKey, policyInfo, whyNoSuchCluster } from './policies.ts'
import { readAgentEntry } from './read-entry.ts'
import { readDiskOperation } from './read-disk-operation.ts'
import { recordedPolicy } from './recorded-policy.ts'
import { keepsSharedLog } from './shared-log.ts'
import { timeOutAt, timesOf } from './times.ts'
import { controlBlockOf, tryBlockOf } from './try-blocks.ts'

/** fencelab's own small cluster: what the lab knows of it. */
export const referenceStack: Stack = {
  kind: 'reference',
  schema: partSchema,
  check: checkPart,
  policies: policyNames,
  fencing(part, choice) {
    const { policy, parameters } = chosenCluster(ownPart(part), choice)
    return policyInfo(policy, parameters)
  },
  recordedFencing: recordedPolicy,
  recorded(part, choice) {
    const { policy, parameters, times } = chosenCluster(ownPart(part), choice)
    return { policy, parameters: { ...part, policy, parameters, times } }
  },
  whyNot: whyNoSuchCluster,
  nodeKeys: (part, id, choice) => nodeKeys(part, id, chosenCluster(ownPart(part), choice).policy),
  everyKey,
  tryBlock: tryBlockOf,
  controlBlock: controlBlockOf,
  peerTimeout: (part) => timesOf(part).peerTimeout,
  times: timesOf,
  timeOutAt,
  readLogLine: readAgentEntry,
  readDiskOperation,
  keepsSharedLog,
  readLastWords,
  consequences,
  green: { member: memberCheck, group: activeCheck, writes: writesCheck, keys: keysWhenGreen },
}
