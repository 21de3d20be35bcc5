/** Seeding: a cluster is formed only by as many nodes as were asked for. */
import { codes, coordination, coordinationKey, createLab, cutAll, isGreen, keysOn, outcome, repairAll } from '../lab.ts'
import { expect, it } from 'vitest'

const seed = { parameters: { seed: 2 } }

it('a node alone waits, says so once, and touches no coordination point', () => {
  const world = createLab(2, 1, seed)
  world.boot('a')
  world.join('a')
  world.run(60_000)
  expect(world.status('a')).toMatchObject({
    state: 'joining',
    text: 'waiting for 2 nodes to be seen (seed), sees 1',
    active: false,
  })
  expect(codes(world, 'a')).toEqual(['joining', 'not-seeded'])
  expect(coordination.map((lun) => keysOn(world, lun))).toEqual([[], [], []])
})

it('goes on as soon as the other is seen', () => {
  const world = createLab(2, 2, seed)
  world.boot('a')
  world.join('a')
  world.run(20_000)
  world.boot('b')
  world.join('b')
  expect(world.runUntil(() => isGreen(world, 2), 20_000)).toBe(true)
})

it('rows 10 and 11: the loser comes back with dead networks, then the winner is rebooted: nobody writes', () => {
  for (let random = 0; random < 20; random++) {
    const world = createLab(2, random, seed)
    for (const name of ['a', 'b']) {
      world.boot(name)
      world.join(name)
    }
    world.runUntil(() => isGreen(world, 2), 60_000)
    cutAll(world)
    world.runUntil(() => Object.values(outcome(world, 2)).includes('panicked'), 20_000)
    const loser = world.condition('a') === 'panicked' ? 'a' : 'b'
    const winner = loser === 'a' ? 'b' : 'a'
    world.run(10_000)
    world.boot(loser)
    world.join(loser)
    world.run(20_000)
    // Row 10 as without a seed: it finds the winner's key.
    expect(world.status(loser).state).toBe('refused')
    expect(codes(world, loser)).toContain('preexisting-split-brain')
    expect(world.writers()).toEqual([winner])
    world.crash(winner)
    world.boot(winner)
    world.join(winner)
    world.run(20_000)
    expect(outcome(world, 2)).toEqual({ [winner]: 'joining', [loser]: 'refused' })
    expect(codes(world, winner).slice(-2)).toEqual(['joining', 'not-seeded'])
    expect(world.writers()).toEqual([])
    expect(coordination.map((lun) => keysOn(world, lun))).toEqual(coordination.map(() => [coordinationKey(winner)]))
    repairAll(world)
    world.join(loser)
    expect(world.runUntil(() => isGreen(world, 2), 30_000)).toBe(true)
  }
})

it('both restart with dead networks after a crash of all: both find the other, as without a seed', () => {
  const world = createLab(2, 8, seed)
  for (const name of ['a', 'b']) {
    world.boot(name)
    world.join(name)
  }
  world.runUntil(() => isGreen(world, 2), 60_000)
  for (const name of ['a', 'b']) world.crash(name)
  cutAll(world)
  world.run(100)
  for (const name of ['a', 'b']) {
    world.boot(name)
    world.join(name)
  }
  world.run(20_000)
  expect(outcome(world, 2)).toEqual({ a: 'refused', b: 'refused' })
})

it('keys that appear while it waits are found before it registers', () => {
  const world = createLab(3, 9, seed)
  world.boot('a')
  world.join('a')
  world.run(10_000)
  world.lun('coord1').plant('c', coordinationKey('c'))
  world.boot('b')
  world.join('b')
  world.run(20_000)
  expect(world.status('a').state).toBe('refused')
})

it('an existing cluster is joined whatever its size', () => {
  const world = createLab(3, 3, { parameters: { seed: 3 } })
  for (const name of ['a', 'b', 'c']) {
    world.boot(name)
    world.join(name)
  }
  expect(world.runUntil(() => isGreen(world, 3), 60_000)).toBe(true)
  world.leave('c')
  world.runUntil(() => world.status('c').state === 'left', 10_000)
  world.leave('b')
  world.runUntil(() => world.status('b').state === 'left', 10_000)
  world.join('c')
  expect(world.runUntil(() => world.status('c').state === 'member', 30_000)).toBe(true)
})
