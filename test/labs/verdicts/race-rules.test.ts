import { expect, it } from 'vitest'
import { judge } from '../../../labs/verdicts/judge.ts'
import {
  boots,
  changed,
  clocks,
  coordination,
  failedLook,
  keys,
  keysText,
  look,
  member,
  message,
  on,
  panic,
  plus,
  probe,
  process,
  record,
  recorded,
  reservationText,
  scan,
  without,
  write,
  type Entry,
} from './history.ts'
import { bothLinksFail } from './rows.ts'
import { judged } from './bearing.ts'

const row = bothLinksFail
const noPanic = without(without(row, 'panic-event'), 'console')
const aliveA = plus(noPanic, member('nodea', 4620, { members: ['nodea'] }), probe(4720, 'nodea', boots.nodea))
const withBothKeys = changed(aliveA, 'keys', (event) =>
  event.action === 'keys' ? { ...event, stdout: keysText(5, [keys.nodea, keys.nodeb]) } : event,
)
const splitBrain = without(withBothKeys, 'ledger.write', ({ event }) => 'result' in event && event.result === 'refused')
const nothingOfB = row.filter((entry) => entry.at < 3600 || entry.host !== 'nodeb')
const bothPanicked = plus(without(nothingOfB, 'probe'), ...panic('nodeb', 3600))

judged('exactly-one-continues', {
  'one panicked, one continues': [row, 'pass'],
  'both continue: split brain': [splitBrain, 'fail'],
  'nobody continues': [bothPanicked, 'fail'],
  'the other is not proved to have stopped': [noPanic, 'inconclusive'],
  'only the console saw the panic': [without(row, 'panic-event'), 'inconclusive'],
  'only the hypervisor saw the panic': [without(row, 'console'), 'inconclusive'],
  'the survivor was not probed in the end': [without(row, 'probe', ({ at }) => at === 4710), 'inconclusive'],
  'the survivor came back with another boot id': [
    changed(row, 'probe', (event) => (event.node === 'nodeb' ? { ...event, boot: 'boot-b-2' } : event)),
    'inconclusive',
  ],
  'the survivor was a member before the end only': [
    plus(
      without(row, 'stack', ({ at }) => at === 4610),
      member('nodeb', 3600),
    ),
    'inconclusive',
  ],
})

judged('others-panicked', {
  'the other panicked': [row, 'pass'],
  'the other is alive and ejected': [aliveA, 'fail'],
  'both continue': [splitBrain, 'fail'],
  'the other is frozen': [plus(noPanic, process(4650, 'nodea', 'T')), 'fail'],
  'the other does not answer, which proves nothing': [noPanic, 'inconclusive'],
  'the other rebooted, which proves no panic': [plus(noPanic, probe(4720, 'nodea', 'boot-a-2')), 'inconclusive'],
  'it panicked, and answered later in the same boot': [plus(row, probe(4720, 'nodea', boots.nodea)), 'inconclusive'],
  'it panicked, and answers in another boot': [plus(row, probe(4720, 'nodea', 'boot-a-2')), 'pass'],
  'it panicked, and its stack answered at a later moment of its clock': [
    plus(row, member('nodea', 3400)),
    'inconclusive',
  ],
  'it panicked, and its clock was read at a later moment of the same boot': [
    plus(row, ...clocks(3600, ['nodea'])),
    'inconclusive',
  ],
  'it panicked, and it wrote into its log later': [
    plus(row, message('nodea', 3600, 'peer-lost', 'nodeb is silent')),
    'inconclusive',
  ],
  'it panicked, and what it wrote into its log before came in late': [
    plus(row, { ...message('nodea', 3600, 'race-lost', 'lost'), hostAt: 103 }),
    'pass',
  ],
  'it panicked, and read the disk later': [plus(row, scan('nodea', 3700, 'takeover', [])), 'inconclusive'],
  'it panicked, started by itself, and is a member again': [
    plus(
      row,
      on('nodea', 4150, { type: 'clock', boot: 'boot-a-2', offset: -4000, uncertainty: 2 }),
      { ...member('nodea', 4620, { members: ['nodea'] }), hostAt: 0.6 },
      probe(4720, 'nodea', 'boot-a-2'),
    ),
    'inconclusive',
  ],
  'it panicked, and an answer from before came in late': [
    plus(row, { ...member('nodea', 3400), hostAt: 102.9 }),
    'pass',
  ],
  'it panicked, and an answer came that may be from before as well as from after': [
    plus(row, { ...member('nodea', 3400), hostAt: 103.299 }),
    'pass',
  ],
  'the panic was before the fault': [
    plus(noPanic, ...panic('nodea', 950).map((entry) => ({ ...entry, at: 950 }))),
    'inconclusive',
  ],
})

