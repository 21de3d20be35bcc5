import { policyNames } from '../cluster/policy-names.ts'
import { policyInfo, type PolicyInfo } from '../stacks/reference/policies.ts'
import type { Case } from './case.ts'

/** What a cluster keeps on its data disks while all is well. */
export type KeyPolicy = Pick<PolicyInfo, 'reservation' | 'reservationFlickers'> & {
  readonly keys: PolicyInfo['keysWhenGreen']['data']
}

/**
 * What the policy of a run keeps on its data disks, from the policy's own data. A stack that this version does not know keeps
 * every member's key there where the recording names keys, and a reservation of whatever type.
 */
export function keyPolicyOf(run: Case): KeyPolicy {
  const { testbed, scenario } = run.started
  const { policy, parameters } = testbed.stack
  const usesKeys = testbed.nodes.some(({ keys }) => keys.data !== '')
  const name = policyNames.find((one) => one === policy)
  if (!usesKeys || name === undefined)
    return { keys: usesKeys ? 'members' : 'nobody', reservation: usesKeys ? 5 : 'none', reservationFlickers: false }
  const info = policyInfo(name, { ...parameters, ...scenario.parameters })
  return {
    keys: info.keysWhenGreen.data,
    reservation: info.reservation,
    reservationFlickers: info.reservationFlickers,
  }
}
