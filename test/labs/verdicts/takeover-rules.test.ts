/** What the rules of the rows say in which the group is taken over: what proves each, what breaks each, what leaves it open. */
import {
  changed,
  keys,
  lacking,
  look,
  message,
  on,
  outlet,
  plus,
  process,
  record,
  reservationText,
  without,
  write,
  type Entry,
} from './history.ts'
import { judged } from './bearing.ts'
import {
  attackedType1,
  attackedType3,
  attackedType5,
  dataLost,
  heldBy,
  initiators,
  pingDecides,
  portClosed,
  reserved,
  switchedOff,
} from './takeover-rows.ts'
import type { VerdictWord } from '../../../labs/verdicts/verdict.ts'

type Cases = Readonly<Record<string, readonly [readonly Entry[], VerdictWord]>>

const log = (row: readonly Entry[], code: string) =>
  without(row, 'stack.log', ({ event }) => 'code' in event && event.code === code)
const scans = (row: readonly Entry[], when: string) =>
  without(row, 'ledger.scan', ({ event }) => 'when' in event && event.when === when)
const final = (
  row: readonly Entry[],
  change: (event: Extract<Entry['event'], { type: 'ledger.scan' }>) => Entry['event'],
) => changed(row, 'ledger.scan', (event) => (event.when === 'final' ? change(event) : event))
/** Told by a clock that shows it to be from before the run. */
const old = (row: readonly Entry[], code: string) =>
  row.map((entry) =>
    entry.event.type === 'stack.log' && entry.event.code === code ? { ...entry, hostAt: 200.1 } : entry,
  )
const noClock = (row: readonly Entry[], node: string) => without(row, 'clock', ({ host }) => host === node)

/** The same for every rule that asks what came of the takeover. */
const noTakeover = (row: readonly Entry[]): Cases => ({
  'the group was not started anywhere else': [log(row, 'group-started'), 'inconclusive'],
  'the group was started there before the fault': [old(row, 'group-started'), 'inconclusive'],
  'no fault was applied': [without(without(row, 'fault'), 'operation'), 'inconclusive'],
  'the roles are bound to nobody': [changed(row, 'run.started', (event) => ({ ...event, roles: {} })), 'inconclusive'],
})

const landed = (row: readonly Entry[]) =>
  final(row, (event) => ({ ...event, records: [...event.records, record('nodea', 1000, 99)] }))
