import { describe, expect, it } from 'vitest'
import { judge } from '../../../../labs/verdicts/judge.ts'
import { judged } from '../bearing.ts'
import { everyRow } from '../every-row.ts'
import {
  changed,
  lacking,
  message,
  plus,
  record,
  recorded,
  recordsOf,
  says,
  scan,
  takesOver,
  without,
  withoutLateEvidence,
  write,
  type Entry,
} from '../history.ts'
import { keysCleared } from '../point-rows.ts'
import { bothRebooted, rebootedOnce, survivorDied } from '../restart-rows.ts'
import { bothLinksFail, oneLinkFails } from '../rows.ts'
import { uncleanlyStopped } from '../side-rows.ts'
import { attackedType1 } from '../takeover-rows.ts'
import type { Event, LedgerRecord } from '../../../../labs/journal/event.ts'

type Scan = Extract<Event, { type: 'ledger.scan' }>
const at = (row: readonly Entry[], when: Scan['when'], change: (event: Scan) => Event) =>
  changed(row, 'ledger.scan', (event) => (event.when === when ? change(event) : event))
const adds = (row: readonly Entry[], ...records: readonly LedgerRecord[]) =>
  at(row, 'final', (event) => ({ ...event, records: [...event.records, ...records] }))
const addsShared = (row: readonly Entry[], ...records: readonly LedgerRecord[]) =>
  at(row, 'final', (event) => ({
    ...event,
    shared: [...(event.shared ?? []).filter((one) => !records.some(({ number }) => number === one.number)), ...records],
  }))
/** nodea's record of `number` stands in its own region already when nodeb takes over, and in no slot of the shared log */
const halfThere = (row: readonly Entry[], issued: number, number: number) =>
  at(adds(row, record('nodea', issued, number)), 'takeover', (event) => ({
    ...event,
    records: [...event.records, record('nodea', issued, number)],
  }))
const noClock = (row: readonly Entry[], host: string) => without(row, 'clock', (entry) => entry.host === host)
const noTakeoverScan = (row: readonly Entry[]) =>
  without(row, 'ledger.scan', ({ event }) => 'when' in event && event.when === 'takeover')
const untold = (row: readonly Entry[]) =>
  without(row, 'stack.log', ({ event }) => 'code' in event && event.code === 'group-started')

const told = (row: readonly Entry[]) =>
  plus(row, message('nodeb', 3105, 'group-started', 'the group is active here, epoch 2', { epoch: 2 }))
judged('nothing-landed-after-takeover', {
  'nothing landed': [told(bothLinksFail), 'pass'],
  'nothing landed, and that the group was started is known from its writes only': [bothLinksFail, 'pass'],
  'a record that was not there at the takeover': [adds(told(bothLinksFail), record('nodea', 1800, 5)), 'fail'],
  'the same, whatever the clocks': [
    noClock(noClock(adds(bothLinksFail, record('nodea', 1800, 5)), 'nodea'), 'nodeb'),
    'fail',
  ],
  'the same, and the start of the group was not told': [adds(bothLinksFail, record('nodea', 1800, 5)), 'fail'],
  'the same, in a second reading of the end': [
    plus(bothLinksFail, scan('observer', 4900, 'final', [record('nodea', 1800, 5), record('nodeb', 3500, 1, 2)])),
    'fail',
  ],
  'a write that was acknowledged, and was not there at the takeover': [
    at(bothLinksFail, 'takeover', (event) => ({ ...event, records: event.records.slice(0, 2) })),
    'fail',
  ],
  'a write that was acknowledged long before, and was not there at the takeover: it is lost': [
    at(bothLinksFail, 'takeover', (event) => ({ ...event, records: event.records.slice(1) })),
    'fail',
  ],
  'a record that was there at the takeover and was never acknowledged': [
    at(adds(bothLinksFail, record('nodea', 1800, 5)), 'takeover', (event) => ({
      ...event,
      records: [...event.records, record('nodea', 1800, 5)],
    })),
    'pass',
  ],
  'the disk was not read at the takeover': [noTakeoverScan(told(bothLinksFail)), 'inconclusive'],
  'the disk was not read at the takeover, and the start was not told': [noTakeoverScan(bothLinksFail), 'inconclusive'],
  'the disk could not be read at the takeover': [
    at(bothLinksFail, 'takeover', (event) => ({ ...event, error: 'EIO', records: [] })),
    'inconclusive',
  ],
  'the disk was read when the new owner had written': [
    plus(told(bothLinksFail), write('nodeb', 3040, 1, 2)),
    'inconclusive',
  ],
  'not read in the end': [
    at(withoutLateEvidence(bothLinksFail), 'final', (event) => ({ ...event, error: 'EIO' })),
    'inconclusive',
  ],
  'it is not known what became of the old owner': [without(bothLinksFail, 'panic-event'), 'inconclusive'],
  'the group stayed where it was': [oneLinkFails, 'pass'],
})

