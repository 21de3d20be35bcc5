/** The rows of the VCS I/O fencing scenario table, and what follows from them, in the simulated lab. */
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
  names,
  outcome,
  repairAll,
  split,
  timings,
} from '../lab.ts'
import { expect, it, vi } from 'vitest'
import type { World } from '../../../../labs/cluster/simulation/world.ts'
import { cases } from '../../../cases.ts'

// Shrinking a failure takes longer than the test.
vi.setConfig({ testTimeout: cases(120_000) })

const seeds = fc.integer({ min: 0, max: 1_000_000 })
const some = { numRuns: cases(25) }

function forSeeds(check: (seed: number) => void): void {
  fc.assert(fc.property(seeds, check), some)
}

function panicked(world: World, count: number): string[] {
  return names.slice(0, count).filter((name) => world.condition(name) === 'panicked')
}

it('lets nodes that start at the same moment form one cluster, the group on the lowest', () => {
  forSeeds((seed) => {
    const world = greenLab(3, seed)
    expect(world.writers()).toEqual(['a'])
    expect(world.status('a').epoch).toBe(1)
    for (const lun of coordination) expect(keysOn(world, lun)).toEqual(['a', 'b', 'c'].map(coordinationKey))
    expect(world.lun('data1').look()).toMatchObject({ keys: ['a', 'b', 'c'].map(dataKey), reservation: { type: 5 } })
    expect(world.happenings.filter((one) => one.kind === 'log' && one.code === 'ejected')).toEqual([])
  })
})

it('starts the group on the preferred node', () => {
  forSeeds((seed) => {
    expect(greenLab(2, seed, { preferred: 'b' }).writers()).toEqual(['b'])
  })
})

it('row 1: all private links lost, exactly one node survives and holds the disks alone', () => {
  forSeeds((seed) => {
    const world = greenLab(2, seed)
    cutAll(world)
    expect(world.runUntil(() => panicked(world, 2).length === 1, 20_000)).toBe(true)
    world.run(20_000)
    expect(panicked(world, 2).length).toBe(1)
    const survivor = world.condition('a') === 'running' ? 'a' : 'b'
    expect(world.status(survivor)).toMatchObject({ state: 'member', members: [survivor], active: true })
    expect(keysOn(world, 'data1')).toEqual([dataKey(survivor)])
    for (const lun of coordination) expect(keysOn(world, lun)).toEqual([coordinationKey(survivor)])
    expect(world.writers()).toEqual([survivor])
    expect(codes(world, survivor)).toContain('race-won')
    // The peer was lost, not a link.
    expect(codes(world, survivor)).not.toContain('link-lost')
    expect(codes(world, survivor === 'a' ? 'b' : 'a').slice(-2)).toEqual(['race-lost', 'panic'])
  })
})

it('row 2: the loser of row 1 comes back when the links are repaired', () => {
  forSeeds((seed) => {
    const world = greenLab(2, seed)
    cutAll(world)
    world.runUntil(() => panicked(world, 2).length === 1, 20_000)
    const loser = panicked(world, 2)[0] ?? ''
    world.run(10_000)
    repairAll(world)
    world.boot(loser)
    world.join(loser)
    expect(world.runUntil(() => isGreen(world, 2), 30_000)).toBe(true)
    expect(world.writers()).not.toEqual([loser])
  })
})

it('row 3: one link lost is said on every node, nothing else happens, and it is used again', () => {
  forSeeds((seed) => {
    const world = greenLab(2, seed)
    world.cut('priv1')
    world.run(10_000)
    expect(outcome(world, 2)).toEqual({ a: 'member', b: 'member' })
    world.repair('priv1')
    world.run(2000)
    for (const name of ['a', 'b']) {
      expect(codes(world, name).filter((code) => code.startsWith('link'))).toEqual(['link-lost', 'link-up'])
      expect(codes(world, name)).not.toContain('membership-change')
      expect(world.status(name).links).toEqual({ priv1: [name === 'a' ? 'b' : 'a'], priv2: [name === 'a' ? 'b' : 'a'] })
    }
  })
})

it('row 3, one direction only: the node that hears nothing says so', () => {
  const world = greenLab(2, 7)
  world.cut('priv2', { from: 'a', to: 'b' })
  world.run(5000)
  expect(outcome(world, 2)).toEqual({ a: 'member', b: 'member' })
  expect(codes(world, 'b')).toContain('link-lost')
  expect(codes(world, 'a')).not.toContain('link-lost')
})

