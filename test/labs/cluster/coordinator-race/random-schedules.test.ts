/**
 * Whatever happens to links, nodes and arrays, in whatever order: the storage never takes writes of two nodes, and the
 * epochs of the writes it takes never go back.
 */
import * as fc from 'fast-check'
import { checkWriters, perform, schedule } from '../schedules.ts'
import { coordination, createLab, describe, names } from '../lab.ts'
import { expect, it, vi } from 'vitest'
import type { Timed } from '../schedules.ts'
import type { World } from '../../../../labs/cluster/simulation/world.ts'

// Simulated minutes take real seconds, and shrinking a failure takes many of them.
vi.setConfig({ testTimeout: 120_000 })

function checkEpochs(world: World): void {
  let last = 0
  let formed = 0
  for (const one of world.happenings) {
    // A new cluster counts from 1 again.
    if (one.kind === 'log' && one.code === 'cluster-formed') formed = one.at
    if (one.kind !== 'write' || !one.accepted) continue
    if (one.epoch < last && one.epoch !== 1)
      throw new Error(`epoch ${one.epoch} written after ${last} (formed ${formed})`)
    last = one.epoch
  }
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
        checkEpochs(play(count, seed, actions, diskMost))
      }),
      { numRuns: Number(process.env['FENCELAB_RUNS'] ?? 25) },
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
      },
    ),
    { numRuns: Number(process.env['FENCELAB_RUNS'] ?? 25) },
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
    { numRuns: Number(process.env['FENCELAB_RUNS'] ?? 25) },
  )
})
