/** Every row of the table can pass, and the recording that shows it passes as it stands. */
import { readdirSync, readFileSync } from 'node:fs'
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

  it('every rule has a table of what proves it, what breaks it, and what leaves it open', () => {
    const folder = import.meta.dirname
    const texts = readdirSync(folder)
      .filter((name) => name.endsWith('-rules.test.ts'))
      .map((name) => readFileSync(`${folder}/${name}`, 'utf8'))
    const tables = texts.flatMap((text) => [...text.matchAll(/\bjudged\(\s*'([a-z-]+)'/g)].map(([, rule]) => rule))
    expect(Object.keys(rules).filter((rule) => !tables.includes(rule))).toEqual([])
  })

  it.each(scenarios.map((row) => [row.name, row] as const))('%s passes', (name, row) => {
    const lines = recorded(everyRow[name] ?? [])
    expect(lines[0]).toMatchObject({ type: 'run.started', scenario: row })
    const { verdict, reasons } = judge(lines)
    expect(reasons.filter((reason) => reason.bearing !== 'pass')).toEqual([])
    expect(verdict).toBe('pass')
    // a rule that names no event of the recording has proved nothing
    expect(
      reasons.filter(({ events }) => events.length === 0 || events.some((seq) => seq < 2 || seq > lines.length)),
    ).toEqual([])
  })
})