const after = 4000
/** The row with other looks at the coordination points, and none at the data disk, once it was over. */
const finalLooks = (of: (lun: string) => Entry[]): readonly Entry[] => [
  ...row
    .filter((entry) => entry.at < after || entry.event.type !== 'keys')
    .flatMap((entry) =>
      entry.event.type === 'phase' && entry.event.name === 'collect' ? [entry, ...coordination.flatMap(of)] : [entry],
    ),
]
const good = (lun: string, list: readonly string[] = [keys.nodeb], host = 'observer') =>
  look(host, 4300, lun, 'keys', keysText(5, list))

/** From 4200 on it is known to half a second only when the observer looked: the answers to the lab take that long. */
const slowAnswers = [4150, 4350, 4600].map((at) =>
  on('observer', at, { type: 'clock', boot: boots.observer, offset: -300_000, uncertainty: at < 4200 ? 2 : 500 }),
)
const seen =
  (at: number, generation: number, list: readonly string[], host = 'observer') =>
  (lun: string) =>
    look(host, at, lun, 'keys', keysText(generation, list))
const slowly = (first: ReturnType<typeof seen>, then: ReturnType<typeof seen>) =>
  plus(
    finalLooks((lun) => [first(lun)]),
    ...coordination.map(then),
    ...slowAnswers,
  )

judged('survivor-alone-on-coordination-majority', {
  'on all three': [row, 'pass'],
  'on two of three, the loser is on the third': [
    finalLooks((lun) => [good(lun, lun === 'coord3' ? [keys.nodea] : [keys.nodeb])]),
    'pass',
  ],
  'two paths to the survivor': [finalLooks((lun) => [good(lun, [keys.nodeb, keys.nodeb])]), 'pass'],
  'on two of three, the third cannot be read': [
    finalLooks((lun) => [lun === 'coord3' ? failedLook('observer', 4300, lun) : good(lun)]),
    'pass',
  ],
  'the loser is on two of three': [
    finalLooks((lun) => [good(lun, lun === 'coord1' ? [keys.nodeb] : [keys.nodea, keys.nodeb])]),
    'fail',
  ],
  'a stranger is on all': [finalLooks((lun) => [good(lun, [keys.nodeb, '0xc'])]), 'fail'],
  'nobody is on any': [finalLooks((lun) => [good(lun, [])]), 'fail'],
  'two of three cannot be read': [
    finalLooks((lun) => [lun === 'coord1' ? good(lun) : failedLook('observer', 4300, lun)]),
    'inconclusive',
  ],
  'one has it, one not, one cannot be read': [
    finalLooks((lun) =>
      lun === 'coord3' ? [failedLook('observer', 4300, lun)] : [good(lun, lun === 'coord1' ? [keys.nodeb] : [])],
    ),
    'inconclusive',
  ],
  'read only by the loser': [finalLooks((lun) => [good(lun, [keys.nodeb], 'nodea')]), 'inconclusive'],
  'read only before the panic': [without(row, 'keys', ({ at }) => at > 3300), 'inconclusive'],
  'a long look that began before the panic': [
    finalLooks((lun) => [look('observer', 4300, lun, 'keys', keysText(5, [keys.nodeb]), { began: 303.2 })]),
    'inconclusive',
  ],
  'read through a host whose clock was never measured': [
    finalLooks((lun) => [look('stranger', 4300, lun, 'keys', keysText(5, [keys.nodeb]))]),
    'inconclusive',
  ],
  'viewers disagree at one generation': [
    finalLooks((lun) => [good(lun), good(lun, [keys.nodea, keys.nodeb], 'nodeb')]),
    'inconclusive',
  ],
  'a later generation is the better answer': [
    finalLooks((lun) => [
      good(lun, [keys.nodea, keys.nodeb]),
      look('nodeb', 4400, lun, 'keys', keysText(6, [keys.nodeb])),
    ]),
    'pass',
  ],
  'the loser is back, in the last look of a host whose clock is less well known by then': [
    slowly(seen(4140, 5, [keys.nodeb]), seen(4500, 6, [keys.nodea, keys.nodeb])),
    'fail',
  ],
  'the loser was still there in an earlier look of a host whose clock is less well known later': [
    slowly(seen(4140, 5, [keys.nodea, keys.nodeb]), seen(4500, 6, [keys.nodeb])),
    'pass',
  ],
  'two viewers say otherwise, and the clocks do not tell which of them looked last': [
    slowly(seen(4480, 5, [keys.nodeb], 'nodeb'), seen(4500, 6, [keys.nodea, keys.nodeb])),
    'inconclusive',
  ],
  'cut text is no empty table': [
    finalLooks((lun) => [look('observer', 4300, lun, 'keys', '  PR generation=0x5, 1 registered reser')]),
    'inconclusive',
  ],
})