it('row 4: a hung node is ejected while it hangs, and panics when it wakes', () => {
  forSeeds((seed) => {
    const world = greenLab(2, seed)
    world.hang('a')
    world.run(15_000)
    expect(keysOn(world, 'data1')).toEqual([dataKey('b')])
    for (const lun of coordination) expect(keysOn(world, lun)).toEqual([coordinationKey('b')])
    expect(world.writers()).toEqual(['b'])
    world.wake('a')
    world.run(3000)
    // It gave its peer time to be heard instead of racing at once.
    expect(codes(world, 'a')).not.toContain('membership-change')
    expect(outcome(world, 2)).toEqual({ a: 'panicked', b: 'member' })
    expect(codes(world, 'a').filter((code) => code === 'was-hung' || code === 'ejected')).toEqual([
      'was-hung',
      'ejected',
    ])
  })
})

it('a short hang is survived', () => {
  forSeeds((seed) => {
    const world = greenLab(2, seed)
    world.hang('a')
    world.run(1200)
    world.wake('a')
    world.run(10_000)
    expect(outcome(world, 2)).toEqual({ a: 'member', b: 'member' })
    expect(codes(world, 'a')).toContain('was-hung')
  })
})

it('row 5: both restart with keys on the disks and the links dead: both drop out, no key is added or removed', () => {
  forSeeds((seed) => {
    const world = greenLab(2, seed)
    world.crash('a')
    world.crash('b')
    cutAll(world)
    const before = coordination.map((lun) => keysOn(world, lun))
    for (const name of ['a', 'b']) {
      world.boot(name)
      world.join(name)
    }
    world.run(20_000)
    expect(outcome(world, 2)).toEqual({ a: 'refused', b: 'refused' })
    for (const name of ['a', 'b']) {
      expect(world.status(name).text).toMatch(/^Potentially a preexisting split brain\. Dropping out of the cluster\./)
    }
    expect(coordination.map((lun) => keysOn(world, lun))).toEqual(before)
    expect(world.writers()).toEqual([])
  })
})

it('row 6: the peer crashed while this node was down: it finds the key and drops out', () => {
  forSeeds((seed) => {
    const world = greenLab(2, seed)
    world.leave('b')
    world.runUntil(() => world.status('b').state === 'left', 10_000)
    world.run(3000)
    world.crash('a')
    world.boot('b')
    world.join('b')
    world.run(20_000)
    expect(outcome(world, 2)).toEqual({ a: 'off', b: 'refused' })
    for (const lun of coordination) expect(keysOn(world, lun)).toEqual([coordinationKey('a')])
  })
})

it('row 7: two of three coordination points off and nobody leaves: both go on', () => {
  const world = greenLab(2, 11)
  world.setReachable('coord2', false)
  world.setReachable('coord3', false)
  world.run(30_000)
  expect(outcome(world, 2)).toEqual({ a: 'member', b: 'member' })
})

it('row 8: two of three coordination points off, one leaves cleanly: the other goes on', () => {
  forSeeds((seed) => {
    const world = greenLab(2, seed)
    world.setReachable('coord2', false)
    world.setReachable('coord3', false)
    world.leave('a')
    world.run(30_000)
    expect(outcome(world, 2)).toEqual({ a: 'left', b: 'member' })
    expect(codes(world, 'b')).not.toContain('membership-change')
    expect(world.writers()).toEqual(['b'])
  })
})

it('row 9: two of three coordination points off and the links split: nobody has a majority, all panic', () => {
  forSeeds((seed) => {
    const world = greenLab(2, seed)
    world.setReachable('coord2', false)
    world.setReachable('coord3', false)
    cutAll(world)
    world.run(40_000)
    expect(outcome(world, 2)).toEqual({ a: 'panicked', b: 'panicked' })
  })
})

it('row 9 with a crash: the remaining node panics', () => {
  const world = greenLab(2, 3)
  world.setReachable('coord1', false)
  world.setReachable('coord2', false)
  world.crash('b')
  world.run(40_000)
  expect(outcome(world, 2)).toEqual({ a: 'panicked', b: 'off' })
})

it('row 14: keys cleared behind the cluster on a majority: nothing happens until the split, then all panic', () => {
  forSeeds((seed) => {
    const world = greenLab(2, seed)
    for (const lun of ['coord1', 'coord3']) world.lun(lun).clear()
    world.run(30_000)
    expect(outcome(world, 2)).toEqual({ a: 'member', b: 'member' })
    cutAll(world)
    world.run(30_000)
    expect(outcome(world, 2)).toEqual({ a: 'panicked', b: 'panicked' })
    for (const name of ['a', 'b']) {
      expect(codes(world, name)).toContain('race-lost')
      expect(dataOf(world, name, 'race-point')).toContainEqual({
        point: 'coord1',
        result: 'lost',
        why: 'own key is gone',
      })
    }
  })
})

