/** Whole recordings that must pass, of rows with sides, with a joiner, and with an unclean stop. Tests take them apart. */
import { joinWhileEjecting } from '../../../labs/scenarios/join-while-ejecting.ts'
import { splitThreeOne, splitTwoOne, splitTwoTwo } from '../../../labs/scenarios/splits.ts'
import { uncleanStop } from '../../../labs/scenarios/unclean-stop.ts'
import {
  applyFault,
  awaited,
  boots,
  clocks,
  ended,
  fault,
  inTime,
  keys,
  looks,
  member,
  message,
  operated,
  panic,
  phase,
  probe,
  process,
  recordsOf,
  revertFault,
  says,
  provoked,
  scan,
  writing,
  type Entry,
  type Node,
} from './history.ts'
import { prelude } from './rows.ts'
import type { Scenario } from '../../../labs/scenarios/scenario.ts'

const three = ['nodea', 'nodeb', 'nodec'] as const
const wins = (node: Node, at: number, ...lost: readonly Node[]): Entry[] => [
  message(node, at, 'peer-lost', `node ${lost.join(', ')} is silent on all private links for 2000 ms`),
  message(node, at + 10, 'membership-change', `lost ${lost.join(', ')}; this node races`, { racer: node, lost }),
  message(node, at + 100, 'race-point', 'coord1: won', { point: 'coord1', result: 'won' }),
  message(node, at + 300, 'race-won', `won 2 of 3 coordination points against ${lost.join(', ')}`, { won: 2 }),
]
const ending = (at: number, before: readonly Entry[], after: readonly Entry[]): Entry[] => [
  phase(at, 'collect'),
  ...after,
  scan('observer', at + 600, 'final', recordsOf(before, three)),
  ...provoked(at, after, [recordsOf(before, three)]),
  phase(at + 900, 'restore'),
  ended(at + 1000),
]
const goOn = (at: number, ...nodes: readonly Node[]): Entry[] =>
  nodes.flatMap((node) => [
    probe(at, node, boots[node]),
    member(node, at + 10, { members: nodes, active: node === 'nodea' }),
  ])

/** Parted in two: nodea races for its side and wins, the first of the other side races for that one and loses. */
const parted = (row: Scenario, winners: readonly Node[], losers: readonly [Node, ...Node[]]): readonly Entry[] => {
  const [racer, ...others] = losers
  const nodes = [...winners, ...losers]
  const left = winners.map((node) => keys[node])
  const untilTheEnd = inTime(
    prelude(row, { nodes }, nodes),
    ...[
      applyFault(1100, 'part', { side: losers.join(' ') }, nodes),
      phase(1200, 'observe'),
      writing('nodea', 1600, 4600, 3),
    ],
    wins('nodea', 2000, ...losers),
    looks('observer', 2400, 5, left, keys.nodea),
    ...winners
      .slice(1)
      .flatMap((node) => [
        message(node, 2015, 'membership-change', 'waits for racer nodea', { racer: 'nodea' }),
        message(node, 2500, 'race-survived', 'node nodea won the race for this sub-cluster', { racer: 'nodea' }),
      ]),
    message(racer, 2020, 'membership-change', 'this node races in 1500 ms', { racer }),
    message(racer, 3500, 'race-point', 'coord1: lost (own key is gone)', { point: 'coord1', result: 'lost' }),
    message(racer, 3600, 'race-lost', 'lost the race: 0 of 3 coordination points, 2 are needed'),
    ...others.map((node) => message(node, 2020, 'membership-change', `waits for racer ${racer}`, { racer })),
    ...[panic(racer, 3700), ...others.map((node) => panic(node, 3800)), awaited(4000, 'one-panicked-and-fenced')],
  )
  return [
    ...untilTheEnd,
    ...ending(5000, untilTheEnd, [
      ...[...clocks(5050, [...winners, 'observer']), ...losers.map((node) => probe(5060, node))],
      ...looks('observer', 5200, 5, left, keys.nodea),
      ...goOn(5300, ...winners),
    ]),
  ]
}
export const split = parted(splitTwoOne, ['nodea', 'nodeb'], ['nodec'])
export const splitThreeAndOne = parted(splitThreeOne, ['nodea', 'nodeb', 'nodec'], ['noded'])
export const splitInHalves = parted(splitTwoTwo, ['nodea', 'nodeb'], ['nodec', 'noded'])

const fenceGoesOn = 'members are fencing; attempt 2 of 5'
/** nodeb is frozen and ejected by nodea; nodec, which is no member, is started meanwhile, waits, and is let in. */
const joinedUntilTheEnd = inTime(
  prelude(joinWhileEjecting, { nodes: three }),
  ...[fault(1100, 'freeze', { node: 'nodeb' }, 'applying'), fault(1120, 'freeze', { node: 'nodeb' }, 'applied', true)],
  ...[process(1130, 'nodeb', 'T'), fault(1140, 'freeze', { node: 'nodeb' }, 'verified', true)],
  ...[writing('nodea', 1600, 6600, 3), operated(1300, 2200, 'start', 'nodec')],
  ...[wins('nodea', 2000, 'nodeb'), message('nodec', 2100, 'fence-in-progress', fenceGoesOn)],
  looks('observer', 2600, 5, [keys.nodea], keys.nodea),
  ...[message('nodec', 4000, 'joined', 'member with nodea, nodec'), awaited(4500, 'members')],
  ...[process(4600, 'nodeb', 'T'), revertFault(4700, 'freeze', { node: 'nodeb' })],
  ...[process(4760, 'nodeb', 'S'), panic('nodeb', 5000), awaited(5200, 'panicked')],
)
export const joined: readonly Entry[] = [
  ...joinedUntilTheEnd,
  ...ending(7000, joinedUntilTheEnd, [
    ...[...clocks(7050, ['nodea', 'nodec', 'observer']), probe(7060, 'nodeb')],
    ...looks('observer', 7200, 6, [keys.nodea, keys.nodec], keys.nodea),
    ...goOn(7300, 'nodea', 'nodec'),
  ]),
]

/** nodea is stopped by force, races, wins, and leaves; nodeb, which had done nothing, panics. */
const stoppedUntilTheEnd = inTime(
  prelude(uncleanStop),
  ...[operated(1100, 1200, 'force-stop', 'nodea'), message('nodea', 1150, 'unclean-stop', 'clients are still active')],
  ...[wins('nodea', 1160, 'nodeb'), looks('observer', 1700, 5, [keys.nodea], keys.nodea)],
  ...[
    panic('nodeb', 1900),
    awaited(2000, 'panicked'),
    says('nodea', 2200, 'left', 'left cleanly'),
    awaited(2300, 'left'),
  ],
)
export const uncleanlyStopped: readonly Entry[] = [
  ...stoppedUntilTheEnd,
  ...ending(3000, stoppedUntilTheEnd, [
    ...[...clocks(3050, ['nodea', 'observer']), ...looks('observer', 3200, 6, [], null)],
    ...[probe(3300, 'nodea', boots.nodea), says('nodea', 3310, 'left', 'left cleanly'), probe(3320, 'nodeb')],
  ]),
]
