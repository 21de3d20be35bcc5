/** "An Ideal Case" and "An Inconvenient Case" of EXPRESSCLUSTER/SCSI-PR, and what else may happen without reservations. */
import * as fc from 'fast-check'
import {
  codes,
  createLab,
  cutAll,
  dataOf,
  greenLab,
  isGreen,
  names,
  outcome,
  repairAll,
  split,
  timings,
  writesSince,
} from '../lab.ts'
import { expect, it, vi } from 'vitest'
import type { World } from '../../../../labs/cluster/simulation/world.ts'
import { cases } from '../../../cases.ts'

// Shrinking a failure takes longer than the test.
vi.setConfig({ testTimeout: cases(120_000) })

const options = { policy: 'ping-tiebreak', parameters: { tieBreaker: '10.0.0.1' } } as const
const green = (count: number, seed: number, more = {}): World => greenLab(count, seed, { ...options, ...more })

function forSeeds(check: (seed: number) => void): void {
  fc.assert(fc.property(fc.nat(), check), { numRuns: cases(25) })
}

it('is green with the group on the lowest node, and touches no key and no reservation', () => {
  forSeeds((seed) => {
    const world = green(3, seed)
    world.run(10_000)
    expect(world.writers()).toEqual(['a'])
    expect(world.lun('data1').look()).toMatchObject({ generation: 0, keys: [], reservation: null, reservedBy: null })
  })
})

it('starts the group on the preferred node', () => {
  forSeeds((seed) => {
    expect(green(2, seed, { preferred: 'b' }).writers()).toEqual(['b'])
  })
})

it('the ideal case: the side without the tie-breaker stops itself, the other takes over', () => {
  forSeeds((seed) => {
    const world = green(2, seed)
    cutAll(world)
    world.setTieBreaker('a', false)
    expect(world.runUntil(() => world.condition('a') === 'panicked', 20_000)).toBe(true)
    expect(world.runUntil(() => world.status('b').active, 20_000)).toBe(true)
    expect(outcome(world, 2)).toEqual({ a: 'panicked', b: 'member' })
    expect(world.status('b')).toMatchObject({ members: ['b'], epoch: 2 })
    expect(codes(world, 'a')).toContain('tie-breaker-silent')
    expect(dataOf(world, 'b', 'tie-breaker')).toEqual([{ lost: ['a'] }])
    world.run(10_000)
    expect(world.overwritten()).toEqual([])
  })
})

it('the ideal case on the other side: the standby node stops itself, nothing moves', () => {
  forSeeds((seed) => {
    const world = green(2, seed)
    cutAll(world)
    world.setTieBreaker('b', false)
    world.run(20_000)
    expect(outcome(world, 2)).toEqual({ a: 'member', b: 'panicked' })
    expect(world.status('a')).toMatchObject({ active: true, epoch: 1 })
  })
})

it('the inconvenient case: a delayed node goes on writing beside the one that took over; then both stop', () => {
  forSeeds((seed) => {
    const world = green(2, seed)
    world.hang('a')
    expect(world.runUntil(() => world.status('b').active, 20_000)).toBe(true)
    world.run(3000)
    const woken = world.now()
    world.wake('a')
    world.run(timings.groupCheck / 2)
    // The point of it: two nodes whose writes the storage takes.
    expect(world.writers()).toEqual(['a', 'b'])
    world.run(5000)
    expect(outcome(world, 2)).toEqual({ a: 'panicked', b: 'panicked' })
    for (const name of ['a', 'b']) expect(codes(world, name)).toContain('double-activity')
    // It was the node, not a link.
    expect(codes(world, 'b')).not.toContain('link-lost')
    expect(codes(world, 'a')).not.toContain('was-hung')
    expect(Object.keys(writesSince(world, woken)).sort()).toEqual(['a', 'b'])
    // And it can be read back: records of b that were acknowledged are no longer there.
    const lost = world.overwritten().filter((one) => one.lost.node === 'b' && one.by.node === 'a')
    expect(lost.length).toBeGreaterThan(0)
    expect(lost[0]).toMatchObject({ lost: { epoch: 2 }, by: { epoch: 1 } })
  })
})

