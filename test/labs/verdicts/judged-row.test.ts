import { expect, test } from 'vitest'
import { revision } from '../../../labs/journal/revision.ts'
import { scenarios } from '../../../labs/scenarios/scenarios.ts'
import type { Scenario } from '../../../labs/scenarios/scenario.ts'
import { formatVerdict } from '../../../labs/verdicts/format-verdict.ts'
import { judge } from '../../../labs/verdicts/judge.ts'
import { judgedRow, revisionNote, rowLine, rowNote, rowNotes } from '../../../labs/verdicts/judged-row.ts'
import { storedRecordings } from '../../mutate/recordings.ts'
import type { Line } from '../../../labs/journal/event.ts'

const [own] = scenarios as readonly [Scenario, ...Scenario[]]
const of = (scenario: Scenario, recorded = revision) => judgedRow({ scenario, revision: recorded })

test('the row of this version, by a recording of this revision: nothing must be said', () => {
  const row = of(own)
  expect([row.identity, row.revision, rowNotes(row)]).toEqual(['same', revision, []])
  expect(rowLine(row)).toBe(
    `row ${own.name} (sha256 ${row.sha256.slice(0, 12)}), revision ${revision} of the recording`,
  )
})

test('the order of its fields does not make it another one, and each of its words does', () => {
  const turned = Object.fromEntries(Object.entries(own).toReversed()) as unknown as Scenario
  expect(of(turned)).toEqual(of(own))
  expect(of({ ...own, title: `${own.title} ` }).sha256).not.toBe(of(own).sha256)
})

test('a row without its rules, and one that is not in this version', () => {
  expect(rowNote(of({ ...own, rules: [] }))).toBe(
    `The row of this recording differs from the one this version has under that name (${own.name}): it is judged as recorded.`,
  )
  expect(rowNote(of({ ...own, name: 'my-own' }))).toBe(
    'This version has no row named my-own: it is judged as recorded.',
  )
})

test('what an earlier revision is not asked for, and that a later one holds more', () => {
  expect(judgedRow({ scenario: own }).revision).toBe(1)
  expect(revisionNote(of(own, 1))).toBe(
    `The recording is of revision 1, and this version writes revision ${revision}: it is not asked for second looks at its faults and how far each log was followed, nor for writes that must be refused and late readings of the ledger.`,
  )
  expect(revisionNote(of(own, 2))).toMatch(/is not asked for writes that must be refused/)
  expect(revisionNote(of(own, revision + 1))).toMatch(/what it holds beyond that is not judged/)
})

test('a verdict says it; one without a beginning cannot', () => {
  const lines = storedRecordings().get('both-private-networks-fail') ?? []
  const { row, verdict } = judge(lines)
  expect([verdict, row?.identity]).toEqual(['pass', 'same'])
  const without = lines.map((line): Line =>
    line.type === 'run.started'
      ? { ...line, scenario: { ...line.scenario, rules: line.scenario.rules.slice(1) } }
      : line,
  )
  const other = judge(without)
  expect(other.row).toMatchObject({ name: 'both-private-networks-fail', identity: 'differs', revision: 3 })
  expect(formatVerdict(other)).toContain('The row of this recording differs from the one this version has')
  expect(judge(lines.slice(1)).row).toBeUndefined()
})