const noWriteCases = (row: readonly Entry[]): Cases => ({
  'nothing of the old owner came after the takeover': [row, 'pass'],
  'a record is there that the takeover did not see, issued long before': [landed(row), 'fail'],
  'a write was acknowledged after the takeover': [plus(row, write('nodea', 3400, 98)), 'fail'],
  'nobody wrote before the fault': [without(row, 'ledger.write', ({ at }) => at < 1000), 'inconclusive'],
  'the disk was not read at the takeover': [scans(row, 'takeover'), 'inconclusive'],
  'the reading at the takeover failed': [
    changed(row, 'ledger.scan', (event) => (event.when === 'takeover' ? { ...event, error: 'EIO' } : event)),
    'inconclusive',
  ],
  'the reading at the takeover came after the first write': [
    row.map((entry) =>
      entry.event.type === 'ledger.scan' && entry.event.when === 'takeover' ? { ...entry, hostAt: 203.25 } : entry,
    ),
    'inconclusive',
  ],
  'the reading at the takeover has no time': [
    row.map((entry) => {
      const { hostAt: _, ...rest } = entry
      return entry.event.type === 'ledger.scan' && entry.event.when === 'takeover' ? rest : entry
    }),
    'inconclusive',
  ],
  'the disk was not read in the end': [scans(row, 'final'), 'inconclusive'],
  'the reading in the end failed': [final(row, (event) => ({ ...event, error: 'EIO', records: [] })), 'inconclusive'],
  'the old owner read it in the end': [
    row.map((entry) =>
      entry.event.type === 'ledger.scan' && entry.event.when === 'final' ? { ...entry, host: 'nodea' } : entry,
    ),
    'inconclusive',
  ],
  'the reading in the end is of before the end': [
    row
      .map((entry) =>
        entry.event.type === 'ledger.scan' && entry.event.when === 'final' ? { ...entry, at: 3700 } : entry,
      )
      .toSorted((a, b) => a.at - b.at),
    'inconclusive',
  ],
  'the clock of the old owner was not measured': [noClock(row, 'nodea'), 'inconclusive'],
  ...noTakeover(row),
})
for (const [name, row] of Object.entries({ pingDecides, attackedType3, reserved, switchedOff, portClosed })) {
  judged('no-write-after-takeover', noWriteCases(row), name)
}
judged('tie-breaker-decided', {
  'who had a reply goes on, who had none stopped itself': [pingDecides, 'pass'],
  'who had no reply goes on': [plus(pingDecides, message('nodeb', 2490, 'tie-breaker-silent', 'no reply')), 'fail'],
  'who had a reply stopped itself': [
    pingDecides.map((entry) =>
      entry.event.type === 'stack.log' && entry.event.code === 'tie-breaker-silent'
        ? { ...entry, event: { ...entry.event, code: 'tie-breaker' } }
        : entry,
    ),
    'fail',
  ],
  'nobody tells of the reply': [log(pingDecides, 'tie-breaker'), 'inconclusive'],
  'nobody tells of the silence': [log(pingDecides, 'tie-breaker-silent'), 'inconclusive'],
  'the log was lost with its kernel, the console tells of the silence': [
    pingDecides.map(({ hostAt = 0, ...entry }) =>
      entry.event.type === 'stack.log' && entry.event.code === 'tie-breaker-silent'
        ? {
            ...entry,
            event: {
              type: 'console',
              text: `[  ${hostAt.toFixed(6)}] fencelab: no reply from the tie-breaker 10.77.1.254`,
            },
          }
        : { ...entry, hostAt },
    ),
    'pass',
  ],
  'the reply is one of before the fault': [old(pingDecides, 'tie-breaker'), 'inconclusive'],
  'what became of the other is not known': [without(pingDecides, 'panic-event'), 'inconclusive'],
  'the console is lost': [without(pingDecides, 'console'), 'inconclusive'],
  'no fault was applied': [without(pingDecides, 'fault'), 'inconclusive'],
})

const ofNode = (node: string, from: number) => (entry: Entry) => entry.host === node && entry.at > from
judged('both-wrote-at-once', {
  'the ledger proves it: both wrote, records are lost': [dataLost, 'pass'],
  'the storage refused the late writes': [
    changed(dataLost, 'ledger.write', (event, entry) =>
      ofNode('nodea', 4000)(entry) ? { ...event, result: 'refused', errno: 52 } : event,
    ),
    'fail',
  ],
  'the delayed node did not write again': [without(dataLost, 'ledger.write', ofNode('nodea', 4000)), 'inconclusive'],
  'the new owner did not write': [without(dataLost, 'ledger.write', ofNode('nodeb', 3000)), 'inconclusive'],
  'the new owner had stopped before the delayed one went on': [
    without(dataLost, 'ledger.write', ofNode('nodeb', 4200)),
    'inconclusive',
  ],
  'no record was overwritten': [
    final(dataLost, (event) => ({
      ...event,
      shared: (event.shared ?? []).map((one, index) => ({ ...one, number: 100 + index })),
    })),
    'inconclusive',
  ],
  'each stands where it wrote': [
    final(dataLost, (event) => ({
      ...event,
      shared: event.records.filter(({ node, number }) => node === 'nodeb' || number < 3),
    })),
    'pass',
  ],
  'the shared log was not read': [final(dataLost, (event) => lacking(event, 'shared')), 'inconclusive'],
  'the shared log is empty': [final(dataLost, (event) => ({ ...event, shared: [] })), 'inconclusive'],
  'the reading failed': [final(dataLost, (event) => ({ ...event, error: 'EIO' })), 'inconclusive'],
  'nobody read the disk in the end': [scans(dataLost, 'final'), 'inconclusive'],
  'one of the two read it in the end': [
    dataLost.map((entry) =>
      entry.event.type === 'ledger.scan' && entry.event.when === 'final' ? { ...entry, host: 'nodeb' } : entry,
    ),
    'inconclusive',
  ],
  'what they wrote is not on the disk': [final(dataLost, (event) => ({ ...event, records: [] })), 'inconclusive'],
  'the clock of the delayed node was not measured': [noClock(dataLost, 'nodea'), 'inconclusive'],
  'the clock of the new owner was not measured': [noClock(dataLost, 'nodeb'), 'inconclusive'],
  ...noTakeover(dataLost),
})

