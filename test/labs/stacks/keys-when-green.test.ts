import { expect, test } from 'vitest'
import { keysWhenGreen } from '../../../labs/stacks/keys-when-green.ts'
import { policyInfo, type PolicyInfo } from '../../../labs/stacks/reference/policies.ts'
import { keysText, look, recorded, reservationText, type Entry } from '../verdicts/history.ts'

const testbed = {
  nodes: ['nodea', 'nodeb'].map((name, id) => ({
    name,
    id,
    keys: { coordination: `0xc${id}`, data: `0xabc00${id + 1}` },
    panicWitnesses: ['console' as const],
  })),
  luns: [
    { name: 'coord1', wwid: 'naa.1', use: 'coordination' as const },
    { name: 'data1', wwid: 'naa.2', use: 'data' as const },
  ],
}
const race = policyInfo('coordinator-race')
const ping = policyInfo('ping-tiebreak')
const attacker = policyInfo('attacker-defender')
const reserve = policyInfo('reserve-release')
const both = ['0xabc001', '0xabc002']
const exclusive = 'Exclusive Access'

const sees = (lun: string, keys: readonly string[], holder: string | null, words?: string): Entry[] => [
  look('observer', 100, lun, 'keys', keysText(1, keys)),
  look('observer', 200, lun, 'reservation', reservationText(1, holder, words)),
]
const refused = (lun: string, exit: number): Entry[] =>
  (['keys', 'reservation'] as const).map((action) =>
    look('observer', 100, lun, action, '', { exit, stderr: 'refused' }),
  )

function ok(
  policy: PolicyInfo,
  lun: string,
  entries: readonly Entry[],
  over: { members?: string[]; active?: string | undefined } = {},
) {
  const question = {
    lines: recorded([entries]),
    testbed,
    policy,
    members: ['nodea', 'nodeb'],
    active: 'nodea',
    ...over,
  }
  return keysWhenGreen(question, 'observer', lun).ok
}

test('a race wants the keys of all members, and the data disk reserved for registrants', () => {
  expect(ok(race, 'coord1', sees('coord1', ['0xc0', '0xc1'], null))).toBe(true)
  expect(ok(race, 'data1', sees('data1', both, '0xabc001'))).toBe(true)
  expect(ok(race, 'coord1', sees('coord1', ['0xc0'], null), { members: ['nodea'] })).toBe(true)
})

test.each([
  ['a key is missing', 'data1', sees('data1', ['0xabc001'], '0xabc001')],
  ['there is one too many', 'data1', sees('data1', [...both, '0xdead'], '0xabc001')],
  ['nobody reserved it', 'data1', sees('data1', both, null)],
  ['it is reserved otherwise', 'data1', sees('data1', both, '0xabc001', exclusive)],
  ['a coordination point is reserved', 'coord1', sees('coord1', ['0xc0', '0xc1'], '0xc0')],
  ['the read was refused', 'data1', refused('data1', 24)],
  ['the array was out of reach', 'data1', refused('data1', 5)],
  ['nobody looked', 'data1', []],
  ['nobody looked at the reservation', 'coord1', sees('coord1', ['0xc0', '0xc1'], null).slice(0, 1)],
])('a race is not green where %s', (_what, lun, entries) => {
  expect(ok(race, lun, entries)).toBe(false)
})

test('a policy without keys wants none, and no reservation', () => {
  expect(ok(ping, 'data1', sees('data1', [], null))).toBe(true)
  expect(ok(ping, 'coord1', sees('coord1', [], null))).toBe(true)
  expect(ok(ping, 'data1', sees('data1', ['0xabc001'], null))).toBe(false)
  expect(ok(ping, 'data1', refused('data1', 24))).toBe(false)
  // an empty table with a holder is nothing that a target may say; it is not taken for free either
  expect(ok(ping, 'data1', sees('data1', [], '0xabc001'))).toBe(false)
})

test('a defender alone is registered; its reservation may be away at the last look, never of another type', () => {
  const good = sees('data1', ['0xabc001'], '0xabc001', exclusive)
  expect(ok(attacker, 'data1', good)).toBe(true)
  expect(
    ok(attacker, 'data1', [...good, look('observer', 300, 'data1', 'reservation', reservationText(2, null))]),
  ).toBe(true)
  expect(ok(attacker, 'data1', good, { active: 'nodeb' })).toBe(false)
  expect(ok(attacker, 'data1', good, { active: undefined })).toBe(false)
  expect(ok(attacker, 'data1', sees('data1', both, '0xabc001', exclusive))).toBe(false)
  expect(ok(attacker, 'data1', sees('data1', ['0xabc001'], null))).toBe(false)
  expect(ok(attacker, 'data1', sees('data1', ['0xabc001'], '0xabc001'))).toBe(false)
})

test('a SCSI-2 reservation shows by its refusal alone', () => {
  expect(ok(reserve, 'data1', refused('data1', 24))).toBe(true)
  expect(ok(reserve, 'data1', sees('data1', [], null))).toBe(false)
  expect(ok(reserve, 'data1', refused('data1', 5))).toBe(false)
  expect(ok(reserve, 'data1', [])).toBe(false)
  expect(ok(reserve, 'coord1', sees('coord1', [], null))).toBe(true)
})
