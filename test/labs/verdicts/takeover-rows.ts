/** Whole recordings that must pass, of rows in which the other node takes the group over from a hung or a lone one. */
import {
  pingFrozenVm,
  pingIdeal,
  prFrozenVmType1,
  prFrozenVmType3,
  prFrozenVmType5,
} from '../../../labs/scenarios/expresscluster.ts'
import { powerFencing, reserveRelease, storagePortFencing } from '../../../labs/scenarios/fencing-methods.ts'
import {
  applyFault,
  awaited,
  boots,
  clocks,
  coordination,
  ended,
  fault,
  inTime,
  keys,
  keysText,
  lab,
  look,
  luns,
  member,
  message,
  on,
  outlet,
  panic,
  phase,
  probe,
  process,
  recordsOf,
  reservationText,
  revertFault,
  provoked,
  scan,
  takesOver,
  write,
  writing,
  type Entry,
  type Node,
} from './history.ts'
import { prelude } from './rows.ts'

const alone = ['nodeb'] as const
/** The regions of the nodes, and the log that all share: here no number is taken twice. */
const bothHalves = (entries: readonly Entry[]) => [recordsOf(entries), recordsOf(entries)] as const
/** nodeb looks at the disk, starts the group, and goes on with the next number. */
const goesOver = (at: number, before: readonly Entry[], first: number, until: number): Entry[] => [
  ...takesOver('nodeb', at, 2, ...bothHalves(before.filter((entry) => entry.at < at))),
  ...writing('nodeb', at + 200, until, first, 2),
]
/** The observer reads every LUN: no key is registered with any, and none was since the baseline (its PR generation). */
const keylessLooks = (at: number, read: readonly string[] = luns): Entry[] =>
  read.map((lun) => look('observer', at, lun, 'keys', keysText(4, [])))
/** A LUN that is reserved in the SCSI-2 way executes no PERSISTENT RESERVE IN (SPC-2 5.5.1, table of what conflicts). */
const conflictingLook = (at: number): Entry => look('observer', at, 'data1', 'keys', '', { exit: 24 })
/** Looked at everybody in the end: who goes on answers as a member that runs the group. */
const ending = (
  at: number,
  before: readonly Entry[],
  after: readonly Entry[],
  shutOut: readonly Node[] = [],
): Entry[] => [
  phase(at, 'collect'),
  ...after,
  scan('observer', at + 600, 'final', ...bothHalves(before)),
  ...provoked(at, after, bothHalves(before), shutOut),
  phase(at + 900, 'restore'),
  ended(at + 1000),
]
const goesOn = (at: number): Entry[] => [
  ...clocks(at, ['nodeb', 'observer']),
  probe(at + 10, 'nodeb', boots.nodeb),
  member('nodeb', at + 20, { members: alone, active: true }),
]

const idealUntilTheEnd = ((): Entry[] => {
  const lost = inTime(
    prelude(pingIdeal, { keyless: true }),
    ...[
      applyFault(1100, 'cut-priv1', { node: 'nodea', link: 'priv1' }),
      applyFault(1100, 'cut-priv2', { node: 'nodea', link: 'priv2' }),
    ],
    writing('nodea', 1200, 2300, 3),
    message('nodea', 2500, 'tie-breaker-silent', 'no reply from 10.0.0.1: this node stops itself', { lost: ['nodeb'] }),
    ...[panic('nodea', 2510), awaited(2600, 'panicked')],
    message('nodeb', 2500, 'tie-breaker', '10.0.0.1 replies: this node goes on', { lost: ['nodea'] }),
  )
  return inTime(lost, goesOver(3000, lost, 6, 4200), awaited(4500, 'taken-over'))
})()
/** Both private links fail; nodea gets no reply from the tie-breaker and stops itself; nodeb takes over. */
export const pingDecides: readonly Entry[] = [
  ...idealUntilTheEnd,
  ...ending(5000, idealUntilTheEnd, [...goesOn(5050), probe(5100, 'nodea'), ...keylessLooks(5300)]),
]

/** nodea is stopped at 1100, nodeb takes over at 3000, and the lab has seen it by 3900. */
const hung = (before: readonly Entry[], until: number): Entry[] => {
  const frozen = inTime(
    before,
    ...[
      fault(1100, 'freeze', { node: 'nodea' }, 'applying'),
      fault(1120, 'freeze', { node: 'nodea' }, 'applied', true),
    ],
    ...[process(1130, 'nodea', 'T'), fault(1140, 'freeze', { node: 'nodea' }, 'verified', true)],
    message('nodeb', 2400, 'peer-lost', 'node nodea is silent', { lost: ['nodea'] }),
  )
  return inTime(frozen, goesOver(3000, frozen, 3, until), awaited(3900, 'taken-over'))
}
/** nodea goes on at 4000; its clock is measured again, for it stood still. */
const woken: readonly Entry[] = [
  process(3950, 'nodea', 'T'),
  ...revertFault(4000, 'freeze', { node: 'nodea' }),
  process(4060, 'nodea', 'S'),
  ...clocks(4070, ['nodea']),
]

const frozenUntilTheEnd = inTime(
  hung(prelude(pingFrozenVm, { keyless: true }), 5200),
  woken,
  writing('nodea', 4200, 5200, 3),
  ...[panic('nodea', 5500), panic('nodeb', 5500), awaited(5700, 'panicked')],
)
/** What stands in the log that both share: nodea was the last to write the numbers that both took. */
const shared = recordsOf(frozenUntilTheEnd).filter(({ node, number }) => node === 'nodea' || number > 5)
/** nodea goes on writing beside nodeb: the data is lost, which is what the document says. */
export const dataLost: readonly Entry[] = [
  ...frozenUntilTheEnd,
  ...ending(6000, frozenUntilTheEnd, [
    ...clocks(6050, ['observer']),
    probe(6100, 'nodea'),
    probe(6110, 'nodeb'),
    ...keylessLooks(6300),
  ]).map((entry) => (entry.event.type === 'ledger.scan' ? { ...entry, event: { ...entry.event, shared } } : entry)),
]