const reservation = (row: readonly Entry[], stdout: string, which: (at: number) => boolean) =>
  changed(row, 'keys', (event, { at }) => (event.action === 'reservation' && which(at) ? { ...event, stdout } : event))
/** a look at which nobody held it, behind the last one before the fault and behind the last one of all */
const freeLooks = (row: readonly Entry[]) => {
  const injected = row.find(({ event }) => event.type === 'phase' && event.name === 'inject')?.at ?? 0
  return [injected - 1, 6450].map((at) => ({ at, stdout: reservationText(7, null) }))
}
const atEnd = (at: number) => at > 6000
const attacks = { 1: attackedType1, 3: attackedType3, 5: attackedType5 } as const
const words = { 1: 'Write Exclusive', 3: 'Exclusive Access', 5: 'Write Exclusive, registrants only' } as const
for (const [type, row] of Object.entries(attacks)) {
  const own = words[Number(type) as 1 | 3 | 5]
  const another = type === '3' ? words[1] : words[3]
  judged(
    'reservation-was-taken',
    {
      'held by the one, then by the other': [row, 'pass'],
      'still held by the one': [reservation(row, reservationText(7, keys.nodea, own), atEnd), 'fail'],
      'held with another type in the end': [reservation(row, reservationText(7, keys.nodeb, another), atEnd), 'fail'],
      'held by a stranger': [reservation(row, reservationText(7, '0xc', own), atEnd), 'fail'],
      'held by nobody at one more look, as a defender gives it away for a moment': [
        plus(row, ...freeLooks(row).map(({ at, stdout }) => look('observer', at, 'data1', 'reservation', stdout))),
        'pass',
      ],
      'held by another at one of the looks in the end': [
        plus(row, look('observer', 6150, 'data1', 'reservation', reservationText(7, keys.nodea, own))),
        'fail',
      ],
      'held by nobody at the last look': [reservation(row, reservationText(7, null), atEnd), 'inconclusive'],
      'held with another type before': [
        reservation(row, reservationText(4, keys.nodea, another), (at) => at < 1000),
        'inconclusive',
      ],
      'not held before': [reservation(row, reservationText(4, null), (at) => at < 1000), 'inconclusive'],
      'not read before': [without(row, 'keys', ({ at }) => at < 1000), 'inconclusive'],
      'not read in the end': [without(row, 'keys', ({ at }) => atEnd(at)), 'inconclusive'],
      'the last look failed': [
        changed(row, 'keys', (event, { at }) => (atEnd(at) ? { ...event, exit: 6, stdout: '' } : event)),
        'inconclusive',
      ],
      'only the loser looked': [
        row.map((entry) => (entry.event.type === 'keys' && atEnd(entry.at) ? { ...entry, host: 'nodea' } : entry)),
        'inconclusive',
      ],
      'a look that came late shows how it was before': [
        plus(
          row,
          look('observer', 6400, 'data1', 'reservation', reservationText(4, keys.nodea, own), {
            began: 305.1,
            ended: 305.2,
          }),
        ),
        'pass',
      ],
      'the clock of the observer was not measured': [noClock(row, 'observer'), 'inconclusive'],
      'the row names no type': [
        changed(row, 'run.started', (event) => ({
          ...event,
          scenario: lacking(event.scenario as never, 'parameters'),
        })),
        'inconclusive',
      ],
      ...noTakeover(row),
    },
    `type ${type}`,
  )
}

