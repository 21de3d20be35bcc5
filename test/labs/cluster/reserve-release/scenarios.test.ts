/** Reserve/release as two-node STONITH (seed 002). */
import * as fc from 'fast-check'
import { codes, createLab, cutAll, dataOf, greenLab, isGreen, names, outcome, timings, writesSince } from '../lab.ts'
import { expect, it, vi } from 'vitest'
import { checkWriters, perform, schedule } from '../schedules.ts'
import type { World } from '../../../../labs/cluster/simulation/world.ts'
import { cases } from '../../../cases.ts'

// Shrinking a failure takes longer than the test.
vi.setConfig({ testTimeout: cases(120_000) })

const options = { policy: 'reserve-release' } as const
const green = (seed: number, more = {}): World => greenLab(2, seed, { ...options, ...more })

function forSeeds(check: (seed: number) => void): void {
  fc.assert(fc.property(fc.nat(), check), { numRuns: cases(25) })
}

it('is green with the disk reserved by the node with the group, and no key anywhere', () => {
  forSeeds((seed) => {
    const world = green(seed, { preferred: 'b' })
    world.run(10_000)
    expect(world.lun('data1').look()).toMatchObject({ reservedBy: 'b', keys: [], reservation: null })
    expect(world.lun('data1').mayRead('a')).toBe(false)
    expect(dataOf(world, 'b', 'reservation')).toEqual([{ lun: 'data1', result: 'reserved' }])
    expect(world.writers()).toEqual(['b'])
  })
})

it('the frozen one: its disk is taken by a reset, and its first write kills it', () => {
  forSeeds((seed) => {
    const world = green(seed)
    world.hang('a')
    expect(world.runUntil(() => world.status('b').active, 20_000)).toBe(true)
    expect(dataOf(world, 'b', 'reservation')).toEqual([{ lun: 'data1', result: 'reserved after a reset' }])
    expect(world.lun('data1').look().reservedBy).toBe('b')
    const woken = world.now()
    world.wake('a')
    world.run(3000)
    expect(outcome(world, 2)).toEqual({ a: 'panicked', b: 'member' })
    expect(codes(world, 'a')).toEqual(expect.arrayContaining(['write-refused', 'ejected', 'panic']))
    expect(Object.keys(writesSince(world, woken))).toEqual(['b'])
    expect(world.overwritten()).toEqual([])
  })
})

it('a dead network: the standby node takes the disk, the healthy owner dies of it', () => {
  forSeeds((seed) => {
    const world = green(seed)
    cutAll(world)
    world.run(20_000)
    expect(outcome(world, 2)).toEqual({ a: 'panicked', b: 'member' })
    expect(world.status('b')).toMatchObject({ active: true, epoch: 2 })
    expect(world.overwritten()).toEqual([])
  })
})

it('a crashed owner is replaced, comes back, and does not take the disk back', () => {
  forSeeds((seed) => {
    const world = green(seed)
    world.crash('a')
    expect(world.runUntil(() => world.status('b').active, 20_000)).toBe(true)
    world.boot('a')
    world.join('a')
    expect(world.runUntil(() => isGreen(world, 2), 20_000)).toBe(true)
    world.run(10_000)
    expect(world.writers()).toEqual(['b'])
  })
})

it('leaves cleanly: the reservation is given back, and the other takes it without killing anybody', () => {
  forSeeds((seed) => {
    const world = green(seed)
    world.leave('a')
    expect(world.runUntil(() => world.status('b').active, 20_000)).toBe(true)
    expect(outcome(world, 2)).toEqual({ a: 'left', b: 'member' })
    expect(dataOf(world, 'a', 'reservation')).toContainEqual({ lun: 'data1', result: 'released' })
    world.leave('b')
    world.run(5000)
    expect(world.lun('data1').look().reservedBy).toBeNull()
  })
})

it('a reservation that was left behind does not hinder the first start', () => {
  const world = createLab(2, 1, options)
  world.lun('data1').execute('a', { kind: 'reserve-6' })
  world.boot('b')
  world.join('b')
  expect(world.runUntil(() => world.status('b').active, 20_000)).toBe(true)
  expect(dataOf(world, 'b', 'reservation')).toEqual([{ lun: 'data1', result: 'reserved after a reset' }])
})

it('while keys are registered nobody can reserve: it says so, tries again, and starts nothing', () => {
  const world = createLab(2, 2, options)
  world.lun('data1').plant('somebody', '0x5')
  for (const name of ['a', 'b']) {
    world.boot(name)
    world.join(name)
  }
  world.run(20_000)
  expect(world.writers()).toEqual([])
  expect(codes(world, 'a').filter((code) => code === 'reservation-failed').length).toBeGreaterThan(3)
  world.lun('data1').clear()
  expect(world.runUntil(() => isGreen(world, 2), 20_000)).toBe(true)
})

it('a disk that cannot be reached: it is tried again until it can', () => {
  const world = green(3)
  world.crash('a')
  world.setReachable('data1', false)
  world.run(3 * timings.diskTimeout)
  expect(world.status('b').active).toBe(false)
  world.setReachable('data1', true)
  expect(world.runUntil(() => world.status('b').active, 20_000)).toBe(true)
})

it('a standby node that was frozen does not take the disk from a healthy owner', () => {
  forSeeds((seed) => {
    const world = green(seed)
    world.hang('b')
    world.run(10_000)
    world.wake('b')
    world.run(10_000)
    expect(outcome(world, 2)).toEqual({ a: 'member', b: 'member' })
    expect(world.writers()).toEqual(['a'])
    expect(codes(world, 'b')).toContain('was-hung')
  })
})

it('random trouble: the storage never takes writes of two nodes', () => {
  fc.assert(
    fc.property(fc.nat(), schedule, (seed, actions) => {
      const world = createLab(2, seed, { ...options, check: checkWriters })
      for (const name of names.slice(0, 2)) {
        world.boot(name)
        world.join(name)
      }
      world.run(8000)
      for (const [after, what] of actions) {
        world.run(after)
        perform(world, 2, what)
      }
      world.run(20_000)
    }),
    { numRuns: cases(25) },
  )
})

it('after any trouble, once all is repaired, a restart of both nodes is green again', () => {
  fc.assert(
    fc.property(fc.nat(), schedule, (seed, actions) => {
      const world = green(seed)
      for (const [after, what] of actions) {
        world.run(after)
        perform(world, 2, what)
      }
      perform(world, 2, { do: 'repair-all' })
      world.setReachable('data1', true)
      for (const name of ['a', 'b']) world.crash(name)
      world.run(10_000)
      for (const name of ['a', 'b']) {
        world.boot(name)
        world.join(name)
      }
      expect(world.runUntil(() => isGreen(world, 2), 30_000)).toBe(true)
      expect(world.writers()).toEqual(['a'])
    }),
    { numRuns: cases(25) },
  )
})
