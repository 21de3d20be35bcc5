import { expect, test } from 'vitest'
import { faultNamed, faults } from '../../../labs/faults/faults.ts'
import { outcomes } from '../../../labs/scenarios/outcome.ts'
import { nodesWanted, rolesOf, type Rule, type Scenario, type Step } from '../../../labs/scenarios/scenario.ts'
import { scenarioNamed, scenarios } from '../../../labs/scenarios/scenarios.ts'
import { faultTargets } from '../../../labs/scenarios/words.ts'
import { rules } from '../../../labs/verdicts/judge.ts'
import { policyNames } from '../../../labs/cluster/policy-names.ts'

const rows = scenarios.map((row) => [row.name, row] as const)
const stepsOf = <D extends Step['do']>(row: Scenario, what: D) =>
  row.steps.filter((step): step is Extract<Step, { do: D }> => step.do === what)

test('names are unique, kebab-case, and find their row', () => {
  const names = scenarios.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  for (const name of names) expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
  expect(names.map(scenarioNamed)).toEqual(scenarios)
  expect(scenarioNamed('no-such-row')).toBeUndefined()
})

test('every fault has its name and its target from the list of words', () => {
  for (const [name, fault] of Object.entries(faults)) expect(fault.name).toBe(name)
  const targets = Object.fromEntries(Object.values(faults).map(({ name, target }) => [name, target]))
  expect(targets).toEqual(faultTargets)
  expect([faultNamed('vm-freeze'), faultNamed('toString'), faultNamed('')]).toEqual([
    faults['vm-freeze'],
    undefined,
    undefined,
  ])
})

test.each(rows)('%s: everything it names exists', (_, row) => {
  for (const { fault, target } of stepsOf(row, 'fault')) {
    expect(Object.keys(target).sort()).toEqual([...(faultNamed(fault)?.target ?? [])].sort())
  }
  for (const rule of row.rules) expect(Object.keys(rules)).toContain(rule)
  expect(new Set(row.rules).size).toBe(row.rules.length)
  expect(policyNames).toContain(row.policy)
  const stages = [row.expected, ...stepsOf(row, 'checkpoint').map(({ expected }) => expected)]
  for (const expected of stages.flatMap((stage) => Object.values(stage))) {
    expect(expected.length).toBeGreaterThan(0)
    for (const outcome of expected) expect(outcomes).toContain(outcome)
    // nothing that is unknown may ever pass
    expect(expected).not.toContain('unknown')
  }
})

test.each(rows)('%s: its roles are the same everywhere, what it hits is a role, an ordinal or a place', (_, row) => {
  const roles = rolesOf(row)
  expect(Object.keys(row.document.nodes).sort()).toEqual(roles)
  // start-of-run.ts calls the nodes A, B, C, ...
  expect(roles).toEqual(roles.map((_role, index) => String.fromCharCode(65 + index)))
  const named = [
    ...(row.members ?? []),
    ...(row.sides ?? []).flat(),
    ...[...stepsOf(row, 'await'), ...stepsOf(row, 'operate')].flatMap(({ of }) => of ?? []),
    ...stepsOf(row, 'bind').flatMap((step) => Object.keys(step.roles)),
    ...stepsOf(row, 'checkpoint').flatMap(({ expected }) => Object.keys(expected)),
    ...stepsOf(row, 'fault').flatMap(({ target }) => [target['node'] ?? [], target['side']?.split(' ') ?? []].flat()),
  ]
  for (const role of named) expect(roles).toContain(role)
  const { least, most } = nodesWanted(row)
  expect([least <= most, least >= roles.length]).toEqual([true, true])
  for (const { target } of stepsOf(row, 'fault')) {
    if ('link' in target) expect(target['link']).toMatch(/^#[1-9]$/)
    if ('lun' in target) expect(target['lun']).toMatch(/^@point-[1-9]$/)
    if ('array' in target) expect(target['array']).toBe('@majority-array')
  }
})

test.each(rows)('%s: its steps go together', (_, row) => {
  const present = new Set<string>()
  const ids: string[] = []
  let begun = false
  for (const step of row.steps) {
    switch (step.do) {
      case 'fault':
        expect(ids).not.toContain(step.id)
        ids.push(step.id)
        present.add(step.id)
        begun = true
        break
      case 'revert':
        expect(present.delete(step.id)).toBe(true)
        break
      case 'operate':
        // what is done to the LUNs is done to no node; everything else is
        expect(step.of.length > 0).toBe(step.operation !== 'clear-keys')
        begun = true
        break
      case 'await':
        expect([begun, step.seconds > 0]).toEqual([true, true])
        break
      case 'watch':
        expect([begun, step.peerTimeouts > 0]).toEqual([true, true])
        break
      case 'bind':
        expect(Object.values(step.roles).sort()).toEqual(['loser', 'survivor'])
        break
      case 'checkpoint':
        expect([begun, Object.keys(step.expected).length > 0]).toEqual([true, true])
        break
    }
  }
  const checkpoints = stepsOf(row, 'checkpoint').map(({ name }) => name)
  expect(new Set(checkpoints).size).toBe(checkpoints.length)
  // what comes of the last step is waited for
  expect(['await', 'watch']).toContain(row.steps.at(-1)?.do)
  expect(row.rules.length).toBeGreaterThan(0)
})

/** What a rule asks of the row that names it: without it the row could never pass. */
const wanted: Partial<Record<Rule, (row: Scenario) => boolean>> = {
  'split-brain-message': (row) => expectsAlone(row, 'refused-to-join'),
  'refused-node-wrote-nothing': (row) => expectsAlone(row, 'refused-to-join'),
  'keys-stayed-until-cleared': (row) => expectsAlone(row, 'refused-to-join'),
  'never-formed': (row) => expectsAlone(row, 'waiting'),
  'nobody-noticed': (row) => stepsOf(row, 'checkpoint').length > 0,
  'points-were-lost': (row) => stepsOf(row, 'fault').some(({ fault }) => fault === 'array-power-off'),
  'one-side-continues': (row) => (row.sides ?? []).length > 1,
  'larger-side-continues': ({ sides = [] }) => new Set(sides.map(({ length }) => length)).size === sides.length,
  'racer-and-spectators': (row) => (row.sides ?? []).length > 1,
  'joiner-waited-for-the-fence': (row) => startsNode(row, 'C') && row.members?.includes('C') === false,
  'healthy-peer-was-ejected': (row) => stepsOf(row, 'operate').some(({ operation }) => operation === 'force-stop'),
  'survivor-wrote-on': (row) => stepsOf(row, 'operate').length + stepsOf(row, 'checkpoint').length > 0,
}
const expectsAlone = (row: Scenario, outcome: string) =>
  [row.expected, ...stepsOf(row, 'checkpoint').map(({ expected }) => expected)].some((stage) =>
    Object.values(stage).some((outcomes) => outcomes.length === 1 && outcomes[0] === outcome),
  )
const startsNode = (row: Scenario, role: string) =>
  stepsOf(row, 'operate').some(({ operation, of }) => operation === 'start' && of.includes(role))

test.each(rows.flatMap(([name, row]) => row.rules.map((rule) => [name, rule, row] as const)))(
  '%s has what its rule %s asks for',
  (_, rule, row) => {
    expect(wanted[rule]?.(row) ?? true).toBe(true)
  },
)

test.each(rows)('%s: sides are parts of the members, each in one of them', (_, row) => {
  if (!row.sides) return
  expect(row.sides.flat().sort()).toEqual([...(row.members ?? rolesOf(row))].sort())
})
