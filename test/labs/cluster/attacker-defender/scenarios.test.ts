/** "Avoiding the Inconvenience": EXPRESSCLUSTER's attacker and defender, with what their scripts do well and what not. */
import * as fc from 'fast-check'
import { codes, createLab, cutAll, dataOf, greenLab, isGreen, outcome, timings, writesSince } from '../lab.ts'
import { expect, it, vi } from 'vitest'
import type { ParametersInput } from '../../../../labs/cluster/parameters.ts'
import type { World } from '../../../../labs/cluster/simulation/world.ts'
import { cases } from '../../../cases.ts'

// Shrinking a failure takes longer than the test.
vi.setConfig({ testTimeout: cases(120_000) })

const keyOf = { a: '0xabc001', b: '0xabc002' } as const
const nodes = (['a', 'b'] as const).map((name, id) => ({
  name,
  id,
  keys: { coordination: `0x${id + 1}`, data: keyOf[name] },
}))
const types = [1, 3, 5] as const

const options = (parameters: ParametersInput = {}) => ({ policy: 'attacker-defender', nodes, parameters }) as const

function green(seed: number, parameters: ParametersInput = {}): World {
  return greenLab(2, seed, options(parameters))
}

function forSeeds(check: (seed: number) => void): void {
  fc.assert(fc.property(fc.nat(), check), { numRuns: cases(25) })
}

function holder(world: World): string | undefined {
  return world.lun('data1').look().reservation?.key
}

/** The moment after a defender took the reservation again: the next hole is a whole interval away. */
function untilFreshlyHeld(world: World, key: string): void {
  const gone = world.runUntil(() => holder(world) === undefined, 20_000)
  const back = world.runUntil(() => holder(world) === key, 20_000)
  if (!gone || !back) throw new Error('nobody defends')
}

/** a is frozen, b took over. */
function takenOver(seed: number, parameters: ParametersInput = {}): World {
  const world = green(seed, parameters)
  world.hang('a')
  if (!world.runUntil(() => world.status('b').active, 60_000)) throw new Error('b did not take over')
  return world
}

it.each(types)(
  'type %i: green after one attack, reserved by the one that runs the group, nobody else registered',
  (type) => {
    forSeeds((seed) => {
      const world = green(seed, { reservationType: type })
      expect(codes(world, 'a').filter((code) => code.startsWith('attack'))).toEqual(['attack', 'attack-won'])
      expect(dataOf(world, 'a', 'attack')).toEqual([{ rounds: 3, attackWait: 7000, type, key: keyOf.a }])
      expect(codes(world, 'b')).not.toContain('attack')
      world.run(10_000)
      untilFreshlyHeld(world, keyOf.a)
      expect(world.lun('data1').look()).toMatchObject({ keys: [keyOf.a], reservation: { key: keyOf.a, type } })
      world.run(30_000)
      expect(isGreen(world, 2)).toBe(true)
    })
  },
)

it('the defender on Linux lets go of the reservation in every cycle, and logs no failed step while nobody attacks', () => {
  const world = green(1)
  for (let cycle = 0; cycle < 5; cycle++) untilFreshlyHeld(world, keyOf.a)
  expect(dataOf(world, 'a', 'script-step').filter((data) => data['script'] === 'defender')).toMatchObject([
    // Registered once more than needed, at the beginning: 24, "normal noise" (and 2, which is forgiven, it is not).
    { step: 'register', exit: 24 },
  ])
})

it.each([1, 3] as const)('type %i, the frozen one: no write of it lands once the other runs the group', (type) => {
  forSeeds((seed) => {
    const world = takenOver(seed, { reservationType: type })
    untilFreshlyHeld(world, keyOf.b)
    const woken = world.now()
    world.wake('a')
    world.run(20_000)
    expect(Object.keys(writesSince(world, woken))).toEqual(['b'])
    expect(world.overwritten()).toEqual([])
    // It stays a member, without the group, and nobody panicked.
    expect(outcome(world, 2)).toEqual({ a: 'member', b: 'member' })
    expect([world.status('a').active, world.status('b').active]).toEqual([false, true])
    expect(codes(world, 'a')).toEqual(expect.arrayContaining(['write-refused', 'failed-defender', 'group-stopped']))
    expect(dataOf(world, 'b', 'attack-won')).toEqual([{ round: 1 }])
    expect(world.status('a').text).toMatch(/^Reserve not found\. Will SUICIDE as failed defender: the group is stopped/)
  })
})

it('a failed defender does not start the group again before it joined anew', () => {
  const world = takenOver(5)
  untilFreshlyHeld(world, keyOf.b)
  world.wake('a')
  world.runUntil(() => codes(world, 'a').includes('group-stopped'), 20_000)
  world.crash('b')
  world.run(60_000)
  expect(world.status('a')).toMatchObject({ state: 'member', members: ['a'], active: false })
  expect(codes(world, 'a').filter((code) => code === 'attack')).toHaveLength(1)
  world.leave('a')
  world.run(2000)
  world.join('a')
  expect(world.runUntil(() => world.status('a').active, 30_000)).toBe(true)
})

it('the hole of every cycle: a frozen node that wakes in it writes, and its write lands', () => {
  let landed = 0
  for (let seed = 0; seed < 20; seed++) {
    const world = takenOver(seed)
    untilFreshlyHeld(world, keyOf.b)
    world.runUntil(() => holder(world) === undefined, 20_000)
    const woken = world.now()
    world.wake('a')
    world.run(timings.heartbeatInterval)
    if ((writesSince(world, woken)['a'] ?? 0) > 0) landed++
  }
  expect(landed).toBeGreaterThan(0)
})

