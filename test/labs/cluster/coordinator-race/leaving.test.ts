/** Leaving: cleanly with points that do not answer, and by force. */
import * as fc from 'fast-check'
import {
  codes,
  coordination,
  coordinationKey,
  createLab,
  cutAll,
  dataKey,
  dataOf,
  greenLab,
  isGreen,
  keysOn,
  outcome,
  timings,
  writesSince,
} from '../lab.ts'
import { expect, it, vi } from 'vitest'
import type { World } from '../../../../labs/cluster/simulation/world.ts'
import { cases } from '../../../cases.ts'

// Shrinking a failure takes longer than the test.
vi.setConfig({ testTimeout: cases(120_000) })

function forSeeds(check: (seed: number) => void): void {
  fc.assert(fc.property(fc.nat(), check), { numRuns: cases(25) })
}

function textsOf(world: World, node: string, code: string): string[] {
  return world.happenings.flatMap((one) =>
    one.node === node && one.kind === 'log' && one.code === code ? [one.text] : [],
  )
}

it.each(['a', 'b'])('row 8: %s leaves in bounded time with two points off; the other goes on', (leaver) => {
  const stayer = leaver === 'a' ? 'b' : 'a'
  forSeeds((seed) => {
    const world = greenLab(2, seed)
    for (const lun of ['coord2', 'coord3']) world.setReachable(lun, false)
    world.leave(leaver)
    // One command to each point, all at the same time, and the data disk before.
    expect(world.runUntil(() => world.status(leaver).state === 'left', timings.diskTimeout + 2000)).toBe(true)
    expect(textsOf(world, leaver, 'key-left-behind').map((text) => text.split(':')[0])).toEqual(['coord2', 'coord3'])
    world.run(20_000)
    expect(outcome(world, 2)).toEqual({ [leaver]: 'left', [stayer]: 'member' })
    expect(world.status(stayer).members).toEqual([stayer])
    expect(world.writers()).toEqual([stayer])
    for (const name of ['a', 'b']) expect(codes(world, name)).not.toContain('membership-change')
    expect(keysOn(world, 'coord1')).toEqual([coordinationKey(stayer)])
    for (const lun of ['coord2', 'coord3']) expect(keysOn(world, lun)).toEqual(['a', 'b'].map(coordinationKey))
  })
})

it.each(['a', 'b'])('row 16: %s is stopped by force, and its healthy peer panics', (stopped) => {
  const peer = stopped === 'a' ? 'b' : 'a'
  forSeeds((seed) => {
    const world = greenLab(2, seed)
    const began = world.now()
    world.forceStop(stopped)
    world.runUntil(() => world.condition(peer) === 'panicked', 30_000)
    world.run(20_000)
    expect(outcome(world, 2)).toEqual({ [stopped]: 'left', [peer]: 'panicked' })
    expect(codes(world, stopped).filter((code) => !code.startsWith('race-point'))).toEqual(
      expect.arrayContaining(['unclean-stop', 'membership-change', 'race-won', 'left']),
    )
    // At once: nobody was silent for peerTimeout by then.
    const won = world.happenings.find((one) => one.kind === 'log' && one.code === 'race-won')
    expect((won?.at ?? Infinity) - began).toBeLessThan(timings.peerTimeout)
    expect(dataOf(world, stopped, 'membership-change')).toEqual([
      { racer: stopped, side: [stopped], lost: [peer], delay: 0 },
    ])
    expect(codes(world, peer)).toContain('race-lost')
    expect(world.writers()).toEqual([])
    for (const lun of coordination) expect(keysOn(world, lun)).toEqual([])
    // Nobody told it that the peer panicked: for all it knows the peer is frozen, with writes on their way.
    expect(keysOn(world, 'data1')).toEqual([dataKey(stopped)])
  })
})

/** a is frozen, b takes the group over and leaves cleanly. */
function abandonedWithAFrozenNode(seed: number): World {
  const world = greenLab(2, seed)
  world.hang('a')
  expect(world.runUntil(() => world.status('b').active && world.status('b').members.length === 1, 30_000)).toBe(true)
  world.leave('b')
  expect(world.runUntil(() => world.status('b').state === 'left', 10_000)).toBe(true)
  return world
}

