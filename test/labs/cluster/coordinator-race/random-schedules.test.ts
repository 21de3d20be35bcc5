/**
 * Whatever happens to links, nodes and arrays, in whatever order: the storage never takes writes of two nodes, and none
 * of a node after another has started the group, though everybody left and the frozen one wakes then.
 */
import * as fc from 'fast-check'
import { checkWriters, perform, schedule } from '../schedules.ts'
import { coordination, createLab, describe, names } from '../lab.ts'
import { expect, it, vi } from 'vitest'
import type { Timed } from '../schedules.ts'
import type { Happening, World } from '../../../../labs/cluster/simulation/world.ts'
import { cases } from '../../../cases.ts'

// Simulated minutes take real seconds, and shrinking a failure takes many of them.
vi.setConfig({ testTimeout: cases(120_000) })

function checkOwner(world: World): void {
  let started: Happening | null = null
  for (const one of world.happenings) {
    if (one.kind === 'group' && one.active) started = one
    if (one.kind !== 'write' || !one.accepted) continue
    if (one.node === started?.node && one.epoch === started.epoch) continue
    const group = `${started?.node} started it last, with epoch ${started?.epoch}`
    throw new Error(`at ${one.at} a write of ${one.node} with epoch ${one.epoch} is taken, and ${group}`)
  }
}

/** Everybody who can goes home; then those who are frozen wake. */
function goHome(world: World, count: number): void {
  const frozen = names.slice(0, count).filter((name) => world.condition(name) === 'hung')
  for (const name of names.slice(0, count)) if (!frozen.includes(name)) world.leave(name)
  world.run(30_000)
  for (const name of frozen) world.wake(name)
  world.run(5000)
}

function play(count: number, seed: number, actions: readonly Timed[], diskMost: number): World {
  const world = createLab(count, seed, { check: checkWriters, diskDelay: [10, diskMost] })
  for (const name of names.slice(0, count)) {
    world.boot(name)
    world.join(name)
  }
  world.run(8000)
  for (const [after, what] of actions) {
    world.run(after)
    perform(world, count, what)
  }
  world.run(20_000)
  return world
}

for (const count of [2, 3, 4]) {
  it(`${count} nodes: the storage never takes writes of two`, () => {
    fc.assert(
      fc.property(fc.nat(), schedule, fc.constantFrom(50, 150, 600), (seed, actions, diskMost) => {
        const world = play(count, seed, actions, diskMost)
        goHome(world, count)
        checkOwner(world)
      }),
      { numRuns: cases(25) },
    )
  })
}

it('nodes that start at random moments while links come and go: never two that may write', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.array(fc.integer({ min: 0, max: 4000 }), { minLength: 3, maxLength: 3 }),
      schedule,
      (seed, starts, actions) => {
        const world = createLab(3, seed, { check: checkWriters })
        for (const [index, after] of starts.entries()) {
          world.boot(names[index] ?? '')
          world.run(after)
          world.join(names[index] ?? '')
        }
        for (const [after, what] of actions) {
          perform(world, 3, what)
          world.run(after)
        }
        world.run(20_000)
        goHome(world, 3)
        checkOwner(world)
      },
    ),
    { numRuns: cases(25) },
  )
})

it('after any trouble, once all is repaired, a restart of all nodes is green again', () => {
  fc.assert(
    fc.property(fc.nat(), schedule, (seed, actions) => {
      const world = play(3, seed, actions, 150)
      perform(world, 3, { do: 'repair-all' })
      for (const lun of [...coordination, 'data1']) world.setReachable(lun, true)
      for (const name of names.slice(0, 3)) world.crash(name)
      world.run(10_000)
      for (const name of names.slice(0, 3)) {
        world.boot(name)
        world.join(name)
      }
      world.run(40_000)
      const states = names.slice(0, 3).map((name) => world.status(name).state)
      expect(states, describe(world, 3)).toEqual(['member', 'member', 'member'])
      expect(world.writers().length).toBe(1)
    }),
    { numRuns: cases(25) },
  )
})
