/** Whatever happens: what this policy promises, and that it does not promise what others do. */
import * as fc from 'fast-check'
import { createLab, describe, names } from '../lab.ts'
import { expect, it, vi } from 'vitest'
import { perform, scheduleWith, tieBreakerTrouble } from '../schedules.ts'
import type { Timed } from '../schedules.ts'
import type { World } from '../../../../labs/cluster/simulation/world.ts'
import { cases } from '../../../cases.ts'

vi.setConfig({ testTimeout: cases(120_000) })

const runs = { numRuns: cases(25) }
const schedule = scheduleWith(tieBreakerTrouble)

function play(seed: number, actions: readonly Timed[], check: (world: World) => void): World {
  const world = createLab(3, seed, { policy: 'ping-tiebreak', parameters: { tieBreaker: '10.0.0.1' }, check })
  for (const name of names.slice(0, 3)) {
    world.boot(name)
    world.join(name)
  }
  world.run(8000)
  for (const [after, what] of actions) {
    world.run(after)
    perform(world, 3, what)
  }
  world.run(20_000)
  return world
}

it('storage is never asked for anything, and refuses nothing', () => {
  fc.assert(
    fc.property(fc.nat(), schedule, (seed, actions) => {
      const world = play(seed, actions, () => undefined)
      expect(world.lun('data1').look()).toMatchObject({ generation: 0, keys: [], reservation: null })
      expect(world.happenings.filter((one) => one.kind === 'write' && !one.accepted)).toEqual([])
    }),
    runs,
  )
})

it('nodes that hear each other while the group is active on both do not go on', () => {
  fc.assert(
    fc.property(fc.nat(), schedule, (seed, actions) => {
      const world = play(seed, actions, () => undefined)
      for (const name of names.slice(0, 3)) {
        world.wake(name)
        perform(world, 3, { do: 'repair-all' })
      }
      world.run(10_000)
      expect(world.writers().length, describe(world, 3)).toBeLessThanOrEqual(1)
    }),
    runs,
  )
})

it('the storage takes writes of two nodes: random trouble finds it', () => {
  const twice = fc.check(
    fc.property(fc.nat(), schedule, (seed, actions) => {
      let both = false
      play(seed, actions, (world) => (both ||= world.writers().length > 1))
      return !both
    }),
    { numRuns: cases(500), endOnFailure: true },
  )
  expect(twice.failed).toBe(true)
})

it('after any trouble, once all is repaired, a restart of all nodes is green again', () => {
  fc.assert(
    fc.property(fc.nat(), schedule, (seed, actions) => {
      const world = play(seed, actions, () => undefined)
      perform(world, 3, { do: 'repair-all' })
      world.setReachable('data1', true)
      for (const name of names.slice(0, 3)) {
        world.setTieBreaker(name, true)
        world.crash(name)
      }
      world.run(10_000)
      for (const name of names.slice(0, 3)) {
        world.boot(name)
        world.join(name)
      }
      world.run(20_000)
      expect(
        names.slice(0, 3).map((name) => world.status(name).state),
        describe(world, 3),
      ).toEqual(['member', 'member', 'member'])
      expect(world.writers()).toEqual(['a'])
    }),
    runs,
  )
})
