import { expect, test } from 'vitest'
import { rowIdentity, rowText } from '../../../labs/scenarios/row-identity.ts'
import { scenarios } from '../../../labs/scenarios/scenarios.ts'
import type { Scenario } from '../../../labs/scenarios/scenario.ts'

test.each(scenarios.map((row) => [row.name, row] as const))('%s is itself, also read from a file', (_, row) => {
  const read = JSON.parse(JSON.stringify(row)) as Scenario
  const turned = Object.fromEntries(Object.entries(read).toReversed()) as unknown as Scenario
  expect([rowIdentity(read), rowIdentity(turned)]).toEqual(['same', 'same'])
  expect(rowText(turned)).toBe(rowText(row))
})

test('a row without one of its rules, or that expects more, is another one', () => {
  const [row] = scenarios
  if (!row) throw new Error('there is no row')
  expect(rowIdentity({ ...row, rules: row.rules.slice(1) })).toBe('differs')
  expect(rowIdentity({ ...row, expected: { ...row.expected, A: ['running', 'panicked', 'hung'] } })).toBe('differs')
  expect(rowIdentity({ ...row, name: 'my-own' })).toBe('unknown name')
})
