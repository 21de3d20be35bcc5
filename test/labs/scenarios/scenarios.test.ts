import { expect, test } from 'vitest'
import { faults } from '../../../labs/faults/faults.ts'
import { outcomes } from '../../../labs/journal/outcome.ts'
import { scenarioNamed, scenarios } from '../../../labs/scenarios/scenarios.ts'
import { rules } from '../../../labs/verdicts/judge.ts'
import { policies } from '../../../labs/testbed/stack-schema.ts'

test('names are unique, kebab-case, and find their row', () => {
  const names = scenarios.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  for (const name of names) expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
  expect(names.map(scenarioNamed)).toEqual(scenarios)
  expect(scenarioNamed('no-such-row')).toBeUndefined()
})

test.each(scenarios.map((row) => [row.name, row] as const))('%s: everything it names exists', (_, row) => {
  const injected = row.steps.flatMap((step) => (step.do === 'fault' ? [step] : []))
  for (const { fault, target } of injected) {
    // Object.keys: `faults` is a plain object, in which "toString" would be found
    expect(Object.keys(faults)).toContain(fault)
    expect(Object.keys(target).sort()).toEqual([...(faults[fault]?.target ?? [])].sort())
  }
  for (const rule of row.rules) expect(Object.keys(rules)).toContain(rule)
  expect(new Set(row.rules).size).toBe(row.rules.length)
  expect(policies).toContain(row.policy)
  for (const expected of Object.values(row.expected)) {
    expect(expected.length).toBeGreaterThan(0)
    for (const outcome of expected) expect(outcomes).toContain(outcome)
    // nothing that is unknown may ever pass
    expect(expected).not.toContain('unknown')
  }
})

test.each(scenarios.map((row) => [row.name, row] as const))(
  '%s: its roles are the same everywhere, its links are ordinals',
  (_, row) => {
    const roles = Object.keys(row.expected).sort()
    expect(Object.keys(row.document.nodes).sort()).toEqual(roles)
    // run-row.ts calls the nodes A, B, C, ...
    expect(roles).toEqual(roles.map((_role, index) => String.fromCharCode(65 + index)))
    for (const step of row.steps) {
      if (step.do !== 'fault') continue
      expect(roles).toContain(step.target['node'])
      if ('link' in step.target) expect(step.target['link']).toMatch(/^#[1-9]$/)
    }
  },
)

test.each(scenarios.map((row) => [row.name, row] as const))('%s: its steps go together', (_, row) => {
  const present = new Set<string>()
  const ids: string[] = []
  for (const step of row.steps) {
    if (step.do === 'fault') {
      expect(ids).not.toContain(step.id)
      ids.push(step.id)
      present.add(step.id)
    } else if (step.do === 'revert') expect(present.delete(step.id)).toBe(true)
    else {
      expect(ids.length).toBeGreaterThan(0)
      expect(step.seconds).toBeGreaterThan(0)
    }
  }
  expect(row.steps.at(-1)?.do).toBe('await')
  expect(row.rules.length).toBeGreaterThan(0)
})
