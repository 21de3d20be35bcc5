/** A whole recording that must pass for every row of the table, by the name of the row. */
import { bothPrivateNetworksFail } from '../../../labs/scenarios/both-private-networks-fail.ts'
import { nodeHangs as hangs } from '../../../labs/scenarios/node-hangs.ts'
import { nodeHangsStarved } from '../../../labs/scenarios/node-hangs-starved.ts'
import { onePrivateNetworkFails } from '../../../labs/scenarios/one-private-network-fails.ts'
import { changed, plus, without, type Entry } from './history.ts'
import * as points from './point-rows.ts'
import * as restarts from './restart-rows.ts'
import * as sides from './side-rows.ts'
import * as takeovers from './takeover-rows.ts'
import { bothLinksFail, nodeHangs, oneLinkFails } from './rows.ts'
import type { Scenario } from '../../../labs/scenarios/scenario.ts'

/** A recording of a row that tests made up, as one of the row of the table. */
function as(
  row: Scenario,
  entries: readonly Entry[],
  fault: (id: string) => { readonly id: string; readonly fault?: string },
): readonly Entry[] {
  return changed(
    changed(entries, 'run.started', (event) => ({ ...event, scenario: row })),
    'fault',
    (event) => ({ ...event, ...fault(event.id) }),
  )
}

/** Its kernel answers a ping meanwhile, and in the end its console tells how long an ordinary process had waited. */
const starved = (entries: readonly Entry[]): readonly Entry[] => {
  const ping = ['ping', '-n', '-c', '1', '-W', '3', '-I', 'eth1', '10.1.0.10']
  const command = { purpose: 'does the kernel of nodea answer', argv: ping, exit: 0, expected: [0, 1] }
  return plus(
    entries,
    { at: 1130, host: 'nodeb', event: { type: 'command', ...command, stdout: '', stderr: '', milliseconds: 2 } },
    {
      at: 4030,
      host: 'nodea',
      event: { type: 'console', text: '[9.0] fencelab: an ordinary process waited 2900 hundredths of a second' },
    },
  )
}

export const everyRow: Readonly<Record<string, readonly Entry[]>> = {
  'both-private-networks-fail': as(bothPrivateNetworksFail, bothLinksFail, (id) => ({ id: id.replace('-', '-priv') })),
  'private-networks-restored': restarts.restored,
  'one-private-network-fails': as(onePrivateNetworkFails, oneLinkFails, (id) => ({ id: id.replace('-', '-priv') })),
  'node-hangs': as(hangs, nodeHangs, (id) => ({ id })),
  // who starves is not stopped: its process runs all the time
  'node-hangs-starved': starved(
    without(
      as(nodeHangsStarved, nodeHangs, () => ({ id: 'starve', fault: 'node-starved' })),
      'process',
    ),
  ),
  'power-loss-networks-stay-down': restarts.powerLoss,
  'crash-while-peer-down': restarts.crashedWhileDown,
  'coordinators-lost': points.coordinatorsLost,
  'coordinators-lost-then-leave': points.coordinatorsLostThenLeft,
  'coordinators-lost-then-crash': points.coordinatorsLostThenCrashed,
  'coordinators-lost-then-partition': points.coordinatorsLostThenParted,
  'ejected-node-rebooted': restarts.rebootedOnce,
  'both-rebooted-networks-down': restarts.bothRebooted,
  'survivor-dies-then-clear': restarts.survivorDied,
  'join-while-ejecting': sides.joined,
  'coordinator-keys-lost': points.keysCleared,
  'split-2-1': sides.split,
  'split-3-1': sides.splitThreeAndOne,
  'split-2-2': sides.splitInHalves,
  'unclean-stop': sides.uncleanlyStopped,
  'ping-ideal': takeovers.pingDecides,
  'ping-frozen-vm': takeovers.dataLost,
  'pr-frozen-vm': takeovers.attackedType3,
  'pr-frozen-vm-type-1': takeovers.attackedType1,
  'pr-frozen-vm-type-5': takeovers.attackedType5,
  'reserve-release': takeovers.reserved,
  'power-fencing': takeovers.switchedOff,
  'storage-port-fencing': takeovers.portClosed,
}