judged('survivor-alone-on-data', {
  'alone and reserved': [row, 'pass'],
  'the loser is still registered': [
    changed(row, 'keys', (event, { at }) =>
      event.lun === 'data1' && event.action === 'keys' && at > after
        ? { ...event, stdout: keysText(5, [keys.nodea, keys.nodeb]) }
        : event,
    ),
    'fail',
  ],
  'no reservation': [reservationInTheEnd(reservationText(5, null)), 'fail'],
  'no reservation any more, in the last look of a host whose clock is less well known by then': [
    plus(
      without(row, 'keys', ({ host }) => host === 'nodeb'),
      look('observer', 4600, 'data1', 'reservation', reservationText(6, null)),
      ...slowAnswers,
    ),
    'fail',
  ],
  'no reservation, as one of two says, and the clocks do not tell which of them looked last': [
    plus(row, look('observer', 4600, 'data1', 'reservation', reservationText(6, null)), ...slowAnswers),
    'inconclusive',
  ],
  'an obsolete type': [reservationInTheEnd(reservationText(5, keys.nodeb, 'obsolete [0]')), 'fail'],
  'all registrants': [reservationInTheEnd(reservationText(5, '0x0', 'Write Exclusive, all registrants')), 'pass'],
  'a type in unknown words': [reservationInTheEnd(reservationText(5, keys.nodeb, 'Write Sometimes')), 'inconclusive'],
  'the reservation was not read': [
    without(row, 'keys', ({ event, at }) => 'action' in event && event.action === 'reservation' && at > after),
    'inconclusive',
  ],
  'the keys were not read': [
    without(row, 'keys', ({ event, at }) => 'lun' in event && event.lun === 'data1' && at > after),
    'inconclusive',
  ],
})
function reservationInTheEnd(stdout: string): readonly Entry[] {
  return changed(row, 'keys', (event, { at }) =>
    event.action === 'reservation' && at > after ? { ...event, stdout } : event,
  )
}

const scans = (when: 'takeover' | 'final', records: ReturnType<typeof record>[]) =>
  changed(row, 'ledger.scan', (event) => (event.when === when ? { ...event, records } : event))
const ofA = [400, 500, 1600, 1700].map((at, index) => record('nodea', at, index + 1))
const ofB = record('nodeb', 3500, 1, 2)
const noTakeover = without(row, 'ledger.scan', ({ event }) => 'when' in event && event.when === 'takeover')
const noRefusal = without(row, 'ledger.write', ({ at }) => at === 3140)
const noWritesOfA = without(row, 'ledger.write', ({ host }) => host === 'nodea')

