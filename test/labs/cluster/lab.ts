/** Small simulated labs for the tests of the protocol. */
import type { LogCode, LogData } from '../../../labs/cluster/policy.ts'
import type { World, WorldOptions } from '../../../labs/cluster/simulation/world.ts'
import { createRandom } from '../../../labs/cluster/simulation/random.ts'
import { createWorld } from '../../../labs/cluster/simulation/world.ts'
import * as v from 'valibot'
import { timingsSchema } from '../../../labs/cluster/config.ts'

export const coordination = ['coord1', 'coord2', 'coord3']
export const links = ['priv1', 'priv2']
export const names = ['a', 'b', 'c', 'd']
export const timings = v.parse(timingsSchema, {})

/** Acknowledged writes of the group, by node, from a moment on. */
export function writesSince(world: World, since: number): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const one of world.happenings) {
    if (one.kind === 'write' && one.accepted && one.at >= since) counts[one.node] = (counts[one.node] ?? 0) + 1
  }
  return counts
}

export function nodesOf(count: number): WorldOptions['nodes'] {
  return names
    .slice(0, count)
    .map((name, id) => ({ name, id, keys: { coordination: coordinationKey(name), data: dataKey(name) } }))
}

export function coordinationKey(name: string): string {
  return `0xc${names.indexOf(name)}`
}

export function dataKey(name: string): string {
  return `0xd${names.indexOf(name)}`
}

export function createLab(count: number, seed: number, more: Partial<WorldOptions> = {}): World {
  return createWorld({
    nodes: nodesOf(count),
    links,
    coordination,
    data: ['data1'],
    timings,
    random: createRandom(seed),
    ...more,
  })
}

/** All nodes booted, joined, members of one cluster, the group active on one. */
export function greenLab(count: number, seed: number, more: Partial<WorldOptions> = {}): World {
  const world = createLab(count, seed, more)
  for (const name of names.slice(0, count)) {
    world.boot(name)
    world.join(name)
  }
  if (!world.runUntil(() => isGreen(world, count), 60_000)) throw new Error(`not green: ${describe(world, count)}`)
  return world
}

export function isGreen(world: World, count: number): boolean {
  const statuses = names.slice(0, count).map((name) => world.status(name))
  return (
    statuses.every((status) => status.state === 'member' && status.members.length === count) &&
    statuses.filter((status) => status.active).length === 1
  )
}

/** What became of every node, in one comparable value. */
export function outcome(world: World, count: number): Record<string, string> {
  return Object.fromEntries(
    names.slice(0, count).map((name) => {
      const condition = world.condition(name)
      return [name, condition === 'running' ? world.status(name).state : condition]
    }),
  )
}

export function codes(world: World, node: string): LogCode[] {
  return world.happenings.flatMap((one) => (one.node === node && one.kind === 'log' ? [one.code] : []))
}

/** The data of all log lines of a node with that code. */
export function dataOf(world: World, node: string, code: LogCode): LogData[] {
  return world.happenings.flatMap((one) =>
    one.node === node && one.kind === 'log' && one.code === code ? [one.data] : [],
  )
}

export function cutAll(world: World): void {
  for (const link of links) world.cut(link)
}

export function repairAll(world: World): void {
  for (const link of links) world.repair(link)
}

/** Cuts all links between two sides. */
export function split(world: World, left: readonly string[], right: readonly string[]): void {
  for (const link of links) {
    for (const from of left) {
      for (const to of right) {
        world.cut(link, { from, to })
        world.cut(link, { from: to, to: from })
      }
    }
  }
}

export function keysOn(world: World, lun: string): string[] {
  return [...world.lun(lun).look().keys]
}

export function describe(world: World, count: number): string {
  return JSON.stringify({
    statuses: names.slice(0, count).map((name) => [name, world.condition(name), world.status(name)]),
    happenings: world.happenings.filter((one) => one.kind !== 'write'),
  })
}
