/** For every row: a pass rests on all that its rules need, and less than that is never a pass. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judge } from '../../../labs/verdicts/judge.ts'
import { scenarios } from '../../../labs/scenarios/scenarios.ts'
import { evidenceNeeded, isOfKind, kindOf } from './evidence-needed.ts'
import { everyRow } from './every-row.ts'
import {
  ended,
  failedLook,
  lab,
  look,
  luns,
  on,
  outlet,
  plus,
  probe,
  recorded,
  without,
  withoutLateEvidence,
  type Entry,
} from './history.ts'
import type { Line } from '../../../labs/journal/event.ts'
import type { Verdict } from '../../../labs/verdicts/verdict.ts'
import { cases } from '../../cases.ts'

const rows = Object.entries(everyRow)
const judgeOf = (entries: readonly Entry[]): { readonly lines: readonly Line[]; readonly verdict: Verdict } => {
  const lines = recorded(entries)
  return { lines, verdict: judge(lines) }
}
const passes = (entries: readonly Entry[]): boolean => judgeOf(entries).verdict.verdict === 'pass'
/** the numbers of the lines that a verdict names */
const named = ({ reasons, nodes }: Verdict): number[] =>
  [
    ...new Set([...reasons.flatMap(({ events }) => events), ...Object.values(nodes).flatMap(({ events }) => events)]),
  ].sort((a, b) => a - b)

/** What a pass lacks of what its rules and its row need, in words. */
function lacks({ lines, verdict }: ReturnType<typeof judgeOf>): string[] {
  const names = (events: readonly number[], kind: string) =>
    events.some((seq) => isOfKind(lines[seq - 1] as Line, kind))
  const ofRules = verdict.reasons.flatMap(({ rule, events }) => {
    if (rule === 'precondition') return [rule]
    if (rule === 'expected-outcome' || rule === 'expected-on-the-way') return events.length === 0 ? [rule] : []
    return evidenceNeeded[rule].filter((kind) => !names(events, kind)).map((kind) => `${rule}: ${kind}`)
  })
  const [start] = lines
  const faults =
    start?.type === 'run.started' ? start.scenario.steps.flatMap((step) => (step.do === 'fault' ? [step.id] : [])) : []
  const unproved = faults.filter(
    (id) =>
      !lines.some((line) => line.type === 'fault' && line.id === id && line.step === 'verified' && line.ok === true),
  )
  const green = lines.some((line) => line.type === 'baseline' && line.green && line.checks.length > 0)
  return [...ofRules, ...unproved.map((id) => `${id} verified`), ...(green ? [] : ['baseline'])]
}

describe('a pass names all that its rules need', () => {
  it.each(rows)('%s, as it is, and without any one of its lines', (_, entries) => {
    expect(lacks(judgeOf(entries))).toEqual([])
    for (const gone of entries) {
      const less = judgeOf(entries.filter((entry) => entry !== gone))
      if (less.verdict.verdict === 'pass') expect(lacks(less), JSON.stringify(gone)).toEqual([])
    }
  })

  it.each(rows)('%s, without all lines of a kind that one of its rules needs, is no pass', (name, entries) => {
    const lines = recorded(entries)
    const row = scenarios.find((one) => one.name === name)
    for (const rule of row?.rules ?? []) {
      for (const kind of evidenceNeeded[rule]) {
        const less = entries.filter((_, index) => !isOfKind(lines[index] as Line, kind))
        const { verdict } = judgeOf(less)
        expect(verdict.reasons.find((reason) => reason.rule === rule)?.bearing, `${rule} without ${kind}`).not.toBe(
          'pass',
        )
      }
    }
  })

  it('any row, without any choice of its lines', () => {
    fc.assert(
      fc.property(
        fc
          .constantFrom(...rows)
          .chain(([, entries]) =>
            fc.tuple(fc.constant(entries), fc.uniqueArray(fc.nat(entries.length - 1), { minLength: 1, maxLength: 12 })),
          ),
        ([entries, gone]) => {
          const less = judgeOf(entries.filter((_, index) => !gone.includes(index)))
          if (less.verdict.verdict === 'pass') expect(lacks(less)).toEqual([])
        },
      ),
      { numRuns: cases(300) },
    )
  })
})

describe('what a fault, a baseline or an operation needs', () => {
  const oneOf: Readonly<Record<string, (entry: Entry) => boolean>> = {
    'a fault verified': ({ event }) => event.type === 'fault' && event.step === 'verified',
    'a fault gone': ({ event }) => event.type === 'fault' && event.step === 'gone',
    'something done by the operator': ({ event }) => event.type === 'operation' && event.step === 'done',
    'the baseline': ({ event }) => event.type === 'baseline',
    'the end of the run': ({ event }) => event.type === 'run.ended',
  }
  it.each(rows)('%s is inconclusive without one of them, whatever else it shows', (_, entries) => {
    const restored = entries.findIndex(({ event }) => event.type === 'phase' && event.name === 'restore')
    for (const [what, which] of Object.entries(oneOf)) {
      for (const gone of entries.filter(
        (entry, index) => which(entry) && (index < restored || entry.event.type === 'run.ended'),
      )) {
        expect(
          judgeOf(entries.filter((entry) => entry !== gone)).verdict.verdict,
          `${what}: ${JSON.stringify(gone)}`,
        ).toBe('inconclusive')
      }
    }
  })

  it.each(rows)('%s is inconclusive where one of them failed', (_, entries) => {
    const failed = entries.flatMap((entry): (readonly Entry[])[] => {
      const { event } = entry
      const as = (other: Entry['event']) => entries.map((one) => (one === entry ? { ...entry, event: other } : one))
      if (event.type === 'fault' && (event.step === 'verified' || event.step === 'gone'))
        return [as({ ...event, ok: false })]
      if (event.type === 'operation' && event.step === 'done') return [as({ ...event, ok: false })]
      return event.type === 'baseline' ? [as({ ...event, green: false }), as({ ...event, checks: [] })] : []
    })
    const restored = entries.findIndex(({ event }) => event.type === 'phase' && event.name === 'restore')
    const before = failed.filter((one) => one.findIndex((entry, index) => entry !== entries[index]) < restored)
    expect(before.length).toBeGreaterThan(0)
    for (const one of before) expect(judgeOf(one).verdict.verdict).toBe('inconclusive')
  })
})