it('who leaves last keeps out the node that was ejected: it may be frozen, and wake', () => {
  forSeeds((seed) => {
    const world = abandonedWithAFrozenNode(seed)
    expect(textsOf(world, 'b', 'key-left-behind')).toEqual([
      'the data disks stay reserved: since a node was fenced, nothing was heard of a',
    ])
    for (const lun of coordination) expect(keysOn(world, lun)).toEqual([])
    expect(keysOn(world, 'data1')).toEqual([dataKey('b')])
    const left = world.now()
    world.wake('a')
    world.run(10_000)
    expect(writesSince(world, left)).toEqual({})
    expect(world.condition('a')).toBe('panicked')
  })
})

it('so does the next cluster, which nobody told', () => {
  forSeeds((seed) => {
    const world = abandonedWithAFrozenNode(seed)
    world.join('b')
    expect(world.runUntil(() => world.status('b').state === 'member', 20_000)).toBe(true)
    world.leave('b')
    expect(world.runUntil(() => world.status('b').state === 'left', 10_000)).toBe(true)
    const left = world.now()
    world.wake('a')
    world.run(10_000)
    expect(writesSince(world, left)).toEqual({})
  })
})

it('an ejected node that came back and left is no danger: the last one takes key and reservation back', () => {
  forSeeds((seed) => {
    const world = greenLab(2, seed)
    world.crash('a')
    world.runUntil(() => world.status('b').members.length === 1, 20_000)
    world.boot('a')
    world.join('a')
    expect(world.runUntil(() => isGreen(world, 2), 40_000)).toBe(true)
    world.leave('a')
    world.runUntil(() => world.status('a').state === 'left', 10_000)
    world.run(2000)
    world.leave('b')
    world.run(10_000)
    expect(outcome(world, 2)).toEqual({ a: 'left', b: 'left' })
    for (const lun of [...coordination, 'data1']) expect(keysOn(world, lun)).toEqual([])
  })
})

it('three nodes: the forced one does not wait although it is the smaller side', () => {
  forSeeds((seed) => {
    const world = greenLab(3, seed)
    world.forceStop('b')
    world.run(40_000)
    expect(outcome(world, 3)).toEqual({ a: 'panicked', b: 'left', c: 'panicked' })
    expect(dataOf(world, 'b', 'membership-change')).toMatchObject([{ racer: 'b', delay: 0 }])
  })
})

it('the last member has nobody to race against: it is gone, without its keys', () => {
  const world = greenLab(2, 4)
  world.leave('a')
  world.runUntil(() => world.status('b').active, 20_000)
  world.forceStop('b')
  world.run(10_000)
  expect(outcome(world, 2)).toEqual({ a: 'left', b: 'left' })
  for (const lun of [...coordination, 'data1']) expect(keysOn(world, lun)).toEqual([])
})

it('outside of a membership it is a clean stop', () => {
  const world = createLab(2, 5)
  world.boot('a')
  world.join('a')
  world.run(1800)
  world.forceStop('a')
  world.run(10_000)
  expect(world.status('a').state).toBe('left')
  expect(codes(world, 'a')).not.toContain('unclean-stop')
})

it('both can come back afterwards', () => {
  const world = greenLab(2, 6)
  world.forceStop('a')
  world.run(30_000)
  world.join('a')
  world.boot('b')
  world.join('b')
  expect(world.runUntil(() => isGreen(world, 2), 40_000)).toBe(true)
  expect(keysOn(world, 'data1')).toEqual(['a', 'b'].map(dataKey))
})

it('stopped by force while the links are dead and the peer wins: it panics, no key of its own comes back', () => {
  const world = greenLab(2, 7)
  cutAll(world)
  world.runUntil(() => codes(world, 'b').includes('race-won') || codes(world, 'a').includes('race-won'), 20_000)
  const loser = codes(world, 'a').includes('race-won') ? 'b' : 'a'
  world.forceStop(loser)
  world.run(20_000)
  expect(world.condition(loser)).toBe('panicked')
  expect(keysOn(world, 'data1')).not.toContain(dataKey(loser))
})
