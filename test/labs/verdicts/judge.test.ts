import { describe, expect, it } from 'vitest'
import { judge, rules } from '../../../labs/verdicts/judge.ts'
import {
  changed,
  fault,
  green,
  lab,
  lacking,
  plus,
  probe,
  recorded,
  revertFault,
  without,
  type Entry,
} from './history.ts'
import { bothLinksFail, nodeHangs, oneLinkFails } from './rows.ts'

const verdictOf = (entries: readonly Entry[]) => judge(recorded(entries))
const unmet = (entries: readonly Entry[]) =>
  verdictOf(entries)
    .reasons.filter((reason) => reason.rule === 'precondition')
    .map((reason) => reason.text)

describe('whole recordings', () => {
  it.each(Object.entries({ bothLinksFail, nodeHangs, oneLinkFails }))('%s passes', (_, entries) => {
    const { verdict, reasons } = verdictOf(entries)
    expect(reasons.filter((reason) => reason.bearing !== 'pass')).toEqual([])
    expect(verdict).toBe('pass')
  })

  it('names the events that every part of a passing verdict rests on', () => {
    const { verdict, nodes, reasons } = verdictOf(bothLinksFail)
    expect({
      verdict,
      nodes,
      reasons: reasons.map(({ rule, bearing, events }) => ({ rule, bearing, events })),
    }).toEqual({
      verdict: 'pass',
      nodes: {
        nodea: {
          expected: 'running or panicked',
          observed: 'panicked',
          why: "the hypervisor's panic event saw it, the console saw it",
          events: [62, 64],
        },
        nodeb: {
          expected: 'running or panicked',
          observed: 'running',
          why: 'same boot as before the fault, and its stack is a member',
          events: [82, 84],
        },
      },
      reasons: [
        { rule: 'expected-outcome', bearing: 'pass', events: [62, 64, 82, 84] },
        { rule: 'everyone-was-probed', bearing: 'pass', events: [75, 76, 77, 79, 82, 83, 84] },
        { rule: 'members-are-who-goes-on', bearing: 'pass', events: [62, 64, 82] },
        { rule: 'group-runs-once-and-writes', bearing: 'pass', events: [65, 82] },
        { rule: 'acknowledged-writes-on-disk', bearing: 'pass', events: [65, 80, 87] },
        { rule: 'nothing-landed-after-takeover', bearing: 'pass', events: [55, 62, 64, 65, 80, 87] },
        { rule: 'only-the-owner-writes', bearing: 'pass', events: [65, 82] },
        { rule: 'data-disks-hold-members-keys', bearing: 'pass', events: [73, 74, 78, 79] },
        { rule: 'points-hold-members-keys', bearing: 'pass', events: [70, 71, 72, 75, 76, 77] },
        { rule: 'viewers-agree', bearing: 'pass', events: [70, 71, 72, 73, 74, 75, 76, 77, 78, 79] },
        { rule: 'writes-are-refused', bearing: 'pass', events: [85, 86] },
        { rule: 'late-writes-waited-for', bearing: 'pass', events: [80, 87] },
        { rule: 'exactly-one-continues', bearing: 'pass', events: [62, 64, 82, 84] },
        { rule: 'others-panicked', bearing: 'pass', events: [62, 64] },
        { rule: 'survivor-alone-on-coordination-majority', bearing: 'pass', events: [75, 76, 77] },
        { rule: 'survivor-alone-on-data', bearing: 'pass', events: [78, 79] },
        { rule: 'no-write-after-ejection', bearing: 'pass', events: [53, 55, 56, 60, 80] },
      ],
    })
  })
})