judged('no-write-after-ejection', {
  'all records of the loser were there at the takeover': [row, 'pass'],
  'a record that was not there at the takeover': [scans('takeover', ofA.slice(0, 3)), 'fail'],
  'a queued write, issued long before, that landed later': [
    scans('final', [...ofA, record('nodea', 1000, 9), ofB]),
    'fail',
  ],
  'a record issued after the ejection, and no takeover scan': [
    changed(noTakeover, 'ledger.scan', (event) => ({ ...event, records: [...ofA, record('nodea', 3290, 5), ofB] })),
    'fail',
  ],
  'an acknowledgement issued after the ejection': [plus(noRefusal, write('nodea', 3230, 6)), 'fail'],
  'an acknowledgement issued after the ejection, while the ledger was read': [
    plus(noRefusal, write('nodea', 4470, 6)),
    'fail',
  ],
  'an acknowledgement after a refusal': [
    changed(
      changed(row, 'ledger.write', (event) => (event.number === 3 ? { ...event, result: 'refused' } : event)),
      'ledger.scan',
      (event) => ({ ...event, records: event.records.filter((one) => one.number !== 3) }),
    ),
    'fail',
  ],
  'a write acknowledged while the ledger was read need not be in it': [plus(row, write('nodeb', 4470, 2, 2)), 'pass'],
  'no takeover scan, every record acknowledged before the ejection': [noTakeover, 'pass'],
  'no takeover scan, a record without acknowledgement': [
    without(noTakeover, 'ledger.write', ({ at }) => at === 1730),
    'inconclusive',
  ],
  'no takeover scan, a write acknowledged within the bounds of the ejection': [
    changed(plus(noTakeover, write('nodea', 2600, 5)), 'ledger.scan', (event) => ({
      ...event,
      records: [...ofA, record('nodea', 2600, 5), ofB],
    })),
    'inconclusive',
  ],
  'the survivor had written already when it scanned the disk, and the record of the loser has no acknowledgement': [
    without(plus(row, write('nodeb', 3050, 1, 2)), 'ledger.write', ({ at, host }) => at === 1730 && host === 'nodea'),
    'inconclusive',
  ],
  'the loser wrote nothing, the survivor did': [
    changed(plus(noWritesOfA, write('nodeb', 450, 1)), 'ledger.scan', (event) => ({
      ...event,
      records: [record('nodeb', 450, 1), ...(event.when === 'final' ? [ofB] : [])],
    })),
    'pass',
  ],
  'nobody wrote before the fault': [without(row, 'ledger.write', ({ at }) => at < 1000), 'inconclusive'],
  'no final scan': [
    without(row, 'ledger.scan', ({ event }) => 'when' in event && event.when === 'final'),
    'inconclusive',
  ],
  'the final scan failed': [
    changed(row, 'ledger.scan', (event) => (event.when === 'final' ? { ...event, error: 'EIO' } : event)),
    'inconclusive',
  ],
  'the final scan was made by the loser': [
    row.map((entry) => (entry.event.type === 'ledger.scan' ? { ...entry, host: 'nodea' } : entry)),
    'inconclusive',
  ],
  'no look shows when it was ejected': [without(row, 'keys'), 'inconclusive'],
  'its key was seen again after the takeover scan': [
    plus(row, look('observer', 3195, 'data1', 'keys', keysText(4, [keys.nodea, keys.nodeb]), { began: 303.15 })),
    'inconclusive',
  ],
  'its key was seen again by a host whose clock is less well known by then': [
    plus(row, look('observer', 4600, 'data1', 'keys', keysText(6, [keys.nodea, keys.nodeb])), {
      ...slowAnswers[2],
      at: 4600,
      event: { type: 'clock', boot: boots.observer, offset: -300_000, uncertainty: 1500 },
    } as Entry),
    'inconclusive',
  ],
  'its clock was not measured': [without(row, 'clock', ({ host }) => host === 'nodea'), 'inconclusive'],
  'the record is of a boot that was not measured': [
    changed(row, 'ledger.scan', (event) => ({
      ...event,
      records: event.records.map((one) => (one.number === 4 ? { ...one, boot: 'boot-a-0' } : one)),
    })),
    'inconclusive',
  ],
  'nobody was fenced': [splitBrain, 'inconclusive'],
})

it('the survivor is a witness as good as the observer, who is missed all the same', () => {
  const own = row.flatMap((entry): Entry[] => {
    // what all of them saw when all was green stays
    if (entry.event.type !== 'keys' || entry.at < 1000) return [entry]
    if (entry.host === 'nodeb') return []
    const { began, ended } = entry.event
    return [on('nodeb', entry.at, { ...entry.event, began: began - 100, ended: ended - 100 })]
  })
  const doubts = judge(recorded(own)).reasons.filter(({ bearing }) => bearing !== 'pass')
  expect(doubts.map(({ rule, bearing }) => [rule, bearing])).toEqual([['everyone-was-probed', 'inconclusive']])
})