it('a delay shorter than the timeout is not noticed by anybody', () => {
  forSeeds((seed) => {
    const world = green(2, seed)
    world.hang('a')
    world.run(1200)
    world.wake('a')
    world.run(10_000)
    expect(outcome(world, 2)).toEqual({ a: 'member', b: 'member' })
    expect(world.status('a').epoch).toBe(1)
  })
})

it('both sides reach the tie-breaker: both survive, and the group runs twice', () => {
  const world = green(2, 1)
  cutAll(world)
  expect(world.runUntil(() => world.writers().length === 2, 20_000)).toBe(true)
  expect(outcome(world, 2)).toEqual({ a: 'member', b: 'member' })
  repairAll(world)
  world.run(5000)
  expect(outcome(world, 2)).toEqual({ a: 'panicked', b: 'panicked' })
})

it('no side reaches the tie-breaker: both stop themselves', () => {
  const world = green(2, 2)
  cutAll(world)
  for (const name of ['a', 'b']) world.setTieBreaker(name, false)
  world.run(20_000)
  expect(outcome(world, 2)).toEqual({ a: 'panicked', b: 'panicked' })
  expect(world.overwritten()).toEqual([])
})

it('heartbeats that come back before the tie-breaker answered are as if nothing had been', () => {
  const world = green(2, 3)
  cutAll(world)
  for (const name of ['a', 'b']) world.setTieBreaker(name, false)
  expect(world.runUntil(() => world.status('a').state === 'racing', 10_000)).toBe(true)
  repairAll(world)
  world.run(10_000)
  expect(outcome(world, 2)).toEqual({ a: 'member', b: 'member' })
  expect(isGreen(world, 2)).toBe(true)
})

it('one link lost is said and survived', () => {
  const world = green(2, 4)
  world.cut('priv1')
  world.run(10_000)
  for (const name of ['a', 'b']) {
    expect(codes(world, name)).toContain('link-lost')
    expect(codes(world, name)).not.toContain('peer-lost')
  }
  expect(dataOf(world, 'a', 'link-lost')).toEqual([{ link: 'priv1', node: 'b' }])
})

it('a crashed node is replaced, comes back, and the group stays where it is', () => {
  forSeeds((seed) => {
    const world = green(2, seed)
    world.crash('a')
    expect(world.runUntil(() => world.status('b').active, 20_000)).toBe(true)
    world.boot('a')
    world.join('a')
    expect(world.runUntil(() => isGreen(world, 2), 20_000)).toBe(true)
    world.run(10_000)
    expect(world.writers()).toEqual(['b'])
    expect(world.overwritten()).toEqual([])
  })
})

it('leaves cleanly without a ping; the other takes the group over', () => {
  forSeeds((seed) => {
    const world = green(2, seed)
    for (const name of ['a', 'b']) world.setTieBreaker(name, false)
    world.leave('a')
    expect(world.runUntil(() => world.status('b').active, 20_000)).toBe(true)
    expect(outcome(world, 2)).toEqual({ a: 'left', b: 'member' })
    expect(codes(world, 'b')).not.toContain('peer-lost')
    world.join('a')
    expect(world.runUntil(() => isGreen(world, 2), 20_000)).toBe(true)
    expect(world.writers()).toEqual(['b'])
  })
})

it('a node that starts alone and cannot ping does not start the group', () => {
  const world = createLab(2, 5, options)
  world.setTieBreaker('a', false)
  world.boot('a')
  world.join('a')
  world.run(60_000)
  expect(world.status('a')).toMatchObject({ state: 'member', active: false })
  expect(codes(world, 'a').filter((code) => code === 'start-waits')).toHaveLength(1)
  expect(codes(world, 'a')).not.toContain('tie-breaker')
  world.setTieBreaker('a', true)
  expect(world.runUntil(() => world.status('a').active, 10_000)).toBe(true)
})

it('three nodes: the group moves to the lowest that is left', () => {
  forSeeds((seed) => {
    const world = green(3, seed)
    split(world, ['a'], ['b', 'c'])
    world.setTieBreaker('a', false)
    world.run(20_000)
    expect(outcome(world, 3)).toEqual({ a: 'panicked', b: 'member', c: 'member' })
    expect(world.writers()).toEqual(['b'])
    expect(names.slice(1, 3).map((name) => world.status(name).members)).toEqual([
      ['b', 'c'],
      ['b', 'c'],
    ])
  })
})
