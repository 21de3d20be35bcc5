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
export const faults: Readonly<Record<string, Fault>> = Object.fromEntries(
  [
    privateLinkDown,
    cablePulled,
    privateLinkMute,
    privateNetworkOff,
    partition,
    vmFreeze,
    nodeStarved,
    nodeCrash,
    nodePowerOff,
    arrayPowerOff,
    keysCleared,
    storagePortClosed,
  ].map((fault) => [fault.name, fault]),
)
