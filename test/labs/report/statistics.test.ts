import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { reportedRows } from '../../../labs/report/rows.ts'
import { countWords } from '../../../labs/report/run-report.ts'
import { distribution, rowStatistics, winnerWords } from '../../../labs/report/statistics.ts'
import { scenarios } from '../../../labs/scenarios/scenarios.ts'
import { without } from '../verdicts/history.ts'
import { bothLinksFail, nodeHangs, oneLinkFails } from '../verdicts/rows.ts'
import { reportOf } from './reports.ts'
import { cases } from '../../cases.ts'

const passing = reportOf(bothLinksFail)
const inconclusive = reportOf(without(bothLinksFail, 'panic-event'))
const altered = reportOf(bothLinksFail, {
  whole: false,
  problems: [{ file: 'journal.jsonl', line: 3, what: 'changed' }],
})

describe('several runs of a row', () => {
  it('have winners and times where they decide something', () => {
    expect(rowStatistics([passing, inconclusive, altered])).toEqual({
      runs: 3,
      verdicts: { pass: 1, fail: 0, inconclusive: 2, 'not-applicable': 0 },
      winners: [{ nodes: ['nodeb'], count: 1 }],
      undecided: 2,
      // the fault begins at 1100, the panic event is at 3300; the look without the key of nodea had ended by 3190, give
      // or take the clock's 2 ms
      faultToPanic: { count: 1, min: 2200, median: 2200, max: 2200 },
      faultToLastKeyChange: { count: 1, min: 2092, median: 2092, max: 2092 },
    })
  })

  it('are told in words that add up', () => {
    expect(winnerWords(rowStatistics([passing, passing, altered]))).toBe('nodeb in 2 runs, not decided in 1 run')
    expect(winnerWords(rowStatistics([reportOf(oneLinkFails)]))).toBe('nodea and nodeb in 1 run')
  })

  it('have totals that add up', () => {
    const report = fc.constantFrom(
      passing,
      inconclusive,
      altered,
      reportOf([]),
      reportOf(nodeHangs),
      reportOf(oneLinkFails),
    )
    fc.assert(
      fc.property(fc.array(report, { maxLength: 8 }), (reports) => {
        const { runs, verdicts, winners, undecided } = rowStatistics(reports)
        expect(runs).toBe(reports.length)
        expect(Object.values(verdicts).reduce((sum, count) => sum + count, 0)).toBe(runs)
        expect(winners.reduce((sum, { count }) => sum + count, undecided)).toBe(runs)
        const grouped = reportedRows(reports).reduce((sum, row) => sum + row.runs.length, 0)
        expect(grouped).toBe(reports.filter(({ started }) => started).length)
        expect(countWords(reports)).toEqual(verdicts)
      }),
      { numRuns: cases(30) },
    )
  })

  it('have a minimum, a median and a maximum', () => {
    expect([distribution([]), distribution([3, 1, 2]), distribution([4, 1, 3, 2])]).toEqual([
      undefined,
      { count: 3, min: 1, median: 2, max: 3 },
      { count: 4, min: 1, median: 2.5, max: 4 },
    ])
  })
})

describe('a recording that is not whole', () => {
  it('proves nothing, whatever its lines say', () => {
    expect([altered.judged.verdict, altered.word, altered.reasons[0]]).toEqual([
      'pass',
      'inconclusive',
      {
        rule: 'precondition',
        bearing: 'inconclusive',
        text: 'the recording is not whole, so it proves nothing: journal.jsonl:3: changed',
        events: [],
      },
    ])
  })
})

describe('rows', () => {
  it('are apart where the row or the testbed is another, and tell which of the table were not run', () => {
    const rows = reportedRows([passing, reportOf(oneLinkFails), passing])
    expect(rows.map(({ scenario, testbed, runs }) => [scenario.name, testbed, runs.length])).toEqual([
      ['both-links-fail', 'test', 2],
      ['one-link-fails', 'test', 1],
      ...scenarios.map(({ name }) => [name, undefined, 0]),
    ])
  })
})