describe('preconditions', () => {
  const violated = (entries: readonly Entry[]) =>
    changed(entries, 'ledger.scan', (scan) =>
      scan.when === 'takeover' ? { ...scan, records: scan.records.slice(0, 1) } : scan,
    )
  const lastButFew = bothLinksFail.slice(0, -1)
  const cases: Record<string, { entries: readonly Entry[]; why: string }> = {
    'no end': { entries: lastButFew, why: 'the run has not ended' },
    stopped: {
      entries: changed(bothLinksFail, 'run.ended', (event) => ({ ...event, reason: 'stopped' })),
      why: 'the run was not completed: stopped',
    },
    error: {
      entries: changed(bothLinksFail, 'run.ended', (event) => ({ ...event, reason: 'error', error: 'no route' })),
      why: 'the run was not completed: error (no route)',
    },
    'events after the end': {
      entries: [...bothLinksFail, lab(6000, { type: 'note', text: 'later' })],
      why: 'events follow the end of the run',
    },
    'no baseline': { entries: without(bothLinksFail, 'baseline'), why: 'no baseline was taken before the fault' },
    'a red baseline': {
      entries: changed(bothLinksFail, 'baseline', (event) => ({ ...event, green: false })),
      why: 'the baseline was not green: it is not called green, or checked nothing',
    },
    'a green baseline with a failed check': {
      entries: changed(bothLinksFail, 'baseline', (event) => ({
        ...event,
        checks: [{ text: 'nodeb is no member', ok: false, events: [13] }],
      })),
      why: 'the baseline was not green: nodeb is no member',
    },
    'a baseline without checks': {
      entries: changed(bothLinksFail, 'baseline', (event) => ({ ...event, checks: [] })),
      why: 'the baseline was not green: it is not called green, or checked nothing',
    },
    'a baseline that is green only later': {
      entries: plus(without(bothLinksFail, 'baseline'), green(2000)),
      why: 'no baseline was taken before the fault',
    },
    'one of two faults not verified': {
      entries: without(
        bothLinksFail,
        'fault',
        ({ event }) => 'id' in event && event.id === 'cut-2' && event.step === 'verified',
      ),
      why: 'the fault cut-2 (private-link-down, node nodea, link priv2) was not verified',
    },
    'a fault that did not take': {
      entries: changed(bothLinksFail, 'fault', (event) =>
        event.step === 'verified' ? { ...event, ok: false } : event,
      ),
      why: 'the fault cut-1 (private-link-down, node nodea, link priv1) did not take, or not to the end',
    },
    'a verification without an answer': {
      entries: changed(bothLinksFail, 'fault', (event) => (event.step === 'verified' ? lacking(event, 'ok') : event)),
      why: 'the fault cut-1 (private-link-down, node nodea, link priv1) did not take, or not to the end',
    },
    'a fault that did not last': {
      entries: plus(bothLinksFail, fault(2000, 'cut-1', { node: 'nodea', link: 'priv1' }, 'verified', false)),
      why: 'the fault cut-1 (private-link-down, node nodea, link priv1) did not take, or not to the end',
    },
    'a fault gone before the end': {
      entries: plus(bothLinksFail, fault(2000, 'cut-1', { node: 'nodea', link: 'priv1' }, 'gone', true)),
      why: 'the fault cut-1 (private-link-down, node nodea, link priv1) was gone before the end (no reason)',
    },
    'a fault taken back though the row keeps it': {
      entries: plus(bothLinksFail, ...revertFault(2000, 'cut-1', { node: 'nodea', link: 'priv1' })),
      why: 'the fault cut-1 (private-link-down, node nodea, link priv1) was taken back before the end',
    },
    'a fault never applied': {
      entries: without(bothLinksFail, 'fault', ({ event }) => 'id' in event && event.id === 'cut-2'),
      why: 'the fault cut-2 was never applied',
    },
    'a fault that the row does not name': {
      entries: plus(bothLinksFail, fault(2000, 'pull-plug', { node: 'nodeb' }, 'applied', true)),
      why: 'a fault that the row does not name was applied: the fault pull-plug (pull-plug, node nodeb)',
    },
    'a repair that was not verified': {
      entries: without(oneLinkFails, 'fault', ({ event }) => 'step' in event && event.step === 'gone'),
      why: 'the fault cut-1 (private-link-down, node nodea, link priv1) was not verified to be gone again',
    },
    'a planned repair that never came': {
      entries: without(oneLinkFails, 'fault', ({ event }) => 'step' in event && /^(rever|gone)/.test(event.step)),
      why: 'the fault cut-1 (private-link-down, node nodea, link priv1) was not taken back, as the row wants it',
    },
    'a fault that vanished before its repair': {
      entries: plus(oneLinkFails, fault(2000, 'cut-1', { node: 'nodea', link: 'priv1' }, 'gone', true)),
      why: 'the fault cut-1 (private-link-down, node nodea, link priv1) was gone before it was taken back',
    },
    'nobody was looked at in the end': {
      entries: without(bothLinksFail, 'phase', ({ event }) => 'name' in event && event.name === 'collect'),
      why: 'the lab did not look at everybody in the end',
    },
    'roles bound anew though the row does not say so': {
      entries: plus(bothLinksFail, lab(2000, { type: 'roles', roles: { A: 'nodeb', B: 'nodea' } })),
      why: 'the roles were bound anew 1 times, and the row says 0',
    },
    'a row without rules': {
      entries: changed(bothLinksFail, 'run.started', (event) => ({
        ...event,
        scenario: { ...event.scenario, rules: [] },
      })),
      why: 'the row names no rule',
    },
  }

  it.each(Object.entries(cases))('%s: inconclusive', (_, { entries, why }) => {
    expect(verdictOf(entries).verdict).toBe('inconclusive')
    expect(unmet(entries)).toContain(why)
  })

  it('a violated rule fails a run, but not one with an unmet precondition', () => {
    const bad = violated(bothLinksFail)
    expect(verdictOf(bad).verdict).toBe('fail')
    const both = verdictOf(without(bad, 'baseline'))
    expect(both.verdict).toBe('inconclusive')
    expect(both.reasons.filter((reason) => reason.bearing === 'fail').map((reason) => reason.rule)).toEqual([
      'nothing-landed-after-takeover',
      'no-write-after-ejection',
    ])
  })

  it('a violated rule outweighs one that is not proved', () => {
    const bad = violated(
      without(
        bothLinksFail,
        'keys',
        ({ event, at }) => at > 1000 && 'action' in event && event.action === 'reservation',
      ),
    )
    expect(verdictOf(bad).verdict).toBe('fail')
  })

  it('a missing event makes a run inconclusive, whatever it was', () => {
    const lines = recorded(bothLinksFail)
    for (const missing of lines) {
      expect(judge(lines.filter((line) => line !== missing)).verdict, `without ${missing.seq}`).toBe('inconclusive')
    }
  })

  it('the start of the run comes first, and once', () => {
    const [start, ...others] = bothLinksFail as [Entry, ...Entry[]]
    const precondition = (entries: readonly Entry[]) => judge(recorded(entries)).reasons.slice(0, 1)
    const reason = (text: string, events: number[]) => [{ rule: 'precondition', bearing: 'inconclusive', text, events }]
    expect(precondition([lab(0, { type: 'note', text: 'early' }), ...bothLinksFail])).toEqual(
      reason('the first event is not the start of the run', [2]),
    )
    expect(precondition([start, start, ...others])).toEqual(reason('a second run starts', [2]))
  })

  it('nothing at all is inconclusive', () => {
    expect(judge([])).toEqual({
      verdict: 'inconclusive',
      nodes: {},
      reasons: ['the first event is not the start of the run', 'the run has not ended'].map((text) => ({
        rule: 'precondition',
        bearing: 'inconclusive',
        text,
        events: [],
      })),
    })
  })
})

