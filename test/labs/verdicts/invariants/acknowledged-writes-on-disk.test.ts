import { describe, expect, it } from 'vitest'
import { judge } from '../../../../labs/verdicts/judge.ts'
import { judged } from '../bearing.ts'
import { everyRow } from '../every-row.ts'
import {
  changed,
  lab,
  lacking,
  plus,
  record,
  recorded,
  scan,
  without,
  withoutLateEvidence,
  write,
  type Entry,
} from '../history.ts'
import * as wholeRows from '../rows.ts'
import { pingDecides } from '../takeover-rows.ts'
import type { Event } from '../../../../labs/journal/event.ts'

// what is changed here is the one reading of the end: none that follows it speaks for it
const bothLinksFail = withoutLateEvidence(wholeRows.bothLinksFail)

type Scan = Extract<Event, { type: 'ledger.scan' }>
const final = (row: readonly Entry[], change: (event: Scan) => Event) =>
  changed(row, 'ledger.scan', (event) => (event.when === 'final' ? change(event) : event))
const lacksOwn = (row: readonly Entry[], node: string, number: number) =>
  final(row, (event) => ({
    ...event,
    records: event.records.filter((one) => !(one.node === node && one.number === number)),
  }))
const sharedIs = (row: readonly Entry[], change: (shared: NonNullable<Scan['shared']>) => Scan['shared']) =>
  final(row, (event) => ({ ...event, shared: change(event.shared ?? []) as NonNullable<Scan['shared']> }))
const noClock = (row: readonly Entry[], host: string) => without(row, 'clock', (entry) => entry.host === host)
/** a write of the survivor between the beginning of the collecting and the last reading, which tells when it began */
const wroteOn = plus(bothLinksFail, write('nodeb', 4200, 2, 2))
const readsIt = final(wroteOn, (event) => ({ ...event, records: [...event.records, record('nodeb', 4200, 2, 2)] }))
const withoutBegan = (row: readonly Entry[]) => final(row, (event) => lacking(event, 'began'))
const asked = (at: number, milliseconds: number): Entry => ({
  ...lab(at, {
    type: 'command',
    purpose: 'read the ledger back from the data disk',
    argv: ['sh'],
    exit: 0,
    expected: [0],
    stdout: '',
    stderr: '',
    milliseconds,
  }),
  host: 'observer',
})
const lateReading = (row: readonly Entry[], at: number, records: Scan['records'], host = 'observer') =>
  plus(row, scan(host, at, 'final', records))
const firstRecords = bothLinksFail.flatMap(({ event }) =>
  event.type === 'ledger.scan' && event.when === 'final' ? [event.records] : [],
)[0] as Scan['records']

judged('acknowledged-writes-on-disk', {
  'all there': [bothLinksFail, 'pass'],
  'nobody wrote': [without(bothLinksFail, 'ledger.write'), 'inconclusive'],
  'a write of the old owner is missing': [lacksOwn(bothLinksFail, 'nodea', 2), 'fail'],
  'a write of the survivor is missing': [lacksOwn(bothLinksFail, 'nodeb', 1), 'fail'],
  'a write of the survivor is missing, and its clock was never measured': [
    lacksOwn(noClock(bothLinksFail, 'nodeb'), 'nodeb', 1),
    'fail',
  ],
  'a record of another epoch stands for it': [
    final(bothLinksFail, (event) => ({
      ...event,
      records: event.records.map((one) => (one.node === 'nodeb' ? { ...one, epoch: 3 } : one)),
    })),
    'fail',
  ],
  'a record of an earlier life of its node, with the same number and epoch, stands for it': [
    final(bothLinksFail, (event) => ({
      ...event,
      records: event.records.map((one) => (one.node === 'nodeb' ? { ...one, issued: one.issued - 60 } : one)),
    })),
    'fail',
  ],
  'a write after the collecting began is there': [readsIt, 'pass'],
  'a write after the collecting began is missing': [wroteOn, 'fail'],
  'a write after the collecting began is missing, and when the reading began is not known': [
    withoutBegan(wroteOn),
    'inconclusive',
  ],
  'a write after the collecting began is missing, and the command tells when the reading began': [
    plus(withoutBegan(wroteOn), asked(4490, 50)),
    'fail',
  ],
  'a write after the collecting began is missing, and the command may have been started before': [
    plus(withoutBegan(wroteOn), asked(4490, 400)),
    'inconclusive',
  ],
  'a write that was issued after the reading had ended is not in it': [
    plus(bothLinksFail, write('nodeb', 4700, 2, 2)),
    'pass',
  ],
  'a refused write is missing': [bothLinksFail, 'pass'],
  'the last reading failed': [final(bothLinksFail, (event) => ({ ...event, error: 'EIO' })), 'inconclusive'],
  'no reading': [without(bothLinksFail, 'ledger.scan', ({ at }) => at > 4000), 'inconclusive'],
  'the loser made the reading': [
    bothLinksFail.map((entry) => (entry.at === 4500 ? { ...entry, host: 'nodea' } : entry)),
    'inconclusive',
  ],
  'a second reading of the end agrees': [lateReading(bothLinksFail, 4900, firstRecords), 'pass'],
  'a second reading of the end lacks a record': [lateReading(bothLinksFail, 4900, firstRecords.slice(1)), 'fail'],
  'the first reading of the end lacks a record, the second has it': [
    lateReading(lacksOwn(bothLinksFail, 'nodea', 1), 4900, firstRecords),
    'fail',
  ],
  'a second reading that lacks a record was made by the loser': [
    lateReading(bothLinksFail, 4900, firstRecords.slice(1), 'nodea'),
    'pass',
  ],
})

