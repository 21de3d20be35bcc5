import type { Fencing } from '../stacks/fencing.ts'
import type { Case } from './case.ts'
import { policyOfRun } from './policy-of-run.ts'

/** What a cluster keeps on its data disks while all is well. */
export type KeyPolicy = Pick<Fencing, 'reservation' | 'reservationFlickers'> & {
  readonly keys: Fencing['keysWhenGreen']['data']
}

/**
 * What the policy of a run keeps on its data disks, from the policy's own data. A stack that this version does not know keeps
 * every member's key there where the recording names keys, and a reservation of whatever type.
 */
export function keyPolicyOf(run: Case): KeyPolicy {
  const usesKeys = run.started.testbed.nodes.some(({ keys }) => keys.data !== '')
  const info = policyOfRun(run)
  if (!usesKeys || info === undefined)
    return { keys: usesKeys ? 'members' : 'nobody', reservation: usesKeys ? 5 : 'none', reservationFlickers: false }
  return {
    keys: info.keysWhenGreen.data,
    reservation: info.reservation,
    reservationFlickers: info.reservationFlickers,
  }
}
