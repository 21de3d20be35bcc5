/** Unknown is never a pass: what happens to a verdict when evidence is taken away. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judge } from '../../../labs/verdicts/judge.ts'
import { boots, changed, member, plus, probe, recorded, type Entry } from './history.ts'
import { bothLinksFail, nodeHangs, oneLinkFails } from './rows.ts'
import type { VerdictWord } from '../../../labs/verdicts/verdict.ts'
import { cases } from '../../cases.ts'

const rows = { bothLinksFail, nodeHangs, oneLinkFails }
const word = (entries: readonly Entry[]): VerdictWord => judge(recorded(entries)).verdict
const is =
  (type: string, which: (event: never) => boolean = () => true) =>
  (entry: Entry) =>
    entry.event.type === type && which(entry.event as never)

/** Kinds of evidence that every one of these rows needs. */
const needed: Record<string, (entry: Entry) => boolean> = {
  'looks at keys': is('keys', (event: { action: string }) => event.action === 'keys'),
  'the scans of the ledger': is('ledger.scan'),
  'the writes of the ledger': is('ledger.write'),
  'the verifications of faults': is('fault', (event: { step: string }) => event.step === 'verified'),
  'the measurements of clocks': is('clock'),
  'the probes': is('probe'),
  'the answers of the stack': is('stack'),
  'the baseline': is('baseline'),
  'the end of the run': is('run.ended'),
}
const panicEvidence: Record<string, (entry: Entry) => boolean> = {
  'the panic events': is('panic-event'),
  'the consoles': is('console'),
}

describe('a passing recording without a kind of evidence is inconclusive', () => {
  const cases = Object.entries(rows).flatMap(([name, row]) =>
    Object.entries(name === 'oneLinkFails' ? needed : { ...needed, ...panicEvidence }).map(
      ([kind, which]) => [name, kind, row.filter((entry) => !which(entry))] as const,
    ),
  )
  it.each(cases)('%s without %s', (_, __, entries) => expect(word(entries)).toBe('inconclusive'))

  it.each(Object.entries(rows))('%s with only failed looks', (_, row) => {
    expect(word(changed(row, 'keys', (event) => ({ ...event, exit: 6, stdout: '', stderr: 'unit attention' })))).toBe(
      'inconclusive',
    )
    expect(word(changed(row, 'keys', (event) => ({ ...event, exit: null, stdout: '' })))).toBe('inconclusive')
    expect(word(changed(row, 'keys', (event) => ({ ...event, stdout: '' })))).toBe('inconclusive')
  })
})

describe('taking evidence away, whatever it is', () => {
  const some = (row: readonly Entry[]) => fc.subarray([...row], { minLength: 1 })

  it.each(Object.entries(rows))('%s never becomes a failure by one missing event', (_, row) => {
    for (const missing of row) {
      // the one rule that rests on something missing: a message that is not in a log that went on
      if (missing.event.type === 'stack.log' && missing.event.code === 'link-lost') continue
      const verdict = judge(recorded(row.filter((entry) => entry !== missing)))
      expect(verdict.verdict, JSON.stringify(missing)).not.toBe('fail')
    }
  })

  /** Each part alone is enough to decide; no choice of the rest may turn it into a pass. */
  it.each(Object.entries(rows))('%s: no choice of events passes without a kind of evidence', (_, row) => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(needed)), some(row), (kind, entries) => {
        expect(word(entries.filter((entry) => !kind(entry)))).not.toBe('pass')
      }),
      { numRuns: cases(150) },
    )
  })

  it('two nodes that continue never pass, whatever else is taken away', () => {
    const alive = bothLinksFail.filter(
      (entry) => !['panic-event', 'console'].includes(entry.event.type) && entry.at !== 4700,
    )
    const split = plus(alive, member('nodea', 4620), probe(4720, 'nodea', boots.nodea))
    fc.assert(
      fc.property(some(split), (entries) => {
        expect(word(entries)).not.toBe('pass')
      }),
      { numRuns: cases(200) },
    )
  })

  it('a late record of the loser fails the run whatever else is missing, as long as the two scans are there', () => {
    const guilty = changed(bothLinksFail, 'ledger.scan', (event) =>
      event.when === 'takeover' ? { ...event, records: event.records.slice(0, 2) } : event,
    )
    expect(word(guilty)).toBe('fail')
    fc.assert(
      fc.property(some(guilty), (chosen) => {
        const entries = guilty.filter((entry) => chosen.includes(entry) || entry.event.type === 'ledger.scan')
        expect(word(entries)).not.toBe('pass')
      }),
      { numRuns: cases(200) },
    )
  })

  it('events in any order never throw', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...bothLinksFail], { minLength: 1 }), (entries) => {
        expect(['pass', 'fail', 'inconclusive']).toContain(word(entries))
      }),
      { numRuns: cases(100) },
    )
  })
})
