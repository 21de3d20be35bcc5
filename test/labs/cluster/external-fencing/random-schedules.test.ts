/**
 * Whatever happens, with a fence device that tells the truth: the storage never takes writes of two nodes, and the group
 * never starts anew before its last owner is proved to be fenced, or left, or came back as another.
 */
import * as fc from 'fast-check'
import { checkWriters, fenceTrouble, perform, scheduleWith } from '../schedules.ts'
import { createLab, describe, names } from '../lab.ts'
import { expect, it, vi } from 'vitest'
import type { Timed } from '../schedules.ts'
import type { World } from '../../../../labs/cluster/simulation/world.ts'
import { cases } from '../../../cases.ts'

vi.setConfig({ testTimeout: cases(120_000) })

const runs = { numRuns: cases(25) }
const schedule = scheduleWith(fenceTrouble)

function play(count: number, seed: number, actions: readonly Timed[], parameters = {}): World {
  const world = createLab(count, seed, {
    policy: 'external-fencing',
    parameters: { fence: { command: ['fence'] }, ...parameters },
    check: checkWriters,
  })
  for (const name of names.slice(0, count)) {
    world.boot(name)
    world.join(name)
  }
  world.run(8000)
  for (const [after, what] of actions) {
    world.run(after)
    perform(world, count, what)
  }
  world.run(30_000)
  return world
}

/** Every start of the group after one that had no clean end needs a proof in between. */
function checkProofs(world: World): void {
  let owner: string | null = null
  for (const one of world.happenings) {
    if (one.kind === 'fence' && one.ok && one.victim === owner) owner = null
    // Nothing of its writes is on its way any more.
    if (one.kind === 'log' && one.node === owner && (one.code === 'left' || one.code === 'joining')) owner = null
    if (one.kind === 'group' && one.active) {
      if (owner !== null && owner !== one.node) throw new Error(`at ${one.at} ${one.node} starts the group of ${owner}`)
      owner = one.node
    }
  }
}

for (const count of [2, 3]) {
  it(`${count} nodes: never two writers, never a start without a proof`, () => {
    fc.assert(
      fc.property(fc.nat(), schedule, fc.boolean(), (seed, actions, panicOnRefusal) => {
        checkProofs(play(count, seed, actions, { panicOnRefusal }))
      }),
      runs,
    )
  })
}

it('after any trouble, once all is repaired, a restart of all nodes is green again', () => {
  fc.assert(
    fc.property(fc.nat(), schedule, (seed, actions) => {
      const world = play(3, seed, actions)
      perform(world, 3, { do: 'repair-all' })
      world.setReachable('data1', true)
      world.setFence('power')
      for (const name of names.slice(0, 3)) {
        world.openPort(name)
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
