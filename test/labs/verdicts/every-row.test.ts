/** Every row of the table can pass, and the recording that shows it passes as it stands. */
import { describe, expect, it } from 'vitest'
import { scenarios } from '../../../labs/scenarios/scenarios.ts'
import { judge, rules } from '../../../labs/verdicts/judge.ts'
import { everyRow } from './every-row.ts'
import { recorded } from './history.ts'

describe('whole recordings', () => {
  it('there is one of every row, and every rule is judged in one', () => {
    expect(Object.keys(everyRow)).toEqual(scenarios.map(({ name }) => name))
    expect([...new Set(scenarios.flatMap((row) => row.rules))].sort()).toEqual(Object.keys(rules).sort())
  })

  it.each(scenarios.map((row) => [row.name, row] as const))('%s passes', (name, row) => {
    const lines = recorded(everyRow[name] ?? [])
    expect(lines[0]).toMatchObject({ type: 'run.started', scenario: row })
    const { verdict, reasons } = judge(lines)
    expect(reasons.filter((reason) => reason.bearing !== 'pass')).toEqual([])
    expect(verdict).toBe('pass')
    // a rule that names no event of the recording has proved nothing
    expect(reasons.filter(({ events }) => events.length === 0 || events.some((seq) => seq < 2 || seq > lines.length))).toEqual([])
  })
})