judged(
  'acknowledged-writes-on-disk',
  {
    'both halves are there': [pingDecides, 'pass'],
    'a slot of the shared log is empty': [
      sharedIs(pingDecides, (shared) => shared.filter(({ number }) => number !== 7)),
      'fail',
    ],
    "another's record stands in the slot": [
      sharedIs(pingDecides, (shared) => shared.map((one) => (one.number === 7 ? record('nodea', 2400, 7) : one))),
      'fail',
    ],
    'a record of an earlier life of its node, with the same number and epoch, stands in its slot': [
      sharedIs(pingDecides, (shared) =>
        shared.map((one) => (one.number === 7 ? { ...one, issued: one.issued - 60 } : one)),
      ),
      'fail',
    ],
    'the whole shared log is empty': [sharedIs(pingDecides, () => []), 'fail'],
    'the shared log was not read': [final(pingDecides, (event) => lacking(event, 'shared')), 'inconclusive'],
    'the own half is missing': [lacksOwn(pingDecides, 'nodeb', 7), 'fail'],
  },
  'with a log that all share',
)

describe('in every row', () => {
  const excepted = (row: readonly Entry[]) =>
    row.some(
      ({ event }) =>
        event.type === 'run.started' &&
        event.scenario.exceptions?.some(({ invariant }) => invariant === 'acknowledged-writes-on-disk'),
    )
  const rows = Object.entries(everyRow).flatMap(([name, row]) =>
    excepted(row) ? [] : [[name, withoutLateEvidence(row)] as const],
  )
  it.each(rows)('%s fails without any record on the disk', (_, row) => {
    expect(judge(recorded(final(row, (event) => ({ ...event, records: [] })))).verdict).toBe('fail')
  })
  it.each(rows)('%s is no pass where the last reading failed, or nobody made one', (_, row) => {
    expect(judge(recorded(final(row, (event) => ({ ...event, error: 'EIO', records: [] })))).verdict).not.toBe('pass')
    const none = without(row, 'ledger.scan', ({ event }) => 'when' in event && event.when === 'final')
    expect(judge(recorded(none)).verdict).not.toBe('pass')
  })
  it.each(rows)('%s is no pass without the last acknowledged write, by whatever clock', (_, row) => {
    const writes = row.flatMap(({ event, host }) =>
      event.type === 'ledger.write' && event.result === 'acknowledged' ? [{ ...event, node: host ?? '' }] : [],
    )
    const last = writes.at(-1)
    if (!last) throw new Error('nobody wrote')
    const less = lacksOwn(row, last.node, last.number)
    for (const entries of [less, noClock(less, last.node)]) expect(judge(recorded(entries)).verdict).not.toBe('pass')
  })
  it('only the row that loses data by its document excepts it', () => {
    expect(Object.entries(everyRow).flatMap(([name, row]) => (excepted(row) ? [name] : []))).toEqual(['ping-frozen-vm'])
  })
})