describe('rules that cannot be computed', () => {
  it('an exception inside a rule makes it unknown and is named', () => {
    const broken = {
      ...rules,
      'others-panicked': () => {
        throw new Error('out of luck')
      },
    }
    const { verdict, reasons } = judge(recorded(bothLinksFail), broken)
    expect(verdict).toBe('inconclusive')
    expect(reasons.find((reason) => reason.rule === 'others-panicked')).toEqual({
      rule: 'others-panicked',
      bearing: 'inconclusive',
      text: 'others-panicked cannot be computed: out of luck',
      events: [],
    })
  })

  it('a rule of a newer version is unknown', () => {
    const newer = changed(bothLinksFail, 'run.started', (event) => ({
      ...event,
      scenario: { ...event.scenario, rules: [...event.scenario.rules, 'no-smoke' as 'others-panicked'] },
    }))
    expect(verdictOf(newer).verdict).toBe('inconclusive')
  })

  it('an outcome that the row does not expect of the role fails', () => {
    const strict = changed(bothLinksFail, 'run.started', (event) => ({
      ...event,
      scenario: { ...event.scenario, expected: { A: ['running'], B: ['panicked'] } },
    }))
    const { verdict, reasons } = verdictOf(strict)
    expect(verdict).toBe('fail')
    expect(reasons.filter((reason) => reason.bearing === 'fail').map((reason) => reason.rule)).toEqual([
      'expected-outcome',
    ])
  })

  it('what is seen after the restore phase decides nothing', () => {
    const restored = plus(bothLinksFail, probe(5350, 'nodea', 'boot-a-1'), probe(5350, 'nodeb'))
    expect(verdictOf(restored).verdict).toBe('pass')
  })
})