const words = { 1: 'Write Exclusive', 3: 'Exclusive Access', 5: 'Write Exclusive, registrants only' } as const
/** The data disk is reserved by one node; the coordination points are not used. */
const reservedBy = (at: number, node: 'nodea' | 'nodeb', type: 1 | 3 | 5, generation: number): Entry[] => [
  look('observer', at, 'data1', 'keys', keysText(generation, [keys[node]])),
  look('observer', at + 5, 'data1', 'reservation', reservationText(generation, keys[node], words[type])),
]
const attacked = (row: typeof prFrozenVmType3, type: 1 | 3 | 5): readonly Entry[] => {
  const before = [...prelude(row), ...reservedBy(800, 'nodea', type, 4)]
  const untilTheEnd = inTime(
    hung(inTime(before), 5400),
    reservedBy(3100, 'nodeb', type, 7),
    woken,
    write('nodea', 4200, 3, 1, 'refused'),
    message('nodea', 4400, 'failed-defender', 'Reserve not found. Will SUICIDE as failed defender'),
    message('nodea', 4410, 'group-stopped', 'stopped as a failed defender'),
    awaited(4600, 'stopped-writing'),
  )
  return [
    ...untilTheEnd,
    ...ending(
      6000,
      untilTheEnd,
      [
        ...goesOn(6050),
        ...[probe(6100, 'nodea', boots.nodea), member('nodea', 6110, { members: ['nodea', 'nodeb'], active: false })],
        ...keylessLooks(6250, coordination),
        ...reservedBy(6300, 'nodeb', type, 7),
      ],
      ['nodea'],
    ),
  ]
}
/** nodeb wipes the registrations, waits for a defender, reserves; nodea, woken, finds its writes refused and stops the group. */
export const attackedType1 = attacked(prFrozenVmType1, 1)
export const attackedType3 = attacked(prFrozenVmType3, 3)
export const attackedType5 = attacked(prFrozenVmType5, 5)

export const initiators = { nodea: 'iqn.2026-11.test:nodea', nodeb: 'iqn.2026-11.test:nodeb' } as const
/** What LIO says of who holds a reservation of SCSI-2 (pr/res_holder). */
export const heldBy = (at: number, node: keyof typeof initiators | undefined): Entry =>
  on('observer', at, {
    type: 'array-keys',
    lun: 'data1',
    text: node ? `SPC-2 Reservation: iSCSI Initiator: ${initiators[node]}\n` : 'No SPC-3 Reservation holder\n',
  })
const facts = (['nodea', 'nodeb'] as const).map((node) =>
  on(node, 30, { type: 'host.facts', facts: { initiator: initiators[node] } }),
)
const suicide = (why: string): Entry[] => [
  write('nodea', 4200, 3, 1, 'refused'),
  message('nodea', 4240, 'ejected', why),
  ...panic('nodea', 4300),
  awaited(4500, 'panicked'),
]
const reservedUntilTheEnd = inTime(
  hung(inTime(prelude(reserveRelease, { keyless: true }), facts, heldBy(850, 'nodea')), 5400),
  heldBy(3100, 'nodeb'),
  woken,
  suicide('the storage refuses the writes of this node'),
)
/** nodeb reserves the disk; nodea, woken, finds its writes refused and kills itself. */
export const reserved: readonly Entry[] = [
  ...reservedUntilTheEnd,
  ...ending(6000, reservedUntilTheEnd, [
    ...[...goesOn(6050), probe(6100, 'nodea'), heldBy(6300, 'nodeb')],
    ...[...keylessLooks(6310, coordination), conflictingLook(6310)],
  ]),
]

const fenced = (at: number): Entry => message('nodeb', at, 'fenced', 'nodea was fenced', { node: 'nodea' })
const offUntilTheEnd = inTime(
  hung(prelude(powerFencing, { powered: true, keyless: true }), 5400),
  fenced(2900),
  outlet(2950, 'nodea', 'off'),
)
/** nodeb switches the outlet of nodea off, and then takes over. */
export const switchedOff: readonly Entry[] = [
  ...offUntilTheEnd,
  ...ending(6000, offUntilTheEnd, [
    ...[outlet(6020, 'nodea', 'off'), outlet(6020, 'nodeb', 'on')],
    ...[...goesOn(6050), probe(6100, 'nodea'), ...keylessLooks(6300)],
  ]),
]

const closedUntilTheEnd = inTime(
  hung(prelude(storagePortFencing, { keyless: true }), 5400),
  fenced(2900),
  woken,
  write('nodea', 4200, 3, 1, 'failed'),
  message('nodea', 4240, 'ejected', 'a write failed: EIO'),
  ...[panic('nodea', 4300), awaited(4500, 'panicked')],
)
/** The array closes the port of nodea, and nodeb takes over; nodea, woken, cannot write and kills itself. */
export const portClosed: readonly Entry[] = [
  ...closedUntilTheEnd,
  ...ending(6000, closedUntilTheEnd, [
    ...goesOn(6050),
    probe(6100, 'nodea'),
    lab(6200, { type: 'note', text: 'the port of nodea is closed' }),
    ...keylessLooks(6300),
  ]),
]
