/** Power fencing and port fencing (seed 002), and what happens where the device does not do what it should. */
import * as fc from 'fast-check'
import {
  codes,
  createLab,
  cutAll,
  dataOf,
  greenLab,
  isGreen,
  outcome,
  repairAll,
  split,
  timings,
  writesSince,
} from '../lab.ts'
import { expect, it, vi } from 'vitest'
import type { FenceDevice } from '../../../../labs/cluster/simulation/outside.ts'
import type { ParametersInput } from '../../../../labs/cluster/parameters.ts'
import type { World } from '../../../../labs/cluster/simulation/world.ts'
import { cases } from '../../../cases.ts'

// Shrinking a failure takes longer than the test.
vi.setConfig({ testTimeout: cases(120_000) })

const options = (parameters: ParametersInput = {}) => ({
  policy: 'external-fencing' as const,
  parameters: { fence: { command: ['fence', '{node}'] }, ...parameters },
})

function green(count: number, seed: number, device: FenceDevice = 'power', parameters: ParametersInput = {}): World {
  const world = greenLab(count, seed, options(parameters))
  world.setFence(device)
  return world
}

function forSeeds(check: (seed: number) => void): void {
  fc.assert(fc.property(fc.nat(), check), { numRuns: cases(25) })
}

/** Fence commands that ended with success, and starts of the group, in their order. */
function story(world: World): string[] {
  return world.happenings.flatMap((one) => {
    if (one.kind === 'fence') return [`${one.node} fences ${one.victim}: ${one.ok ? 'done' : 'failed'}`]
    if (one.kind === 'group' && one.active) return [`group on ${one.node}`]
    return []
  })
}

it('is green without a fence command, a key or a reservation', () => {
  forSeeds((seed) => {
    const world = green(3, seed)
    world.run(20_000)
    expect(story(world)).toEqual(['group on a'])
    expect(world.lun('data1').look()).toMatchObject({ keys: [], reservation: null, reservedBy: null })
  })
})

it('the frozen node: its power is cut before the group starts elsewhere', () => {
  forSeeds((seed) => {
    const world = green(2, seed)
    world.hang('a')
    expect(world.runUntil(() => world.status('b').active, 60_000)).toBe(true)
    expect(story(world)).toEqual(['group on a', 'b fences a: done', 'group on b'])
    expect(dataOf(world, 'b', 'fenced')).toEqual([{ node: 'a', text: 'power' }])
    world.wake('a')
    world.run(10_000)
    expect(outcome(world, 2)).toEqual({ a: 'off', b: 'member' })
    expect(world.overwritten()).toEqual([])
  })
})

it('a dead network: the node with the group shoots first, and the other does not get to shoot', () => {
  forSeeds((seed) => {
    const world = green(2, seed)
    cutAll(world)
    world.run(30_000)
    expect(outcome(world, 2)).toEqual({ a: 'member', b: 'off' })
    expect(story(world)).toEqual(['group on a', 'a fences b: done'])
    expect(world.status('a')).toMatchObject({ active: true, epoch: 1, members: ['a'] })
  })
})

it('a closed port: the frozen one wakes, its write fails, and it panics', () => {
  forSeeds((seed) => {
    const world = green(2, seed, 'port')
    world.hang('a')
    expect(world.runUntil(() => world.status('b').active, 60_000)).toBe(true)
    const woken = world.now()
    world.wake('a')
    world.run(5000)
    expect(outcome(world, 2)).toEqual({ a: 'panicked', b: 'member' })
    expect(codes(world, 'a')).toEqual(expect.arrayContaining(['was-hung', 'write-failed', 'ejected', 'panic']))
    expect(Object.keys(writesSince(world, woken))).toEqual(['b'])
    expect(story(world)).toEqual(['group on a', 'b fences a: done', 'group on b'])
  })
})

it('a closed port and a dead network: who was fenced cannot reach the disk, and fences nobody', () => {
  forSeeds((seed) => {
    const world = green(2, seed, 'port')
    cutAll(world)
    world.run(60_000)
    expect(story(world)).toEqual(['group on a', 'a fences b: done'])
    expect(outcome(world, 2)).toEqual({ a: 'member', b: 'member' })
    expect([world.status('a').active, world.status('b').active]).toEqual([true, false])
    expect(codes(world, 'b')).toContain('storage-unreachable')
    // Repaired, the fenced one is told, and is no member before it joined anew.
    repairAll(world)
    world.run(10_000)
    expect(dataOf(world, 'b', 'was-fenced')).toEqual([{ by: 'a' }])
    expect(world.status('a').members).toEqual(['a'])
    world.openPort('b')
    world.leave('b')
    world.run(2000)
    world.join('b')
    expect(world.runUntil(() => isGreen(world, 2), 20_000)).toBe(true)
  })
})

it('panicOnRefusal: false keeps a fenced node up, without the group', () => {
  const world = green(2, 1, 'port', { panicOnRefusal: false })
  world.hang('a')
  world.runUntil(() => world.status('b').active, 60_000)
  world.wake('a')
  world.run(10_000)
  expect(outcome(world, 2)).toEqual({ a: 'member', b: 'member' })
  expect([world.status('a').active, world.status('b').active]).toEqual([false, true])
})

