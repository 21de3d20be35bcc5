/** What the lab must know of each policy of the reference cluster: its keys, its reservation, and where it comes from. */
import { ecxDownKey, ecxKey, letterKey, pgrKey, vfKey } from '../../scsi/key-codec.ts'
import { policyNames, type PolicyName } from '../../cluster/policy-names.ts'
import type { Testbed } from '../../testbed/testbed.ts'
import type { Fencing } from '../fencing.ts'
import type { NodeKeys, StackChoice, StackPart } from '../stack.ts'
import { policyNeeds } from './check-part.ts'
import { ownPart } from './own-part.ts'
import type { PolicyParameters, ReferencePart } from './part-schema.ts'
import { chosenCluster } from './chosen-cluster.ts'

export interface PolicyInfo extends Fencing {
  readonly name: PolicyName
  keys(stack: Pick<ReferencePart, 'keys' | 'cluster'>, id: number): NodeKeys
}

const none = { coordination: '', data: '' } as const
const noKeys = { coordination: false, data: false } as const
const nobody = { coordination: 'nobody', data: 'nobody' } as const

/** @param parameters of the policy, where something depends on them */
export function policyInfo(name: PolicyName, parameters: PolicyParameters = {}): PolicyInfo {
  switch (name) {
    case 'coordinator-race':
      return {
        name,
        title: 'a race for the majority of the coordination points',
        source:
          'VCS I/O fencing (vxfen): InfoScale administration guide, "How I/O fencing works in different event scenarios"',
        usesKeys: { coordination: true, data: true },
        keysWhenGreen: { coordination: 'members', data: 'members' },
        reservation: 5,
        reservationFlickers: false,
        readable: 'by all',
        keys: raceKeys,
      }
    case 'ping-tiebreak':
      return {
        name,
        title: 'ping to a tie-breaker, no reservation',
        source: 'EXPRESSCLUSTER/SCSI-PR, README: "An Ideal Case", "An Inconvenient Case"',
        usesKeys: noKeys,
        keysWhenGreen: nobody,
        reservation: 'none',
        reservationFlickers: false,
        readable: 'by all',
        keys: () => none,
      }
    case 'attacker-defender': {
      const windows = parameters.variant === 'windows'
      const reservation = parameters.reservationType ?? (windows ? 1 : 3)
      return {
        name,
        title: 'attacker and defender with persistent reservations',
        source: `EXPRESSCLUSTER/SCSI-PR, ${windows ? 'Windows' : 'Linux'} Scripts/attacker and defender`,
        usesKeys: { coordination: false, data: true },
        keysWhenGreen: { coordination: 'nobody', data: 'group' },
        reservation,
        reservationFlickers: !windows,
        readable: reservation === 3 ? 'by the holder' : 'by all',
        // The scripts count the servers from 1; a node's number, which is from 0, is known without the others.
        keys: (_stack, id) => ({ coordination: '', data: ecxKey(id + 1) }),
      }
    }
    case 'external-fencing':
      return {
        name,
        title: 'a fence command: power, or the port to the storage',
        source: 'Fencing (computing): STONITH, resources fencing',
        usesKeys: noKeys,
        keysWhenGreen: nobody,
        reservation: 'none',
        reservationFlickers: false,
        readable: 'by all',
        keys: () => none,
      }
    case 'reserve-release':
      return {
        name,
        title: 'SCSI-2 reserve and release for two nodes',
        source: 'Fencing (computing): reserve/release as a two node STONITH',
        usesKeys: noKeys,
        keysWhenGreen: nobody,
        reservation: 'scsi-2',
        reservationFlickers: false,
        readable: 'by the holder',
        keys: () => none,
      }
  }
}

/** What a row's cluster is to the lab. */
export function chosenPolicy(testbed: Testbed, choice?: StackChoice): PolicyInfo {
  const { policy, parameters } = chosenCluster(ownPart(testbed.stack), choice)
  return policyInfo(policy, parameters)
}

/** Why a row's cluster cannot run on this testbed, in words; undefined where it can. */
export function whyNoSuchCluster(testbed: Testbed, choice?: StackChoice): string | undefined {
  const { policy, parameters } = chosenCluster(ownPart(testbed.stack), choice)
  const points = Object.values(testbed.luns).filter(({ use }) => use === 'coordination').length
  if (policy === 'coordinator-race' && (points < 3 || points % 2 === 0)) {
    return `${policy} needs an odd number of coordination points, at least 3, and the testbed has ${points}`
  }
  const [need] = policyNeeds(testbed, policy, parameters)
  return need && `${need.path.join('.')} ${need.message}: ${need.expected}`
}

/** All keys that some policy may have left of this node on a LUN of that use: what the lab may clear away. */
export function everyKey(part: StackPart, id: number, use: keyof NodeKeys): readonly string[] {
  const used = policyNames.map((name) => policyInfo(name).keys(ownPart(part), id)[use]).filter((key) => key !== '')
  return use === 'data' ? [...used, ecxDownKey(id + 1)] : used
}

/**
 * Coordination points: the node's letter padded with dashes (VCS training text: "the left-most character is the ASCII
 * character corresponding to the LLT node ID"), or VF, cluster and node (VCS 5.1 and later). Data disks: the letter, PGR
 * and a disk group count (`APGR0000`), as VxVM does it.
 */
function raceKeys(stack: Pick<ReferencePart, 'keys' | 'cluster'>, id: number): NodeKeys {
  const coordination = stack.keys === 'vf' ? vfKey(Number.parseInt(stack.cluster, 16), id) : letterKey(id)
  return { coordination, data: pgrKey(id, 0) }
}
