/** The Windows scripts: Write Exclusive, no CLEAR in the defender, two misses, down keys, and the node goes down. */
import * as fc from 'fast-check'
import { codes, cutAll, dataOf, greenLab, isGreen, outcome, writesSince } from '../lab.ts'
import { expect, it, vi } from 'vitest'
import type { World } from '../../../../labs/cluster/simulation/world.ts'
import { cases } from '../../../cases.ts'

vi.setConfig({ testTimeout: cases(120_000) })

const nodes = ['a', 'b'].map((name, id) => ({
  name,
  id,
  keys: { coordination: `0x${id + 1}`, data: `0xabc00${id + 1}` },
}))

function green(seed: number): World {
  return greenLab(2, seed, { policy: 'attacker-defender', nodes, parameters: { variant: 'windows' } })
}

function forSeeds(check: (seed: number) => void): void {
  fc.assert(fc.property(fc.nat(), check), { numRuns: cases(25) })
}

it('green: type 1, held without a hole, 10 s of attack', () => {
  forSeeds((seed) => {
    const world = green(seed)
    expect(dataOf(world, 'a', 'attack')).toMatchObject([{ type: 1, attackWait: 10_000 }])
    const end = world.now() + 20_000
    while (world.now() < end) {
      expect(world.lun('data1').look().reservation).toEqual({ key: '0xabc001', type: 1 })
      world.run(20)
    }
    // REGISTER without the present key conflicts in every cycle, and changes nothing.
    expect(dataOf(world, 'a', 'script-step').length).toBeGreaterThan(3)
  })
})

it('the frozen one misses twice, registers its down key and goes down; no write of it lands', () => {
  forSeeds((seed) => {
    const world = green(seed)
    world.hang('a')
    expect(world.runUntil(() => world.status('b').active, 60_000)).toBe(true)
    world.run(1000)
    const woken = world.now()
    world.wake('a')
    expect(world.runUntil(() => world.condition('a') === 'panicked', 20_000)).toBe(true)
    expect(Object.keys(writesSince(world, woken))).toEqual(['b'])
    expect(dataOf(world, 'a', 'reserve-not-found')).toEqual([
      { script: 'defender', misses: 1 },
      { script: 'defender', misses: 2 },
    ])
    expect(world.lun('data1').look().keys).toEqual(['0xabc002', '0xdef001'])
    expect(outcome(world, 2)).toEqual({ a: 'panicked', b: 'member' })
  })
})

it('the down key is swapped for the normal one when the node attacks again', () => {
  const world = green(1)
  world.hang('a')
  world.runUntil(() => world.status('b').active, 60_000)
  world.wake('a')
  world.runUntil(() => world.condition('a') === 'panicked', 20_000)
  world.boot('a')
  world.join('a')
  expect(world.runUntil(() => isGreen(world, 2), 20_000)).toBe(true)
  world.crash('b')
  expect(world.runUntil(() => world.status('a').active, 60_000)).toBe(true)
  expect(world.lun('data1').look()).toMatchObject({ keys: ['0xabc001'], reservation: { key: '0xabc001', type: 1 } })
})

it('a defender that finds its own down key goes down at once', () => {
  const world = green(2)
  world.crash('a')
  world.runUntil(() => codes(world, 'b').includes('attack-won'), 60_000)
  world.lun('data1').plant('b', '0xdef002')
  expect(world.runUntil(() => world.condition('b') === 'panicked', 5000)).toBe(true)
})

it('a dead network: the defender goes on, the attacker goes down after three rounds', () => {
  forSeeds((seed) => {
    const world = green(seed)
    cutAll(world)
    expect(world.runUntil(() => world.condition('b') === 'panicked', 60_000)).toBe(true)
    expect(dataOf(world, 'b', 'attack-lost')).toEqual([{ rounds: 3 }])
    world.run(10_000)
    expect(world.status('a')).toMatchObject({ active: true, epoch: 1 })
  })
})