judged('frozen-node-stopped', {
  'it stopped the group as a failed defender': [attackedType3, 'pass'],
  'the group still runs there': [
    changed(attackedType3, 'stack', (event, { host }) => (host === 'nodea' ? { ...event, active: true } : event)),
    'fail',
  ],
  'its log does not tell that it failed': [log(attackedType3, 'failed-defender'), 'inconclusive'],
  'its log does not tell that it stopped': [log(attackedType3, 'group-stopped'), 'inconclusive'],
  'it had told so before it was woken': [
    attackedType3.map((entry) =>
      entry.event.type === 'stack.log' && entry.event.code === 'failed-defender' ? { ...entry, hostAt: 101.05 } : entry,
    ),
    'inconclusive',
  ],
  'its stack was not asked in the end': [without(attackedType3, 'stack', ofNode('nodea', 6000)), 'inconclusive'],
  'its stack did not answer in the end': [
    changed(attackedType3, 'stack', (event, { host, at }) =>
      host === 'nodea' && at > 6000 ? { type: 'stack', answered: false, text: 'no answer' } : event,
    ),
    'inconclusive',
  ],
  'its stack does not say whether the group runs': [
    changed(attackedType3, 'stack', (event, { host, at }) =>
      host === 'nodea' && at > 6000 ? lacking(event, 'active') : event,
    ),
    'inconclusive',
  ],
  'it was not woken': [
    without(attackedType3, 'fault', ({ event }) => 'step' in event && event.step === 'reverting'),
    'inconclusive',
  ],
  ...noTakeover(attackedType3),
})

const fencedLater = (row: readonly Entry[]) =>
  row.map((entry) =>
    entry.event.type === 'stack.log' && entry.event.code === 'fenced' ? { ...entry, hostAt: 203.06 } : entry,
  )
const fencedCases = (row: readonly Entry[]): Cases => ({
  'fenced, and then taken over': [row, 'pass'],
  'taken over before it was fenced': [fencedLater(row), 'fail'],
  'the log tells of no fence': [log(row, 'fenced'), 'inconclusive'],
  'another node was fenced': [
    changed(row, 'stack.log', (event) => (event.code === 'fenced' ? { ...event, data: { node: 'nodec' } } : event)),
    'inconclusive',
  ],
  'the log does not say who was fenced': [
    changed(row, 'stack.log', (event) => (event.code === 'fenced' ? lacking(event, 'data') : event)),
    'inconclusive',
  ],
  'it was fenced before the fault': [old(row, 'fenced'), 'inconclusive'],
  'the order is not known': [
    row.map((entry) => {
      const { hostAt: _, ...rest } = entry
      return entry.event.type === 'stack.log' && entry.event.code === 'fenced' ? rest : entry
    }),
    'inconclusive',
  ],
  ...noTakeover(row),
})
judged('fenced-before-takeover', fencedCases(portClosed), 'by the port')
judged(
  'fenced-before-takeover',
  {
    ...fencedCases(switchedOff),
    'the power unit says that it is on': [
      changed(switchedOff, 'outlet', (event) => ({ ...event, state: 'on' })),
      'fail',
    ],
    'the power unit does not know': [
      changed(switchedOff, 'outlet', (event) => ({ ...event, state: 'unknown' })),
      'inconclusive',
    ],
    'the power unit was not asked': [without(switchedOff, 'outlet'), 'inconclusive'],
    'the power unit was asked before only': [without(switchedOff, 'outlet', ({ at }) => at > 2900), 'inconclusive'],
    'it was switched on again': [plus(switchedOff, outlet(6040, 'nodea', 'on')), 'fail'],
  },
  'by its power',
)

const held = (
  row: readonly Entry[],
  before: keyof typeof initiators | undefined,
  after: keyof typeof initiators | undefined,
): readonly Entry[] => [
  ...row.map((entry) =>
    entry.event.type === 'array-keys' ? { ...heldBy(entry.at, entry.at < 1000 ? before : after) } : entry,
  ),
]
const named = (name: string) =>
  changed(reserved, 'host.facts', (event, { host }) =>
    host === 'nodea' ? { ...event, facts: { initiator: name } } : event,
  )