judged(
  'nothing-landed-after-takeover',
  {
    'nothing landed': [attackedType1, 'pass'],
    'the own half is there at the takeover, the other is there nowhere': [halfThere(attackedType1, 1090, 3), 'pass'],
    // the array accepted what it had to refuse: the new owner's acknowledged record is gone
    "the other half lands later, in the place of the new owner's record": [
      addsShared(halfThere(attackedType1, 1090, 3), record('nodea', 1090, 3)),
      'fail',
    ],
    'the other half lands later, in an empty slot': [
      addsShared(halfThere(attackedType1, 1090, 90), record('nodea', 1090, 90)),
      'fail',
    ],
    'both halves land later': [
      addsShared(adds(attackedType1, record('nodea', 1090, 90)), record('nodea', 1090, 90)),
      'fail',
    ],
    'the shared log was not read at the takeover': [
      at(attackedType1, 'takeover', (event) => lacking(event, 'shared')),
      'inconclusive',
    ],
    'the shared log was empty at the takeover': [
      at(attackedType1, 'takeover', (event) => ({ ...event, shared: [] })),
      'fail',
    ],
  },
  'with a log that all share',
)

judged(
  'nothing-landed-after-takeover',
  {
    'the survivor was started anew, and the cluster was formed anew': [bothRebooted, 'pass'],
    'a record of the loser landed after the first takeover': [adds(bothRebooted, record('nodea', 2900, 6)), 'fail'],
    'a record of the loser from the boot in which it was refused': [
      adds(bothRebooted, record('nodea#2', 9500, 6)),
      'inconclusive',
    ],
    'the loser was dead in the end, and wrote in a boot that nobody knows': [
      adds(keysCleared, { ...record('nodea', 4900, 9), boot: 'boot-a-9' }),
      'inconclusive',
    ],
    'a write of it was acknowledged after it had panicked, in a boot that was measured': [
      plus(
        keysCleared,
        {
          at: 4700,
          host: 'nodea',
          hostAt: 1,
          event: { type: 'clock', boot: 'boot-a-9', offset: 3700, uncertainty: 2 },
        },
        {
          at: 4900,
          host: 'nodea',
          hostAt: 1.2,
          event: {
            type: 'ledger.write',
            number: 9,
            epoch: 1,
            issued: 1.1,
            completed: 1.2,
            result: 'acknowledged',
            errno: 0,
          },
        },
      ),
      'fail',
    ],
    'the survivor died for good': [survivorDied, 'pass'],
    'and a record of it landed when the other had formed a cluster': [
      adds(survivorDied, record('nodeb', 17_500, 40, 2)),
      'fail',
    ],
    'the loser was let in again, and took the group over in its turn': [
      plus(rebootedOnce, ...takesOver('nodea#2', 11_920, 3, recordsOf(rebootedOnce, ['nodea', 'nodeb']))),
      'pass',
    ],
    'and a record of who had it until then landed after that': [
      plus(rebootedOnce, ...takesOver('nodea#2', 11_920, 3, recordsOf(rebootedOnce, ['nodea', 'nodeb']).slice(0, -1))),
      'fail',
    ],
  },
  'several takeovers',
)

judged(
  'nothing-landed-after-takeover',
  {
    'it left, and wrote nothing more': [uncleanlyStopped, 'pass'],
    'it left, and wrote on': [plus(uncleanlyStopped, write('nodea', 2500, 3)), 'fail'],
    'it left after all, and had written before': [
      plus(
        without(uncleanlyStopped, 'stack', ({ at: when }) => when === 2200),
        says('nodea', 2900, 'left'),
      ),
      'pass',
    ],
  },
  'who left',
)

describe('in every row', () => {
  const taken = Object.entries(everyRow).filter(
    ([name, row]) =>
      name !== 'ping-frozen-vm' && row.some(({ event }) => event.type === 'ledger.scan' && event.when === 'takeover'),
  )
  it.each(taken)('%s fails where a record of the old owner is missing at the takeover only', (_, row) => {
    const less = at(row, 'takeover', (event) => ({ ...event, records: event.records.slice(0, -1) }))
    expect(judge(recorded(less)).verdict).toBe('fail')
  })
  it.each(taken)('%s is no pass without the reading at the takeover', (_, row) => {
    expect(judge(recorded(noTakeoverScan(row))).verdict).not.toBe('pass')
  })
  it('there are such rows', () => expect(taken.length).toBeGreaterThan(10))
})

it('a message of a start without an epoch is read by its words', () => {
  const row = untold(bothRebooted)
  const told = plus(
    row,
    message('nodeb', 3400, 'group-started', 'the group is active here, epoch 2'),
    message('nodeb#2', 20_900, 'group-started', 'the group is active here, epoch 1'),
  )
  expect(judge(recorded(told)).verdict).toBe('pass')
})

describe('a clock that was not measured blames nobody', () => {
  const rows = { bothLinksFail, bothRebooted, rebootedOnce, survivorDied, attackedType1, keysCleared }
  const unmeasured = (row: readonly Entry[], node: string) => without(row, 'clock', ({ host }) => host === node)
  const bearings = (row: readonly Entry[]) =>
    judge(recorded(row)).reasons.flatMap(({ rule, bearing }) =>
      rule === 'nothing-landed-after-takeover' ? [bearing] : [],
    )
  it.each(Object.entries(rows))('%s', (_, row) => {
    for (const node of ['nodea', 'nodeb']) {
      expect(bearings(unmeasured(row, node)), node).not.toContain('fail')
      expect(bearings(unmeasured(row, node)), node).toHaveLength(1)
    }
  })
  it('and what was not there at the takeover and is there in the end came too late all the same', () => {
    const late = adds(bothLinksFail, record('nodea', 3200, 9))
    for (const node of ['nodea', 'nodeb']) expect(bearings(unmeasured(late, node)), node).toEqual(['fail'])
  })
})
