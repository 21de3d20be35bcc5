import { expect, it } from 'vitest'
import {
  findsReservation,
  operationOf,
  scriptOf,
  succeeded,
} from '../../../../labs/cluster/attacker-defender/script.ts'
import type { ClusterConfig } from '../../../../labs/cluster/config.ts'
import type { ParametersInput } from '../../../../labs/cluster/parameters.ts'
import type { ScriptStep } from '../../../../labs/cluster/attacker-defender/script.ts'
import * as v from 'valibot'
import { parametersSchema } from '../../../../labs/cluster/parameters.ts'
import { timingsSchema } from '../../../../labs/cluster/config.ts'

const self = { name: 'a', id: 0, keys: { coordination: '0x1', data: '0xabc001' } }
function script(parameters: ParametersInput = {}, timings = {}) {
  const config: ClusterConfig = {
    cluster: 'test',
    policy: 'attacker-defender',
    node: 'a',
    nodes: [self],
    links: [],
    coordination: [],
    data: [],
    timings: v.parse(timingsSchema, timings),
    parameters: v.parse(parametersSchema, parameters),
  }
  return scriptOf(config, self)
}
const held = (key: string, type: number) => ({ result: 'good', exit: 0, reservation: { key, type } }) as const

it('numbers of the scripts, and those that are given', () => {
  expect(script()).toMatchObject({ type: 3, attackWait: 7000, defendInterval: 3000, rounds: 3, missesAllowed: 0 })
  expect(script({ variant: 'windows' })).toMatchObject({ type: 1, attackWait: 10_000, missesAllowed: 1 })
  expect(script({ reservationType: 5, rounds: 2 }, { attackWait: 400, defendInterval: 100 })).toMatchObject({
    type: 5,
    rounds: 2,
    attackWait: 400,
    defendInterval: 100,
  })
})

it.each<[ScriptStep, number, boolean]>([
  ['register', 0, true],
  ['register', 2, true],
  ['register', 24, false],
  ['register', 6, false],
  ['clear', 0, true],
  ['clear', 2, false],
  ['reserve', 2, false],
  ['check', 6, false],
])('%s, exit %i: success %s', (step, exit, success) => {
  expect(succeeded(step, { result: 'other', exit })).toBe(success)
})

it('finds its reservation, and what only looks like it', () => {
  expect(findsReservation(script(), held('0xabc001', 3))).toBe(true)
  expect(findsReservation(script(), held('0xabc002', 3))).toBe(false)
  expect(findsReservation(script(), held('0xabc001', 1))).toBe(false)
  // grep finds a part of a word
  expect(findsReservation(script(), held('0xabc0010', 3))).toBe(true)
  expect(findsReservation(script(), held('0xabc001', 6))).toBe(true)
  expect(findsReservation(script({ reservationType: 1 }), held('0xabc001', 5))).toBe(true)
  expect(findsReservation(script({ reservationType: 5 }), held('0xabc001', 1))).toBe(false)
  // findstr looks for the key alone
  expect(findsReservation(script({ variant: 'windows' }), held('0xabc001', 3))).toBe(true)
  expect(findsReservation(script(), { result: 'good', exit: 0, reservation: null })).toBe(false)
  expect(findsReservation(script(), { result: 'unit-attention', exit: 6 })).toBe(false)
})

it('registers over a down key, and puts the down key over the own one', () => {
  expect(operationOf(script(), 'register', [])).toEqual({ kind: 'register', key: '0xabc001' })
  expect(operationOf(script(), 'register', ['0xdef001'])).toEqual({
    kind: 'register',
    key: '0xabc001',
    from: '0xdef001',
  })
  expect(operationOf(script(), 'down-key', ['0xabc001'])).toEqual({
    kind: 'register',
    key: '0xdef001',
    from: '0xabc001',
  })
  expect(operationOf(script(), 'down-key', ['0xabc002'])).toEqual({ kind: 'register', key: '0xdef001' })
})