it('keys cleared on one point only: the split is decided by the others', () => {
  forSeeds((seed) => {
    const world = greenLab(2, seed)
    world.lun('coord1').clear()
    cutAll(world)
    world.run(30_000)
    expect(panicked(world, 2)).toHaveLength(1)
  })
})

it('one of three coordination points off does not hinder a race', () => {
  forSeeds((seed) => {
    const world = greenLab(2, seed)
    world.setReachable('coord1', false)
    cutAll(world)
    world.run(40_000)
    expect(panicked(world, 2).length).toBe(1)
  })
})

it('leaves cleanly without a race; the other takes the group over and holds the reservation', () => {
  forSeeds((seed) => {
    const world = greenLab(2, seed)
    world.leave('a')
    world.runUntil(() => world.writers().includes('b'), 20_000)
    world.run(5000)
    expect(outcome(world, 2)).toEqual({ a: 'left', b: 'member' })
    expect(world.status('b')).toMatchObject({ members: ['b'], active: true, epoch: 2 })
    for (const name of ['a', 'b']) expect(codes(world, name)).not.toContain('membership-change')
    for (const lun of coordination) expect(keysOn(world, lun)).toEqual([coordinationKey('b')])
    expect(world.lun('data1').look()).toMatchObject({
      keys: [dataKey('b')],
      reservation: { key: dataKey('b'), type: 5 },
    })
    world.leave('b')
    world.run(5000)
    expect([...coordination, 'data1'].map((lun) => keysOn(world, lun))).toEqual([[], [], [], []])
  })
})

it('comes back after it left', () => {
  forSeeds((seed) => {
    const world = greenLab(2, seed)
    world.leave('b')
    world.runUntil(() => world.status('b').state === 'left', 10_000)
    world.join('b')
    expect(world.runUntil(() => isGreen(world, 2), 30_000)).toBe(true)
    expect(world.writers()).toEqual(['a'])
  })
})

it('four nodes, 3 against 1: the larger side wins', () => {
  forSeeds((seed) => {
    const world = greenLab(4, seed)
    split(world, ['a'], ['b', 'c', 'd'])
    world.run(30_000)
    expect(outcome(world, 4)).toEqual({ a: 'panicked', b: 'member', c: 'member', d: 'member' })
    expect(world.status('c').members).toEqual(['b', 'c', 'd'])
    expect(world.writers()).toEqual(['b'])
    expect(keysOn(world, 'data1')).toEqual(['b', 'c', 'd'].map(dataKey))
  })
})

it('three nodes, 2 against 1: the log tells who raced, for whom, and how it ended', () => {
  forSeeds((seed) => {
    const world = greenLab(3, seed)
    split(world, ['a', 'b'], ['c'])
    world.run(30_000)
    expect(outcome(world, 3)).toEqual({ a: 'member', b: 'member', c: 'panicked' })
    for (const name of ['a', 'b']) {
      expect(dataOf(world, name, 'peer-lost')[0]).toEqual({ node: 'c' })
      expect(dataOf(world, name, 'membership-change')).toEqual([
        { racer: 'a', side: ['a', 'b'], lost: ['c'], delay: 0 },
      ])
    }
    expect(dataOf(world, 'a', 'race-point').slice(0, 2)).toMatchObject([
      { point: 'coord1', result: 'won' },
      { point: 'coord2', result: 'won' },
    ])
    expect(dataOf(world, 'a', 'race-won')).toEqual([{ won: 2, needed: 2, total: 3, lost: ['c'] }])
    expect(dataOf(world, 'b', 'race-survived')).toEqual([{ racer: 'a' }])
    const { raceDelay } = timings
    expect(dataOf(world, 'c', 'membership-change')).toEqual([
      { racer: 'c', side: ['c'], lost: ['a', 'b'], delay: raceDelay },
    ])
    expect(dataOf(world, 'c', 'race-lost')).toEqual([{ won: 0, needed: 2, total: 3 }])
  })
})