describe('a recording that ends early', () => {
  it.each(rows)('%s passes nowhere before the last line that its verdict rests on', (_, whole) => {
    // a recording of before revision 3: what came with it is not asked for there
    const entries = withoutLateEvidence(whole)
    const last = named(judgeOf(entries).verdict).at(-1) ?? 0
    for (let length = 0; length < entries.length; length++) {
      const cut = entries.slice(0, length)
      // as if the lab had called it an end there; what comes after the last proof is only held to the end that is missing
      const early = length < last ? [...cut, ended(cut.at(-1)?.at ?? 0)] : cut
      expect(passes(early), `${length} lines`).toBe(false)
    }
    expect(judgeOf(entries.slice(0, last)).verdict.reasons.map(({ text }) => text)).toContain('the run has not ended')
  })
})

/** A look that came to nothing, of every kind that the lab makes, at a moment of the run. */
const failedLooks = (at: number): fc.Arbitrary<Entry> => {
  const host = fc.constantFrom('nodea', 'nodeb', 'observer')
  const node = fc.constantFrom('nodea' as const, 'nodeb' as const)
  return fc.oneof(
    fc.tuple(host, fc.constantFrom(...luns)).map(([viewer, lun]) => failedLook(viewer, at, lun)),
    host.map((viewer) => look(viewer, at, 'data1', 'reservation', '', { exit: 6, stderr: 'unit attention\n' })),
    fc.tuple(host, fc.constantFrom(...luns)).map(([viewer, lun]) => look(viewer, at, lun, 'keys', '', { exit: null })),
    fc
      .tuple(host, fc.constantFrom('takeover' as const, 'final' as const))
      .map(([viewer, when]) => on(viewer, at, { type: 'ledger.scan', when, lun: 'data1', error: 'EIO', records: [] })),
    node.map((name) => probe(at, name)),
    node.map((name) => on(name, at, { type: 'stack', answered: false, text: 'no answer' })),
    node.map((name) => outlet(at, name, 'unknown')),
    node.map((name) => lab(at, { type: 'note', text: `the process of ${name} could not be seen` })),
    fc.constant(on('observer', at, { type: 'array-keys', lun: 'data1', text: '' })),
  )
}

describe('a look that failed', () => {
  const any = fc.constantFrom(...rows).chain(([name, entries]) => {
    const { verdict } = judgeOf(entries)
    const proofs = named(verdict).map((seq) => seq - 1)
    const end = entries.at(-1)?.at ?? 0
    return fc.record({
      name: fc.constant(name),
      entries: fc.constant(entries),
      gone: fc.uniqueArray(fc.constantFrom(...proofs), { minLength: 1, maxLength: 4 }),
      looks: fc.array(fc.nat(end).chain(failedLooks), { minLength: 1, maxLength: 3 }),
    })
  })
  it('never makes a pass of what was none', () => {
    let tried = 0
    fc.assert(
      fc.property(any, ({ entries, gone, looks }) => {
        const less = entries.filter((_, index) => !gone.includes(index))
        if (passes(less)) return
        tried++
        expect(passes(plus(less, ...looks))).toBe(false)
      }),
      { numRuns: cases(300) },
    )
    expect(tried).toBeGreaterThan(50)
  })

  it.each(rows)('%s: in the place of every good one it leaves no pass', (_, entries) => {
    const keysFail = entries.map((entry) =>
      entry.event.type === 'keys' && entry.event.stderr === ''
        ? { ...entry, event: { ...entry.event, exit: 6, stdout: '' } }
        : entry,
    )
    const scansFail = entries.map((entry) =>
      entry.event.type === 'ledger.scan' ? { ...entry, event: { ...entry.event, error: 'EIO' } } : entry,
    )
    const nobodyAnswers = without(without(entries, 'probe'), 'stack')
    const rests = judgeOf(entries).verdict.reasons.flatMap(({ events }) =>
      events.map((seq) => kindOf(recorded(entries)[seq - 1] as Line)),
    )
    expect(passes(keysFail) && (rests.includes('keys') || rests.includes('reservation'))).toBe(false)
    expect(passes(scansFail) && rests.includes('final scan')).toBe(false)
    expect(passes(nobodyAnswers) && rests.includes('stack')).toBe(false)
  })
})
