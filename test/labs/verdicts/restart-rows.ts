/** Whole recordings that must pass, of rows in which nodes are started anew. Tests take them apart. */
import {
  bothRebootedNetworksDown,
  ejectedNodeRebooted,
  survivorDiesThenClear,
} from '../../../labs/scenarios/ejected-node.ts'
import { crashWhilePeerDown } from '../../../labs/scenarios/crash-while-peer-down.ts'
import { powerLossNetworksStayDown } from '../../../labs/scenarios/power-loss-networks-stay-down.ts'
import { privateNetworksRestored } from '../../../labs/scenarios/private-networks-restored.ts'
import {
  applyFault,
  awaited,
  bootOf,
  boots,
  boundTo,
  checkpoint,
  clocks,
  ended,
  fault,
  inTime,
  keys,
  looks,
  member,
  message,
  on,
  operated,
  outlet,
  panic,
  phase,
  probe,
  record,
  recordsOf,
  revertFault,
  says,
  provoked,
  scan,
  takesOver,
  writing,
  type Entry,
  type Life,
  type TestbedOptions,
} from './history.ts'
import { prelude } from './rows.ts'
import type { Scenario } from '../../../labs/scenarios/scenario.ts'

const both = [keys.nodea, keys.nodeb]
const [one, two] = [{ link: 'priv1' }, { link: 'priv2' }]
const networksOff = [...applyFault(1100, 'network-1-off', one), ...applyFault(1100, 'network-2-off', two)]
const networksOn = (at: number) => [...revertFault(at, 'network-1-off', one), ...revertFault(at, 'network-2-off', two)]
export const splitBrain =
  'Potentially a preexisting split brain. Dropping out of the cluster. The key of the other is there.'

/** A cluster that was formed anew starts the group: nobody has it, and its epochs are counted from the first. */
const startsAnew = (life: Life, at: number, epoch: number): Entry =>
  message(life, at, 'group-started', `the group is active here, epoch ${epoch}`, { epoch })