judged('reserve-was-taken', {
  'held by the one, then by the other': [reserved, 'pass'],
  'still held by the one': [held(reserved, 'nodea', 'nodea'), 'fail'],
  'held by nobody in the end': [held(reserved, 'nodea', undefined), 'inconclusive'],
  'not held before': [held(reserved, undefined, 'nodeb'), 'inconclusive'],
  'held by the other all the time': [held(reserved, 'nodeb', 'nodeb'), 'inconclusive'],
  'a name that only begins like the other': [named(initiators.nodea.slice(0, -1)), 'inconclusive'],
  'both have one name': [named(initiators.nodeb), 'inconclusive'],
  'the names are not known': [without(reserved, 'host.facts'), 'inconclusive'],
  'the array was not asked before': [without(reserved, 'array-keys', ({ at }) => at < 1000), 'inconclusive'],
  'the array was not asked afterwards': [without(reserved, 'array-keys', ({ at }) => at > 1000), 'inconclusive'],
  'the array was lost after its last answer': [
    plus(
      without(reserved, 'array-keys', ({ at }) => at > 6000),
      on('observer', 5000, { type: 'connection', state: 'gone', reason: 'no answer' }),
    ),
    'inconclusive',
  ],
  'the array was lost, and answered again': [
    plus(reserved, on('observer', 5000, { type: 'connection', state: 'gone', reason: 'no answer' })),
    'pass',
  ],
  'the array was never asked': [without(reserved, 'array-keys'), 'inconclusive'],
  'the last answer stands for an earlier one': [
    changed(reserved, 'array-keys', (event, { at }) =>
      at === 6300
        ? {
            ...event,
            text: '',
            same: 1 + reserved.findIndex((one) => one.at === 3100 && one.event.type === 'array-keys'),
          }
        : event,
    ),
    'pass',
  ],
  'the last answer stands for one that is not there': [
    changed(reserved, 'array-keys', (event, { at }) => (at === 6300 ? { ...event, text: '', same: 9999 } : event)),
    'inconclusive',
  ],
  'the array speaks of another disk': [
    changed(reserved, 'array-keys', (event) => ({ ...event, lun: 'coord1' })),
    'inconclusive',
  ],
  ...noTakeover(reserved),
})

const nodeOf = (row: readonly Entry[], ...more: readonly Entry[]) => plus(row, ...more)
judged('expected-outcome', {
  'data lost: both panicked, as the document says': [dataLost, 'pass'],
  'data lost: one of them is not proved to have panicked': [
    without(dataLost, 'console', ({ host }) => host === 'nodeb'),
    'inconclusive',
  ],
  'the attacked node is alive, and ejected': [attackedType5, 'pass'],
  'the attacked node panicked as well': [
    nodeOf(
      without(
        without(
          without(attackedType5, 'probe', ({ at }) => at === 6100),
          'stack',
          ({ at }) => at === 6110,
        ),
        'write-try',
        ({ host }) => host === 'nodea',
      ),
      { at: 4500, host: 'nodea', event: { type: 'panic-event', source: 'QMP' } },
      { at: 4510, host: 'nodea', event: { type: 'console', text: 'Kernel panic - not syncing: x' } },
    ),
    'fail',
  ],
  'the attacked node is a member, and nothing refused it': [
    without(
      changed(attackedType5, 'keys', (event) => (event.action === 'keys' ? { ...event, exit: 6, stdout: '' } : event)),
      'ledger.write',
      ({ host, at }) => host === 'nodea' && at > 4000,
    ),
    'fail',
  ],
  'switched off: the outlet is off': [switchedOff, 'pass'],
  'switched off: it answers in the end': [
    plus(switchedOff, on('nodea', 6150, { type: 'probe', node: 'nodea', reachable: true, boot: 'boot-a-1', text: '' })),
    'inconclusive',
  ],
  'switched off: the outlet was not asked in the end': [
    without(switchedOff, 'outlet', ({ at }) => at > 6000),
    'inconclusive',
  ],
  'the port was closed: it still hangs': [
    nodeOf(without(without(portClosed, 'panic-event'), 'console'), process(6150, 'nodea', 'T')),
    'fail',
  ],
  'the survivor did not answer': [without(portClosed, 'probe', ({ at }) => at === 6060), 'inconclusive'],
  'the survivor is no member': [
    changed(portClosed, 'stack', (event, { at, host }) =>
      host === 'nodeb' && at > 6000 ? { ...event, state: 'lost' } : event,
    ),
    'inconclusive',
  ],
})
