import type { FaultName } from '../scenarios/words.ts'
import type { Fault } from './fault.ts'
import { cablePulled } from './cable-pulled.ts'
import { keysCleared } from './keys-cleared.ts'
import { nodeCrash } from './node-crash.ts'
import { nodeStarved } from './node-starved.ts'
import { partition } from './partition.ts'
import { arrayPowerOff, nodePowerOff, privateNetworkOff } from './power-off.ts'
import { privateLinkDown } from './private-link-down.ts'
import { privateLinkMute } from './private-link-mute.ts'
import { storagePortClosed } from './storage-port-closed.ts'
import { vmFreeze } from './vm-freeze.ts'

/** Every fault the lab can inject, by name. */
export const faults: Readonly<Record<FaultName, Fault>> = {
  'private-link-down': privateLinkDown,
  'cable-pulled': cablePulled,
  'private-link-mute': privateLinkMute,
  'private-network-off': privateNetworkOff,
  partition,
  'vm-freeze': vmFreeze,
  'node-starved': nodeStarved,
  'node-crash': nodeCrash,
  'node-power-off': nodePowerOff,
  'array-power-off': arrayPowerOff,
  'keys-cleared': keysCleared,
  'storage-port-closed': storagePortClosed,
}

/** The fault of a name that a person or a recording gives; undefined where this version has none of that name. */
export const faultNamed = (name: string): Fault | undefined =>
  Object.values(faults).find((fault) => fault.name === name)
