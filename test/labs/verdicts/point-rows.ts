/** Whole recordings that must pass, of rows in which coordination points or their keys are lost. Tests take them apart. */
import { coordinatorKeysLost } from '../../../labs/scenarios/coordinator-keys-lost.ts'
import {
  coordinatorsLost as lost,
  coordinatorsLostThenCrash,
  coordinatorsLostThenLeave,
  coordinatorsLostThenPartition,
} from '../../../labs/scenarios/coordinators-lost.ts'
import {
  applyFault,
  awaited,
  boots,
  checkpoint,
  clocks,
  ended,
  fault,
  inTime,
  keys,
  keysText,
  look,
  member,
  message,
  operated,
  panic,
  phase,
  probe,
  recordsOf,
  reservationText,
  says,
  provoked,
  scan,
  writing,
  type Entry,
  type Node,
} from './history.ts'
import { prelude } from './rows.ts'

const both = [keys.nodea, keys.nodeb]
/** what sg_persist 1.46 says where the transport fails under it: it ends with 0 */
export const noConnection =
  'Persistent reservation in: transport: Host_status=0x01 [DID_NO_CONNECT]\nDriver_status=0x00 [DRIVER_OK]\n\n'
export const emptyText = '  PR generation=0x0, there are NO registered reservation keys\n'

/** The second array is off: what was on it answers nobody, the rest is as it was. */
export const halfLooks = (at: number, registered: readonly string[] = both): Entry[] => [
  ...['coord2', 'coord3'].map((lun) => look('observer', at, lun, 'keys', emptyText, { stderr: noConnection })),
  ...['coord1', 'data1'].map((lun) => look('observer', at, lun, 'keys', keysText(4, registered))),
  look('observer', at, 'data1', 'reservation', reservationText(4, keys.nodea)),
]
const arrayOff = [
  ...applyFault(1100, 'array-off', { array: 'array2' }),
  ...halfLooks(1500),
  awaited(1600, 'points-unreachable'),
]

const ending = (at: number, before: readonly Entry[], after: readonly Entry[]): Entry[] => [
  phase(at, 'collect'),
  ...after,
  scan('observer', at + 600, 'final', recordsOf(before)),
  ...provoked(at, after, [recordsOf(before)]),
  phase(at + 900, 'restore'),
  ended(at + 1000),
]
const asMembers = (at: number, ...nodes: readonly Node[]): Entry[] =>
  nodes.flatMap((node) => [
    probe(at, node, boots[node]),
    member(node, at + 10, { members: nodes, active: node === 'nodea' }),
  ])

const lostUntilTheEnd = inTime(
  prelude(lost, { powered: true }),
  ...[arrayOff, phase(1700, 'observe'), writing('nodea', 1700, 3800, 3)],
)
export const coordinatorsLost: readonly Entry[] = [
  ...lostUntilTheEnd,
  ...ending(4000, lostUntilTheEnd, [...clocks(4050), ...halfLooks(4200), ...asMembers(4300, 'nodea', 'nodeb')]),
]

const leftUntilTheEnd = inTime(
  prelude(coordinatorsLostThenLeave, { powered: true }),
  ...[arrayOff, writing('nodea', 1700, 4800, 3), operated(2000, 2100, 'leave', 'nodeb')],
  ...[message('nodeb', 2400, 'left', 'left the cluster'), says('nodeb', 2410, 'left', 'left cleanly')],
  ...[message('nodea', 2500, 'member-left', 'node nodeb left'), awaited(2600, 'left')],
)
export const coordinatorsLostThenLeft: readonly Entry[] = [
  ...leftUntilTheEnd,
  ...ending(5000, leftUntilTheEnd, [
    ...[...clocks(5050), ...halfLooks(5200, [keys.nodea]), ...asMembers(5300, 'nodea')],
    ...[probe(5320, 'nodeb', boots.nodeb), says('nodeb', 5330, 'left', 'left cleanly')],
  ]),
]

const lostTheRace = 'lost the race: 1 of 3 coordination points, 2 are needed'
const loses = (node: Node, at: number): Entry[] => [
  message(node, at, 'peer-lost', 'the other is silent on all private links', {}),
  message(node, at + 10, 'membership-change', 'this node races', { racer: node }),
  message(node, at + 200, 'race-point', 'coord1: won', { point: 'coord1', result: 'won' }),
  message(node, at + 300, 'race-lost', lostTheRace, { won: 1, needed: 2, total: 3 }),
  ...panic(node, at + 400),
]
const cut = (at: number): Entry[] => [
  ...applyFault(at, 'cut-priv1', { node: 'nodea', link: 'priv1' }),
  ...applyFault(at, 'cut-priv2', { node: 'nodea', link: 'priv2' }),
]
const nobodyGoesOn = (at: number): Entry[] => [
  ...clocks(at + 50, ['observer']),
  probe(at + 100, 'nodea'),
  probe(at + 100, 'nodeb'),
]

const partitionedUntilTheEnd = inTime(
  prelude(coordinatorsLostThenPartition, { powered: true }),
  ...[
    arrayOff,
    writing('nodea', 1700, 2800, 3),
    cut(2000),
    loses('nodea', 3000),
    loses('nodeb', 3100),
    awaited(3600, 'panicked'),
  ],
)
export const coordinatorsLostThenParted: readonly Entry[] = [
  ...partitionedUntilTheEnd,
  ...ending(4000, partitionedUntilTheEnd, [...nobodyGoesOn(4000), ...halfLooks(4200)]),
]

const crashedUntilTheEnd = inTime(
  prelude(coordinatorsLostThenCrash, { powered: true }),
  ...[arrayOff, writing('nodea', 1700, 2800, 3)],
  ...[
    fault(2000, 'b-crash', { node: 'nodeb' }, 'applying'),
    fault(2020, 'b-crash', { node: 'nodeb' }, 'applied', true),
  ],
  ...[panic('nodeb', 2100), fault(2200, 'b-crash', { node: 'nodeb' }, 'verified', true)],
  ...[loses('nodea', 3000), awaited(3600, 'panicked')],
)
export const coordinatorsLostThenCrashed: readonly Entry[] = [
  ...crashedUntilTheEnd,
  ...ending(4000, crashedUntilTheEnd, [...nobodyGoesOn(4000), ...halfLooks(4200)]),
]

/** Nobody is registered with the points any more; on the data disk everything is as it was. */
const keylessPoints = (at: number): Entry[] => [
  ...['coord1', 'coord2', 'coord3'].map((lun) => look('observer', at, lun, 'keys', keysText(6, []))),
  look('observer', at, 'data1', 'keys', keysText(4, both)),
  look('observer', at, 'data1', 'reservation', reservationText(4, keys.nodea)),
]
const unnoticed = 'the keys are lost, nobody knows'
const clearedUntilTheEnd = inTime(
  prelude(coordinatorKeysLost),
  ...[applyFault(1100, 'cleared-1', { lun: 'coord1' }), applyFault(1100, 'cleared-2', { lun: 'coord2' })],
  ...[phase(1200, 'observe'), writing('nodea', 1700, 3800, 3), checkpoint(2500, unnoticed, 'begun')],
  ...[asMembers(2550, 'nodea', 'nodeb'), checkpoint(2600, unnoticed, 'done')],
  ...[cut(2700), loses('nodea', 4000), loses('nodeb', 4100), awaited(4600, 'panicked')],
)
export const keysCleared: readonly Entry[] = [
  ...clearedUntilTheEnd,
  ...ending(5000, clearedUntilTheEnd, [...nobodyGoesOn(5000), ...keylessPoints(5200)]),
]
