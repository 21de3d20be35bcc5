/** A write that was parked when the group was taken over is looked for when it must have come. */
import { expect, it } from 'vitest'
import { lateWritesWaitedFor } from '../../../../labs/verdicts/invariants/late-writes-waited-for.ts'
import { buildCase } from '../../../../labs/verdicts/case.ts'
import { everyRow } from '../every-row.ts'
import { changed, lab, plus, recorded, scan, without, type Entry } from '../history.ts'
import { bothLinksFail, nodeHangs, oneLinkFails } from '../rows.ts'

const check = (entries: readonly Entry[], revision = 3) => {
  const lines = recorded(changed(entries, 'run.started', (event) => ({ ...event, revision })))
  const [started] = lines
  if (started?.type !== 'run.started') throw new Error('no start')
  return lateWritesWaitedFor.check(buildCase(started, lines))
}
/** The takeover is at 3100; the readings are from 4460 and 4670 on. */
const timeout = (milliseconds: number, row: readonly Entry[] = bothLinksFail) =>
  changed(row, 'run.started', (event) => ({ ...event, testbed: { ...event.testbed, scsiTimeout: milliseconds } }))
const facts = (host: string, seconds: string): Entry => ({
  ...lab(30, { type: 'host.facts', facts: { 'timeout naa.data1': seconds } }),
  host,
})
const by = (host: string) => (entry: Entry) => entry.host === host && entry.at > 4000
const silent = changed(bothLinksFail, 'run.started', (event) => {
  const { scsiTimeout: _, ...testbed } = event.testbed
  return { ...event, testbed }
})

it('holds by a reading of the survivor and one of the observer', () => {
  expect(check(bothLinksFail)).toEqual({
    state: 'holds',
    text: 'nodeb read the ledger 0.1 s after the takeover and later; observer read the ledger 0.1 s after the takeover and later',
    events: [80, 87],
  })
})

it('says nothing where nobody took over', () => expect(check(oneLinkFails)).toBeUndefined())

it.each<[string, readonly Entry[], RegExp]>([
  ['the observer read too early', timeout(1450), /^observer did not/],
  ['both read too early', timeout(2000), /nodeb did not .*; observer did not/],
  ['only the observer read', without(bothLinksFail, 'ledger.scan', by('nodeb')), /^nodeb did not/],
  ['only the survivor read', without(bothLinksFail, 'ledger.scan', by('observer')), /^observer did not/],
  [
    'a late reading that failed',
    changed(bothLinksFail, 'ledger.scan', (event) => (event.when === 'late' ? { ...event, error: 'EIO' } : event)),
    /^nodeb did not/,
  ],
  [
    'a reading that does not say when it began',
    changed(bothLinksFail, 'ledger.scan', (event) => {
      const { began: _, ...rest } = event
      return rest
    }),
    /did not/,
  ],
  ['nobody said what the time-out is: it is 30 s', silent, /30 s had passed/],
  ['a node has a longer time-out than the testbed says', plus(bothLinksFail, facts('nodea', '60')), /60 s had passed/],
  ['a later takeover', plus(bothLinksFail, scan('nodea', 4650, 'takeover', [])), /did not/],
])('%s: nothing is known', (_, entries, text) => {
  expect(check(entries)).toMatchObject({ state: 'unknown', text: expect.stringMatching(text) as string })
})

it('what every node says of its disks counts where the testbed says nothing', () => {
  expect(check(plus(silent, facts('nodea', '1'), facts('nodeb', '1')))).toMatchObject({ state: 'holds' })
  // the other one may have the kernel's own
  expect(check(plus(silent, facts('nodea', '1')))).toMatchObject({ state: 'unknown' })
})

it('where only the holder reads, the observer is not asked', () => {
  const row = everyRow['reserve-release'] ?? []
  const noObserver = without(row, 'ledger.scan', ({ host }) => host === 'observer')
  expect(check(noObserver)).toMatchObject({ state: 'holds' })
  expect(check(without(nodeHangs, 'ledger.scan', by('observer')))).toMatchObject({ state: 'unknown' })
})

it('an older recording is judged only where it has late readings', () => {
  const none = without(bothLinksFail, 'ledger.scan', ({ event }) => 'when' in event && event.when === 'late')
  expect(check(none, 2)).toBeUndefined()
  expect(check(none, 3)).toMatchObject({ state: 'unknown' })
  expect(check(bothLinksFail, 2)).toMatchObject({ state: 'holds' })
})