it('a device that does not answer: it is asked again and again, and the group starts nowhere', () => {
  forSeeds((seed) => {
    const world = green(2, seed, 'fails')
    world.crash('a')
    world.run(60_000)
    expect(world.status('b')).toMatchObject({ state: 'member', active: false })
    expect(codes(world, 'b').filter((code) => code === 'fence-failed').length).toBeGreaterThan(5)
    expect(story(world).filter((one) => one.startsWith('group'))).toEqual(['group on a'])
    world.setFence('power')
    expect(world.runUntil(() => world.status('b').active, 20_000)).toBe(true)
  })
})

it('a device that lies: two nodes write, which is what the lab must find', () => {
  const world = green(2, 2, 'lies')
  world.hang('a')
  world.runUntil(() => world.status('b').active, 60_000)
  world.run(2000)
  const woken = world.now()
  world.wake('a')
  world.run(10_000)
  expect(Object.keys(writesSince(world, woken)).sort()).toEqual(['a', 'b'])
  expect(world.overwritten().some((one) => one.lost.node === 'b')).toBe(true)
})

it('heard again before the command ran: nobody is shot', () => {
  forSeeds((seed) => {
    const world = green(2, seed)
    world.hang('a')
    world.run(timings.peerTimeout + 1500)
    world.wake('a')
    world.run(30_000)
    expect(story(world)).toEqual(['group on a'])
    expect(isGreen(world, 2)).toBe(true)
    expect(codes(world, 'b')).toContain('peer-lost')
  })
})

it('a node that was frozen itself does not shoot the others for having been silent', () => {
  forSeeds((seed) => {
    const world = green(2, seed, 'fails')
    world.hang('a')
    world.run(20_000)
    world.setFence('power')
    world.wake('a')
    world.hang('b')
    world.run(200)
    world.wake('b')
    world.run(500)
    expect(dataOf(world, 'a', 'fencing')).toEqual([])
  })
})

it('heard again while the command runs: its result counts', () => {
  forSeeds((seed) => {
    const world = green(2, seed, 'port', { panicOnRefusal: false })
    world.hang('a')
    world.runUntil(() => codes(world, 'b').includes('fencing'), 30_000)
    world.wake('a')
    world.run(10_000)
    expect(story(world)).toEqual(['group on a', 'b fences a: done', 'group on b'])
    expect(world.status('b').members).toEqual(['b'])
    expect([world.status('a').active, world.status('b').active]).toEqual([false, true])
  })
})

it('who did not see every node once fences nobody', () => {
  const world = createLab(3, 6, options())
  for (const name of ['a', 'b']) {
    world.boot(name)
    world.join(name)
  }
  world.run(10_000)
  expect(world.status('a').members).toEqual(['a', 'b'])
  world.hang('b')
  world.run(30_000)
  expect(story(world)).toEqual([])
  expect(world.status('a').text).toBe('waits until every other node was seen once')
})

it('alone at the start it waits until it saw the other, and fences nobody', () => {
  const world = createLab(2, 3, options())
  world.boot('a')
  world.join('a')
  world.run(60_000)
  expect(world.status('a')).toMatchObject({ state: 'member', active: false })
  expect(story(world)).toEqual([])
  world.boot('b')
  world.join('b')
  expect(world.runUntil(() => isGreen(world, 2), 20_000)).toBe(true)
})

it('restarted into a dead network while the other has the group: it does nothing', () => {
  const world = green(2, 4)
  world.crash('a')
  world.runUntil(() => world.status('b').active, 60_000)
  cutAll(world)
  world.run(100)
  world.boot('a')
  world.join('a')
  world.run(60_000)
  expect(world.writers()).toEqual(['b'])
  expect(story(world)).toEqual(['group on a', 'b fences a: done', 'group on b'])
})

it('leaves cleanly without a shot; the other takes over', () => {
  forSeeds((seed) => {
    const world = green(2, seed)
    world.leave('a')
    expect(world.runUntil(() => world.status('b').active, 20_000)).toBe(true)
    expect(story(world)).toEqual(['group on a', 'group on b'])
    expect(outcome(world, 2)).toEqual({ a: 'left', b: 'member' })
  })
})

it('leaves in bounded time although a loss is not decided', () => {
  const world = green(2, 5, 'fails')
  world.crash('a')
  world.run(10_000)
  world.leave('b')
  expect(world.runUntil(() => world.status('b').state === 'left', timings.diskTimeout + 1000)).toBe(true)
})

it('three nodes: one of a side shoots, for all of it', () => {
  forSeeds((seed) => {
    const world = green(3, seed)
    world.hang('a')
    expect(world.runUntil(() => world.status('b').active, 60_000)).toBe(true)
    world.run(10_000)
    expect(story(world)).toEqual(['group on a', 'b fences a: done', 'group on b'])
    expect(dataOf(world, 'c', 'fenced')).toEqual([{ node: 'a', text: 'by b' }])
    expect(world.status('c').members).toEqual(['b', 'c'])
  })
})

it('three nodes, the one with the group is cut off: it shoots both', () => {
  forSeeds((seed) => {
    const world = green(3, seed)
    split(world, ['a'], ['b', 'c'])
    world.run(60_000)
    expect(world.writers().length).toBe(1)
    expect(world.overwritten()).toEqual([])
  })
})