it('type 5 lets every registrant write: a woken loser that registered before it looked does', () => {
  let landed = 0
  for (let seed = 0; seed < 40; seed++) {
    const world = green(seed, { reservationType: 5 })
    // Frozen within its cycle: the next that it does is to register.
    world.runUntil(() => holder(world) === undefined, 20_000)
    world.hang('a')
    if (!world.runUntil(() => world.status('b').active, 60_000)) continue
    untilFreshlyHeld(world, keyOf.b)
    const woken = world.now()
    world.wake('a')
    world.run(1000)
    if (holder(world) === keyOf.b && (writesSince(world, woken)['a'] ?? 0) > 0) landed++
  }
  expect(landed).toBeGreaterThan(0)
})

it('a dead network: the defender lives and keeps the disk, the attacker gives up after three rounds', () => {
  let kept = 0
  forSeeds((seed) => {
    const world = green(seed)
    cutAll(world)
    const began = world.now()
    const over = world.runUntil(() => codes(world, 'b').some((code) => code === 'attack-lost'), 60_000)
    if (!over) {
      // The attacker's CLEAR came between the defender's RESERVE and its check: the healthy defender gave up.
      expect(codes(world, 'a')).toContain('failed-defender')
      expect([world.status('a').active, world.status('b').active]).toEqual([false, true])
      return
    }
    kept++
    expect(world.now() - began).toBeGreaterThan(3 * 7000)
    expect(dataOf(world, 'b', 'attack-lost')).toEqual([{ rounds: 3 }])
    world.run(30_000)
    expect([world.status('a').active, world.status('b').active]).toEqual([true, false])
    expect(world.status('a').epoch).toBe(1)
    expect(codes(world, 'b').filter((code) => code === 'attack')).toHaveLength(1)
  })
  expect(kept).toBeGreaterThan(15)
})

it('a delay longer than the heartbeat timeout, but not than the attack: the defender takes the disk back', () => {
  let kept = 0
  forSeeds((seed) => {
    const world = green(seed)
    world.hang('a')
    world.run(4000)
    world.wake('a')
    world.run(60_000)
    const active = [world.status('a').active, world.status('b').active]
    expect(active.filter(Boolean).length).toBe(1)
    if (active[0]) kept++
  })
  expect(kept).toBeGreaterThan(15)
})

it('a crashed node is replaced, comes back without the group, and defends nothing', () => {
  forSeeds((seed) => {
    const world = green(seed)
    world.crash('a')
    expect(world.runUntil(() => world.status('b').active, 30_000)).toBe(true)
    world.boot('a')
    world.join('a')
    expect(world.runUntil(() => isGreen(world, 2), 20_000)).toBe(true)
    world.run(20_000)
    expect([world.status('a').active, world.status('b').active]).toEqual([false, true])
    expect(codes(world, 'a').filter((code) => code === 'attack')).toHaveLength(1)
  })
})

it('leaves cleanly: keys and reservation stay, the other attacks and wins at once', () => {
  forSeeds((seed) => {
    const world = green(seed)
    world.leave('a')
    expect(world.runUntil(() => world.status('b').active, 30_000)).toBe(true)
    expect(codes(world, 'a')).toContain('key-left-behind')
    expect(dataOf(world, 'b', 'attack-won')).toEqual([{ round: 1 }])
    expect(outcome(world, 2)).toEqual({ a: 'left', b: 'member' })
  })
})

it('somebody else takes the disk: the group stops, its node stays up, and nobody starts it again', () => {
  const world = green(3)
  untilFreshlyHeld(world, keyOf.a)
  const lun = world.lun('data1')
  lun.execute('stranger', { kind: 'register', key: '0x5' })
  lun.execute('stranger', { kind: 'clear', key: '0x5' })
  lun.execute('stranger', { kind: 'register', key: '0x5' })
  lun.execute('stranger', { kind: 'reserve', key: '0x5', type: 3 })
  world.run(60_000)
  expect(outcome(world, 2)).toEqual({ a: 'member', b: 'member' })
  expect([world.status('a').active, world.status('b').active]).toEqual([false, false])
  expect(codes(world, 'b')).not.toContain('attack')
  world.leave('a')
  world.join('a')
  world.run(30_000)
  expect(codes(world, 'b')).not.toContain('attack')
})

it('a group whose start failed is not started again before its next owner is lost', () => {
  const world = createLab(2, 4, options())
  const lun = world.lun('data1')
  lun.execute('stranger', { kind: 'register', key: '0x5' })
  lun.execute('stranger', { kind: 'reserve', key: '0x5', type: 3 })
  const defend = (): void => {
    lun.execute('stranger', { kind: 'register', key: '0x5' })
    lun.execute('stranger', { kind: 'reserve', key: '0x5', type: 3 })
    lun.execute('stranger', { kind: 'read-keys' })
  }
  for (const name of ['a', 'b']) {
    world.boot(name)
    world.join(name)
  }
  for (let round = 0; round < 40; round++) {
    world.run(1500)
    defend()
  }
  expect(dataOf(world, 'a', 'attack-lost')).toEqual([{ rounds: 3 }])
  world.run(60_000)
  expect(codes(world, 'a').filter((code) => code === 'attack')).toHaveLength(1)
  expect(codes(world, 'b')).not.toContain('attack')
})