/** Started at `at`, refused a second later. */
const refusedAt = (life: Life, at: number): Entry[] => [
  on(life, at + 900, { type: 'console', text: `[  5.9] fencelab: ${splitBrain}` }),
  message(life, at + 950, 'preexisting-split-brain', splitBrain),
  says(life, at + 960, 'refused', splitBrain),
]
/** Everybody is asked: who is refused, who is a member. */
const asked = (at: number, refused: readonly Life[], members: readonly Life[]): Entry[] => [
  ...[...refused, ...members].map((life) => probe(at, life.replace(/#.*/, '') as 'nodea', boots[life])),
  ...refused.map((life) => says(life, at + 10, 'refused', splitBrain)),
  ...members.map((life) =>
    member(life, at + 10, { members: members.map((one) => one.replace(/#.*/, '')), active: members[0] === life }),
  ),
]
/** Looked at everybody in the end, with the ledger read back: from `phase collect` to the end of the run. */
const ending = (at: number, before: readonly Entry[], after: readonly Entry[]): Entry[] => [
  phase(at, 'collect'),
  ...after,
  scan('observer', at + 600, 'final', recordsOf(before, ['nodea', 'nodeb', 'nodea#2', 'nodeb#2'])),
  ...provoked(at, after, [recordsOf(before, ['nodea', 'nodeb', 'nodea#2', 'nodeb#2'])]),
  phase(at + 900, 'restore'),
  ended(at + 1000),
]

/** What nodea had written when it lost the race: two records before the fault, and three after it. */
const ofNodea = [400, 500, 1600, 2100, 2600].map((at, index) => record('nodea', at, index + 1))

/** nodea loses the race and is B from then on: started anew and refused; nodeb writes until `until`. */
const lostAndRefused = (row: Scenario, until: number, options: TestbedOptions = {}): Entry[] =>
  inTime(
    prelude(row, options),
    networksOff,
    ...[phase(1300, 'observe'), writing('nodea', 1600, 2600, 3)],
    ...panic('nodea', 3300),
    looks('observer', 3200, 5, [keys.nodeb], keys.nodeb),
    takesOver('nodeb', 3350, 2, ofNodea),
    writing('nodeb', 3500, until, 1, 2),
    ...[awaited(3900, 'one-panicked-and-fenced'), boundTo(4000, { A: 'nodeb', B: 'nodea' })],
    ...[operated(4100, 8100, 'restart', 'nodea'), bootOf('nodea#2', 8000), clocks(8050, ['nodea#2'])],
    ...[operated(8200, 8800, 'start', 'nodea'), refusedAt('nodea#2', 8900), awaited(9900, 'refused')],
  )

/** The private networks come back, and nodea is let in. */
const restoredUntilTheEnd = inTime(
  lostAndRefused(privateNetworksRestored, 12_900),
  ...[checkpoint(10_000, 'restarted while the networks are down', 'begun')],
  asked(10_100, ['nodea#2'], ['nodeb']),
  checkpoint(10_200, 'restarted while the networks are down', 'done'),
  networksOn(10_300),
  ...[operated(10_500, 11_200, 'start', 'nodea'), message('nodea#2', 12_000, 'joined', 'member with nodea, nodeb')],
  awaited(12_600, 'members'),
)
export const restored: readonly Entry[] = [
  ...restoredUntilTheEnd,
  ...ending(13_000, restoredUntilTheEnd, [
    ...clocks(13_050, ['nodea#2', 'nodeb', 'observer']),
    ...looks('observer', 13_200, 7, both, keys.nodeb),
    ...asked(13_300, [], ['nodeb', 'nodea#2']),
  ]),
]

/** The private networks stay down: nodea is kept out to the end. */
const rebootedOnceUntilTheEnd = lostAndRefused(ejectedNodeRebooted, 11_900)
export const rebootedOnce: readonly Entry[] = [
  ...rebootedOnceUntilTheEnd,
  ...ending(12_000, rebootedOnceUntilTheEnd, [
    ...clocks(12_050, ['nodea#2', 'nodeb', 'observer']),
    ...looks('observer', 12_200, 5, [keys.nodeb], keys.nodeb),
    ...asked(12_300, ['nodea#2'], ['nodeb']),
  ]),
]

const offAndOn = (id: string, node: 'nodea' | 'nodeb', off: number, on: number) => ({
  off: [...applyFault(off, id, { node }), outlet(off + 30, node, 'off')],
  on: [...revertFault(on, id, { node }), outlet(on + 30, node, 'on')],
})
const [aPower, bPower] = [offAndOn('a-off', 'nodea', 1100, 2200), offAndOn('b-off', 'nodeb', 1100, 2200)]

/** Both nodes and the networks lose power; the nodes come back and are refused; the operator clears the keys. */
const powerLossUntilTheEnd = inTime(
  prelude(powerLossNetworksStayDown, { powered: true }),
  ...[networksOff, aPower.off, bPower.off],
  looks('observer', 1600, 4, both, keys.nodea),
  checkpoint(1700, 'the nodes have no power', 'begun'),
  ...[outlet(1750, 'nodea', 'off'), outlet(1750, 'nodeb', 'off'), probe(1800, 'nodea'), probe(1800, 'nodeb')],
  checkpoint(1900, 'the nodes have no power', 'done'),
  ...[aPower.on, bPower.on, bootOf('nodea#2', 6000), bootOf('nodeb#2', 6010), clocks(6050, ['nodea#2', 'nodeb#2'])],
  ...[operated(6100, 6700, 'start', 'nodea', 'nodeb'), refusedAt('nodea#2', 6800), refusedAt('nodeb#2', 6800)],
  ...[awaited(7800, 'refused'), looks('observer', 8000, 4, both, keys.nodea)],
  checkpoint(8100, 'the nodes are back, the networks are not', 'begun'),
  asked(8150, ['nodea#2', 'nodeb#2'], []),
  checkpoint(8200, 'the nodes are back, the networks are not', 'done'),
  ...[networksOn(8300), operated(8500, 9500, 'clear-keys'), looks('observer', 9600, 6, [], null)],
  ...[operated(9700, 10_300, 'start', 'nodea', 'nodeb'), awaited(10_850, 'members')],
  ...[startsAnew('nodea#2', 10_900, 1), writing('nodea#2', 11_000, 12_000, 3, 1), awaited(12_000, 'group-writes')],
)
export const powerLoss: readonly Entry[] = [
  ...powerLossUntilTheEnd,
  ...ending(12_000, powerLossUntilTheEnd, [
    ...clocks(12_050, ['nodea#2', 'nodeb#2', 'observer']),
    ...[outlet(12_100, 'nodea', 'on'), outlet(12_100, 'nodeb', 'on')],
    ...looks('observer', 12_200, 8, both, keys.nodea),
    ...asked(12_300, [], ['nodea#2', 'nodeb#2']),
  ]),
]

/** nodeb leaves and is switched off, nodea crashes, nodeb comes back alone and is refused: nobody goes on. */
const bDown = offAndOn('b-down', 'nodeb', 2000, 4200)
const crashedUntilTheEnd = inTime(
  prelude(crashWhilePeerDown, { powered: true }),
  writing('nodea', 1100, 2900, 3),
  ...[operated(1100, 1200, 'leave', 'nodeb'), says('nodeb', 1500, 'left', 'left cleanly'), awaited(1600, 'left')],
  ...[bDown.off, looks('observer', 2300, 6, [keys.nodea], keys.nodea), checkpoint(2500, 'B is down', 'begun')],
  ...[outlet(2520, 'nodea', 'on'), outlet(2520, 'nodeb', 'off'), probe(2550, 'nodeb')],
  ...[probe(2550, 'nodea', boots.nodea), member('nodea', 2600, { members: ['nodea'], active: true })],
  checkpoint(2700, 'B is down', 'done'),
  ...[
    fault(3000, 'a-crash', { node: 'nodea' }, 'applying'),
    fault(3020, 'a-crash', { node: 'nodea' }, 'applied', true),
  ],
  ...[panic('nodea', 3300), fault(3400, 'a-crash', { node: 'nodea' }, 'verified', true), awaited(3450, 'panicked')],
  ...[
    bDown.on,
    bootOf('nodeb#2', 6000),
    clocks(6050, ['nodeb#2']),
    looks('observer', 6060, 6, [keys.nodea], keys.nodea),
  ],
  ...[operated(6100, 6700, 'start', 'nodeb'), refusedAt('nodeb#2', 6800), awaited(7800, 'refused')],
)
export const crashedWhileDown: readonly Entry[] = [
  ...crashedUntilTheEnd,
  ...ending(8000, crashedUntilTheEnd, [
    ...clocks(8050, ['nodeb#2', 'observer']),
    ...[outlet(8060, 'nodea', 'on'), outlet(8060, 'nodeb', 'on'), probe(8070, 'nodea')],
    ...looks('observer', 8200, 6, [keys.nodea], keys.nodea),
    ...asked(8300, ['nodeb#2'], []),
  ]),
]

const unseeded = 'waiting for 2 nodes to be seen (seed), sees 1'
/** nodeb survives; then it is started anew as well, and waits for the other, which is refused. */
const rebootedUntilTheEnd = inTime(
  prelude(bothRebootedNetworksDown),
  ...[networksOff, phase(1300, 'observe'), writing('nodea', 1600, 2600, 3), panic('nodea', 3300)],
  looks('observer', 3200, 5, [keys.nodeb], keys.nodeb),
  ...[takesOver('nodeb', 3350, 2, ofNodea), writing('nodeb', 3500, 9500, 1, 2)],
  ...[awaited(3900, 'one-panicked-and-fenced'), boundTo(4000, { A: 'nodeb', B: 'nodea' })],
  ...[operated(4100, 8100, 'restart', 'nodea'), bootOf('nodea#2', 8000), clocks(8050, ['nodea#2', 'nodeb'])],
  ...[operated(8200, 8800, 'start', 'nodea'), refusedAt('nodea#2', 8900), awaited(9900, 'refused')],
  ...[operated(10_000, 15_000, 'restart', 'nodeb'), bootOf('nodeb#2', 14_900), clocks(14_950, ['nodeb#2'])],
  ...[operated(15_100, 15_700, 'start', 'nodeb'), message('nodeb#2', 16_000, 'not-seeded', unseeded)],
  ...[says('nodeb#2', 16_010, 'joining', unseeded), awaited(16_200, 'waiting'), phase(16_200, 'observe')],
  checkpoint(18_000, 'both rebooted, the networks are down', 'begun'),
  ...[
    asked(18_100, ['nodea#2'], []),
    probe(18_100, 'nodeb', boots['nodeb#2']),
    says('nodeb#2', 18_150, 'joining', unseeded),
  ],
  checkpoint(18_200, 'both rebooted, the networks are down', 'done'),
  ...[networksOn(18_300), operated(18_500, 19_100, 'start', 'nodeb', 'nodea'), awaited(20_850, 'members')],
  ...[startsAnew('nodeb#2', 20_900, 1), writing('nodeb#2', 21_000, 22_000, 14, 1), awaited(22_000, 'group-writes')],
)
export const bothRebooted: readonly Entry[] = [
  ...rebootedUntilTheEnd,
  ...ending(22_000, rebootedUntilTheEnd, [
    ...clocks(22_050, ['nodea#2', 'nodeb#2', 'observer']),
    ...looks('observer', 22_200, 9, both, keys.nodeb),
    ...asked(22_300, [], ['nodeb#2', 'nodea#2']),
  ]),
]

/** nodeb, which had survived, dies for good; nodea is refused by its keys until the operator clears them. */
const deadUntilTheEnd = inTime(
  lostAndRefused(survivorDiesThenClear, 10_000, { powered: true }),
  ...[applyFault(10_500, 'a-dead', { node: 'nodeb' }), outlet(10_530, 'nodeb', 'off'), networksOn(11_000)],
  ...[operated(11_500, 12_000, 'start', 'nodea'), refusedAt('nodea#2', 12_100), awaited(13_100, 'refused')],
  looks('observer', 13_300, 5, [keys.nodeb], keys.nodeb),
  checkpoint(13_500, 'A is dead, its keys are not', 'begun'),
  ...[
    outlet(13_510, 'nodea', 'on'),
    outlet(13_510, 'nodeb', 'off'),
    probe(13_550, 'nodeb'),
    asked(13_560, ['nodea#2'], []),
  ],
  checkpoint(13_700, 'A is dead, its keys are not', 'done'),
  ...[operated(14_000, 15_000, 'clear-keys'), looks('observer', 15_100, 7, [], null)],
  ...[operated(15_200, 15_800, 'start', 'nodea'), awaited(16_850, 'members')],
  ...[startsAnew('nodea#2', 16_900, 1), writing('nodea#2', 17_000, 18_000, 6, 1), awaited(18_000, 'group-writes')],
)
export const survivorDied: readonly Entry[] = [
  ...deadUntilTheEnd,
  ...ending(18_000, deadUntilTheEnd, [
    ...[
      ...clocks(18_050, ['nodea#2', 'observer']),
      outlet(18_060, 'nodea', 'on'),
      outlet(18_060, 'nodeb', 'off'),
      probe(18_100, 'nodeb'),
    ],
    ...looks('observer', 18_200, 9, [keys.nodea], keys.nodea),
    ...asked(18_300, [], ['nodea#2']),
  ]),
]