it('four nodes, 2 against 2: one side survives as a whole, the other panics as a whole', () => {
  forSeeds((seed) => {
    const world = greenLab(4, seed)
    split(world, ['a', 'b'], ['c', 'd'])
    world.run(30_000)
    const winners = world.condition('a') === 'running' ? ['a', 'b'] : ['c', 'd']
    for (const name of names) {
      expect([name, world.condition(name)]).toEqual([name, winners.includes(name) ? 'running' : 'panicked'])
    }
    expect(world.status(winners[1] ?? '').members).toEqual(winners)
    const [racer = '', spectator = ''] = winners
    const [losingRacer = '', losingSpectator = ''] = names.filter((name) => !winners.includes(name))
    expect(dataOf(world, spectator, 'race-survived')).toEqual([{ racer }])
    expect(dataOf(world, losingSpectator, 'race-lost')).toEqual([{ racer: losingRacer }])
    expect(keysOn(world, 'data1')).toEqual(winners.map(dataKey))
    for (const lun of coordination) expect(keysOn(world, lun)).toEqual(winners.map(coordinationKey))
    expect(world.writers().length).toBe(1)
  })
})

it('three nodes, two of which do not hear each other: the third decides, and one of the two goes', () => {
  forSeeds((seed) => {
    const world = greenLab(3, seed)
    split(world, ['b'], ['c'])
    world.run(30_000)
    expect(world.condition('a')).toBe('running')
    expect(panicked(world, 3)).toHaveLength(1)
    const stayed = panicked(world, 3)[0] === 'b' ? 'c' : 'b'
    expect(world.status('a').members).toEqual(['a', stayed])
    expect(world.status(stayed).members).toEqual(['a', stayed])
  })
})

it('spectators panic when their racer disappears in the middle of the race', () => {
  const world = greenLab(3, 5, { diskDelay: [400, 500] })
  split(world, ['a', 'b'], ['c'])
  expect(world.runUntil(() => world.status('b').state === 'waiting', 10_000)).toBe(true)
  world.crash('a')
  world.run(10_000)
  expect(world.condition('b')).toBe('panicked')
  expect(codes(world, 'b')).toContain('racer-lost')
})

it('drops out when a key of nobody is on a coordination point, and names it', () => {
  const world = createLab(2, 1)
  world.lun('coord2').plant('somebody', '0xbad')
  world.boot('a')
  world.join('a')
  world.run(5000)
  expect(outcome(world, 1)).toEqual({ a: 'refused' })
  expect(codes(world, 'a')).toContain('foreign-key')
  expect(world.status('a').text).toContain('0xbad on coord2')
  expect(coordination.map((lun) => keysOn(world, lun))).toEqual([[], ['0xbad'], []])
})

it('ejects a key that an earlier life left on a data disk before the group starts', () => {
  const world = createLab(2, 1)
  world.lun('data1').plant('b', dataKey('b'))
  world.boot('a')
  world.join('a')
  let atStart: string[] = []
  expect(
    world.runUntil(() => {
      atStart = keysOn(world, 'data1')
      return world.status('a').active
    }, 30_000),
  ).toBe(true)
  expect(atStart).toEqual([dataKey('a')])
})

it('does not join without a majority of coordination points', () => {
  const world = createLab(2, 1)
  world.setReachable('coord1', false)
  world.setReachable('coord3', false)
  world.boot('a')
  world.join('a')
  world.run(20_000)
  expect(outcome(world, 1)).toEqual({ a: 'refused' })
  expect(codes(world, 'a')).toContain('coordination-unreachable')
  expect(keysOn(world, 'coord2')).toEqual([])
})

it('refuses a join while a node is being ejected, and lets it in when it tries again', () => {
  const world = greenLab(3, 9, { diskDelay: [300, 400] })
  world.leave('c')
  world.runUntil(() => world.status('c').state === 'left', 20_000)
  world.run(5000)
  world.crash('b')
  world.run(500)
  world.join('c')
  expect(world.runUntil(() => world.status('c').state === 'member', 60_000)).toBe(true)
  expect(codes(world, 'c')).toContain('fence-in-progress')
  expect(world.status('a').members).toEqual(['a', 'c'])
})

it('a node that restarts faster than the timeout is fenced all the same, and then let in', () => {
  forSeeds((seed) => {
    const world = greenLab(2, seed)
    world.crash('b')
    world.run(300)
    world.boot('b')
    world.join('b')
    expect(world.runUntil(() => codes(world, 'a').includes('race-won'), 20_000)).toBe(true)
    expect(world.runUntil(() => isGreen(world, 2), 60_000)).toBe(true)
  })
})

it('two nodes that start with dead links: never two clusters', () => {
  forSeeds((seed) => {
    const world = createLab(2, seed)
    cutAll(world)
    for (const name of ['a', 'b']) {
      world.boot(name)
      world.join(name)
    }
    world.run(30_000)
    expect(Object.values(outcome(world, 2)).filter((state) => state === 'member').length).toBeLessThanOrEqual(1)
    expect(world.writers().length).toBeLessThanOrEqual(1)
  })
})
