/**
 * Whatever happens, as long as a reservation is held, the storage takes the group's writes from one node at the most. The
 * scripts do not promise more: every CLEAR makes a hole, the defender's on Linux and an attacker's on both, and under type 5
 * all registrants may write (scenarios.test.ts).
 */
import * as fc from 'fast-check'
import { createLab, describe, names } from '../lab.ts'
import { checkWriters, perform, schedule } from '../schedules.ts'
import { expect, it, vi } from 'vitest'
import type { ParametersInput } from '../../../../labs/cluster/parameters.ts'
import type { Timed } from '../schedules.ts'
import type { World } from '../../../../labs/cluster/simulation/world.ts'
import { cases } from '../../../cases.ts'

vi.setConfig({ testTimeout: cases(120_000) })

const runs = { numRuns: cases(25) }
const nodesOf = (count: number) =>
  names.slice(0, count).map((name, id) => ({
    name,
    id,
    keys: { coordination: `0x${id + 1}`, data: `0xabc00${id + 1}` },
  }))

function checkHeld(world: World): void {
  if (world.lun('data1').look().reservation !== null) checkWriters(world)
}

function play(
  seed: number,
  actions: readonly Timed[],
  parameters: ParametersInput,
  { check = checkHeld, count = 3 } = {},
): World {
  const nodes = nodesOf(count)
  const world = createLab(count, seed, { policy: 'attacker-defender', nodes, parameters, check })
  for (const { name } of nodes) {
    world.boot(name)
    world.join(name)
  }
  world.run(15_000)
  for (const [after, what] of actions) {
    world.run(after)
    perform(world, count, what)
  }
  world.run(40_000)
  return world
}

it.each([1, 3] as const)('Linux, type %i: never two writers while it is reserved', (reservationType) => {
  fc.assert(
    fc.property(fc.nat(), schedule, (seed, actions) => {
      play(seed, actions, { reservationType })
    }),
    runs,
  )
})

it('Windows: never two writers while it is reserved; and of two nodes, where nobody attacks a third, never at all', () => {
  fc.assert(
    fc.property(fc.nat(), schedule, (seed, actions) => {
      play(seed, actions, { variant: 'windows' })
      play(seed, actions, { variant: 'windows' }, { check: checkWriters, count: 2 })
    }),
    runs,
  )
})

it('after any trouble, once all is repaired, a restart of all nodes is green again', () => {
  fc.assert(
    fc.property(fc.nat(), schedule, (seed, actions) => {
      const world = play(seed, actions, {})
      perform(world, 3, { do: 'repair-all' })
      world.setReachable('data1', true)
      for (const name of names.slice(0, 3)) world.crash(name)
      world.run(10_000)
      for (const name of names.slice(0, 3)) {
        world.boot(name)
        world.join(name)
      }
      world.run(40_000)
      const states = names.slice(0, 3).map((name) => world.status(name))
      expect(
        states.map((status) => [status.state, status.active]),
        describe(world, 3),
      ).toEqual([
        ['member', true],
        ['member', false],
        ['member', false],
      ])
    }),
    runs,
  )
})
