import { describe, expect, it } from 'vitest'
import { judge } from '../../../labs/verdicts/judge.ts'
import { recorded, type Entry } from './history.ts'
import type { RuleName, VerdictWord } from '../../../labs/verdicts/verdict.ts'

/** What a rule must make of each recording; `pass` is that it holds. */
export function judged(
  rule: RuleName,
  cases: Readonly<Record<string, readonly [readonly Entry[], VerdictWord]>>,
  row?: string,
): void {
  describe(row === undefined ? rule : `${rule}, ${row}`, () => {
    it.each(Object.entries(cases))('%s', (_, [entries, expected]) => {
      const reasons = judge(recorded(entries)).reasons.filter((reason) => reason.rule === rule)
      expect(reasons.map((reason) => reason.bearing)).toEqual([expected])
    })
  })
}
