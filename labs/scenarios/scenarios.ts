import { bothPrivateNetworksFail } from './both-private-networks-fail.ts'
import { coordinatorKeysLost } from './coordinator-keys-lost.ts'
import {
  coordinatorsLost,
  coordinatorsLostThenCrash,
  coordinatorsLostThenLeave,
  coordinatorsLostThenPartition,
} from './coordinators-lost.ts'
import { crashWhilePeerDown } from './crash-while-peer-down.ts'
import { bothRebootedNetworksDown, ejectedNodeRebooted, survivorDiesThenClear } from './ejected-node.ts'
import { pingFrozenVm, pingIdeal, prFrozenVmType1, prFrozenVmType3, prFrozenVmType5 } from './expresscluster.ts'
import { powerFencing, reserveRelease, storagePortFencing } from './fencing-methods.ts'
import { joinWhileEjecting } from './join-while-ejecting.ts'
import { nodeHangs } from './node-hangs.ts'
import { nodeHangsStarved } from './node-hangs-starved.ts'
import { onePrivateNetworkFails } from './one-private-network-fails.ts'
import { powerLossNetworksStayDown } from './power-loss-networks-stay-down.ts'
import { privateNetworksRestored } from './private-networks-restored.ts'
import { splitThreeOne, splitTwoOne, splitTwoTwo } from './splits.ts'
import { uncleanStop } from './unclean-stop.ts'
import type { Row } from './scenario.ts'

/** The documented rows, in the order in which the table prints them. */
export const scenarios: readonly Row[] = [
  bothPrivateNetworksFail,
  privateNetworksRestored,
  onePrivateNetworkFails,
  nodeHangs,
  nodeHangsStarved,
  powerLossNetworksStayDown,
  crashWhilePeerDown,
  coordinatorsLost,
  coordinatorsLostThenLeave,
  coordinatorsLostThenCrash,
  coordinatorsLostThenPartition,
  ejectedNodeRebooted,
  bothRebootedNetworksDown,
  survivorDiesThenClear,
  joinWhileEjecting,
  coordinatorKeysLost,
  splitTwoOne,
  splitThreeOne,
  splitTwoTwo,
  uncleanStop,
  pingIdeal,
  pingFrozenVm,
  prFrozenVmType3,
  prFrozenVmType1,
  prFrozenVmType5,
  reserveRelease,
  powerFencing,
  storagePortFencing,
]

export const scenarioNamed = (name: string) => scenarios.find((scenario) => scenario.name === name)
