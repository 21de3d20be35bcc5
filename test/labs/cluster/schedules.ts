/** Random trouble for simulated labs: what may happen to links, nodes and arrays, in whatever order. */
import * as fc from 'fast-check'
import { coordination, links, names } from './lab.ts'
import type { World } from '../../../labs/cluster/simulation/world.ts'

export type Action =
  | { readonly do: 'cut' | 'repair'; readonly link: string; readonly from: number; readonly to: number }
  | { readonly do: 'cut-all' | 'repair-all' }
  | { readonly do: 'hang' | 'wake' | 'crash' | 'restart' | 'leave' | 'force-stop' | 'join'; readonly node: number }
  | { readonly do: 'lun-off' | 'lun-on'; readonly lun: string }
  | { readonly do: 'tie-breaker'; readonly node: number; readonly reachable: boolean }
  | { readonly do: 'fence-device'; readonly device: 'power' | 'port' | 'fails' }
export type Timed = readonly [after: number, action: Action]

const node = fc.nat({ max: 3 })
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({
    do: fc.constantFrom('cut' as const, 'repair' as const),
    link: fc.constantFrom(...links),
    from: node,
    to: node,
  }),
  fc.record({ do: fc.constantFrom('cut-all' as const, 'repair-all' as const) }),
  fc.record({
    do: fc.constantFrom(
      'hang' as const,
      'wake' as const,
      'crash' as const,
      'restart' as const,
      'leave' as const,
      'force-stop' as const,
      'join' as const,
    ),
    node,
  }),
  fc.record({
    do: fc.constantFrom('lun-off' as const, 'lun-on' as const),
    lun: fc.constantFrom(...coordination, 'data1'),
  }),
)
/** Trouble that only some policies know. */
export const tieBreakerTrouble: fc.Arbitrary<Action> = fc.record({
  do: fc.constant('tie-breaker' as const),
  node,
  reachable: fc.boolean(),
})
export const fenceTrouble: fc.Arbitrary<Action> = fc.record({
  do: fc.constant('fence-device' as const),
  device: fc.constantFrom('power' as const, 'port' as const, 'fails' as const),
})
export const schedule = scheduleOf(action)

/** The same trouble as always, and this. */
export function scheduleWith(more: fc.Arbitrary<Action>): fc.Arbitrary<Timed[]> {
  return scheduleOf(fc.oneof({ weight: 5, arbitrary: action }, { weight: 1, arbitrary: more }))
}

function scheduleOf(one: fc.Arbitrary<Action>): fc.Arbitrary<Timed[]> {
  return fc.array(fc.tuple(fc.integer({ min: 0, max: 6000 }), one), { maxLength: 14 })
}

export function perform(world: World, count: number, what: Action): void {
  const name = (index: number): string => names[index % count] ?? ''
  switch (what.do) {
    case 'cut':
    case 'repair':
      world[what.do](what.link, { from: name(what.from), to: name(what.to) })
      return
    case 'cut-all':
      for (const link of links) world.cut(link)
      return
    case 'repair-all':
      for (const link of links) world.repair(link)
      return
    case 'hang':
    case 'wake':
    case 'crash':
    case 'leave':
    case 'join':
      world[what.do](name(what.node))
      return
    case 'force-stop':
      world.forceStop(name(what.node))
      return
    case 'restart':
      world.crash(name(what.node))
      world.boot(name(what.node))
      world.join(name(what.node))
      return
    case 'lun-off':
      world.setReachable(what.lun, false)
      return
    case 'lun-on':
      world.setReachable(what.lun, true)
      return
    case 'tie-breaker':
      world.setTieBreaker(name(what.node), what.reachable)
      return
    case 'fence-device':
      world.setFence(what.device)
      return
  }
}

/** Of two nodes that write at the same time, at most one may be let. */
export function checkWriters(world: World): void {
  const writers = world.writers()
  if (writers.length > 1) throw new Error(`at ${world.now()} the storage takes writes of ${writers.join(' and ')}`)
}
