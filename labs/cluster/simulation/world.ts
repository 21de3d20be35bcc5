/**
 * A whole lab in one process, on a virtual clock: nodes that run the protocol, links that can be cut per direction, LUNs,
 * hangs, panics. Deterministic: the same random numbers and the same calls give the same run.
 */
import * as v from 'valibot'
import type { ClusterConfig, Timings } from '../config.ts'
import type { Effect, Input, LogCode, LogData, Status } from '../policy.ts'
import type { DiskAnswer } from '../disk.ts'
import type { FenceDevice } from './outside.ts'
import type { Machine } from '../policies.ts'
import type { Overwritten } from './shared-ledger.ts'
import type { ParametersInput } from '../parameters.ts'
import type { PolicyName } from '../policy-names.ts'
import type { SimulatedLun } from './simulated-lun.ts'
import { assertNever } from '../../assert-never.ts'
import { createOutside } from './outside.ts'
import { createSharedLedger } from './shared-ledger.ts'
import { createSimulatedLun } from './simulated-lun.ts'
import { parametersSchema } from '../parameters.ts'
import { startMachine } from '../policies.ts'

export type NodeCondition = 'running' | 'hung' | 'panicked' | 'off'

export interface WorldOptions {
  readonly nodes: readonly {
    readonly name: string
    readonly id: number
    readonly keys: { readonly coordination: string; readonly data: string }
  }[]
  readonly links: readonly string[]
  readonly coordination: readonly string[]
  readonly data: readonly string[]
  readonly preferred?: string
  readonly timings: Timings
  /** coordinator-race if absent */
  readonly policy?: PolicyName
  readonly parameters?: ParametersInput
  /** numbers in [0, 1): delays */
  readonly random: () => number
  /** milliseconds, least and most */
  readonly messageDelay?: readonly [number, number]
  readonly diskDelay?: readonly [number, number]
  /** called after every event */
  readonly check?: (world: World) => void
}

/** Something that a node did, for looking back. Times in milliseconds of the world. */
export type Happening =
  | {
      readonly at: number
      readonly node: string
      readonly kind: 'log'
      readonly code: LogCode
      readonly text: string
      readonly data: LogData
    }
  | { readonly at: number; readonly node: string; readonly kind: 'panic'; readonly text: string }
  | {
      readonly at: number
      readonly node: string
      readonly kind: 'group'
      readonly active: boolean
      readonly epoch: number
    }
  | {
      readonly at: number
      readonly node: string
      readonly kind: 'write'
      readonly number: number
      readonly epoch: number
      readonly accepted: boolean
    }
  | {
      readonly at: number
      readonly node: string
      readonly kind: 'fence'
      readonly victim: string
      readonly ok: boolean
    }

export interface World {
  now(): number
  /** Lets time pass. */
  run(milliseconds: number): void
  /** Lets time pass until it is so. @returns false if it was not so within the limit */
  runUntil(condition: () => boolean, limit: number): boolean
  /** Starts a node (again) from nothing; it does not join by itself. */
  boot(node: string): void
  join(node: string): void
  leave(node: string): void
  forceStop(node: string): void
  /** Power off: nothing more comes from it. */
  crash(node: string): void
  hang(node: string): void
  wake(node: string): void
  /** Cuts (or repairs) a link in one direction between two nodes, or all of it. */
  cut(link: string, direction?: { readonly from: string; readonly to: string }): void
  repair(link: string, direction?: { readonly from: string; readonly to: string }): void
  /** An array that lost power keeps its keys (APTPL), it just does not answer. */
  setReachable(lun: string, reachable: boolean): void
  lun(name: string): SimulatedLun
  /** Can this node ping the tie-breaker? */
  setTieBreaker(node: string, reachable: boolean): void
  /** What the fence command does from now on. */
  setFence(device: FenceDevice): void
  /** Opens what a fence command closed. */
  openPort(node: string): void
  /** Acknowledged records of the shared ledger that another node wrote over. */
  overwritten(): readonly Overwritten[]
  condition(node: string): NodeCondition
  status(node: string): Status
  /** The node's group is active and all data disks take its writes. A hung node may still write when it wakes. */
  writers(): readonly string[]
  readonly happenings: readonly Happening[]
}

interface SimulatedNode {
  readonly name: string
  condition: NodeCondition
  machine: Machine
  active: boolean
  epoch: number
  /** of its next record */
  number: number
  /** what waits for a hung node */
  inbox: Input[]
  /** its clock against the world's */
  readonly clock: number
  /** counts lives: what belongs to an earlier one is dropped */
  life: number
  /** when its queue on a LUN is free again */
  readonly busy: Map<string, number>
}

/** What a socket keeps while nobody reads. */
const INBOX_LIMIT = 300

export function createWorld(options: WorldOptions): World {
  const { timings, random } = options
  const [messageLeast, messageMost] = options.messageDelay ?? [1, 15]
  const [diskLeast, diskMost] = options.diskDelay ?? [20, 120]
  const luns = new Map([...options.coordination, ...options.data].map((name) => [name, createSimulatedLun(name)]))
  const unreachable = new Set<string>()
  const outside = createOutside()
  const ledger = createSharedLedger()
  const parameters = v.parse(parametersSchema, options.parameters ?? {})
  const cuts = new Set<string>()
  const happenings: Happening[] = []
  const agenda: { at: number; order: number; act: () => void }[] = []
  let now = 0
  let order = 0

  const nodes = new Map(options.nodes.map((node) => [node.name, createNode(node.name)]))

  function createNode(name: string): SimulatedNode {
    const clock = 1000 + Math.floor(random() * 1_000_000)
    const machine = startMachine(configOf(name), clock, 1)
    const busy = new Map<string, number>()
    return { name, condition: 'off', machine, active: false, epoch: 0, number: 1, inbox: [], clock, life: 0, busy }
  }

  function configOf(name: string): ClusterConfig {
    const named = (names: readonly string[]): { name: string }[] => names.map((one) => ({ name: one }))
    return {
      cluster: 'simulated',
      policy: options.policy ?? 'coordinator-race',
      node: name,
      nodes: options.nodes,
      links: named(options.links),
      coordination: named(options.coordination),
      data: named(options.data),
      preferred: options.preferred,
      timings,
      parameters,
    }
  }

  function between(least: number, most: number): number {
    return least + random() * (most - least)
  }

  function later(delay: number, act: () => void): void {
    const entry = { at: now + delay, order: order++, act }
    let index = agenda.length
    while (index > 0 && (agenda[index - 1]?.at ?? 0) > entry.at) index--
    agenda.splice(index, 0, entry)
  }

  function nodeOf(name: string): SimulatedNode {
    const node = nodes.get(name)
    if (!node) throw new Error(`no node ${name} in this world`)
    return node
  }

  function lunOf(name: string): SimulatedLun {
    const lun = luns.get(name)
    if (!lun) throw new Error(`no LUN ${name} in this world`)
    return lun
  }

  function feed(node: SimulatedNode, input: Input): void {
    if (node.condition === 'hung') {
      if (input.kind !== 'tick' && (input.kind !== 'message' || node.inbox.length < INBOX_LIMIT)) node.inbox.push(input)
      return
    }
    if (node.condition !== 'running') return
    for (const effect of node.machine.step(input, now + node.clock)) perform(node, effect)
  }

  function perform(node: SimulatedNode, effect: Effect): void {
    switch (effect.kind) {
      case 'send':
        for (const peer of nodes.values()) {
          if (peer !== node && !isCut(effect.link, node.name, peer.name)) deliver(peer, effect)
        }
        return
      case 'disk':
        ask(node, effect)
        return
      case 'log':
        happenings.push({
          at: now,
          node: node.name,
          kind: 'log',
          code: effect.code,
          text: effect.text,
          data: effect.data ?? {},
        })
        return
      case 'group':
        node.active = effect.active
        node.epoch = effect.epoch
        happenings.push({ at: now, node: node.name, kind: 'group', active: effect.active, epoch: effect.epoch })
        return
      case 'scan-ledger': {
        const life = node.life
        later(between(diskLeast, diskMost), () => {
          if (node.life !== life) return
          node.number = ledger.highest() + 1
          feed(node, { kind: 'ledger-scanned', ok: true, text: 'simulated' })
        })
        return
      }
      case 'await-writes':
        answerLater(node, 1, () => ({ kind: 'writes-done' }))
        return
      case 'ping': {
        const ok = outside.replies(node.name)
        answerLater(node, ok ? between(5, 50) : 1000, () => ({ kind: 'ping-result', ok }))
        return
      }
      case 'fence': {
        const victim = effect.node
        // The device has the command: it acts even if the node that sent it is gone by then.
        later(between(300, 3000), () => {
          const { ok, text } = outside.fence(victim)
          happenings.push({ at: now, node: node.name, kind: 'fence', victim, ok })
          if (outside.isOff(victim)) world.crash(victim)
          answerLater(node, 1, () => ({ kind: 'fence-result', node: victim, ok, text }))
        })
        return
      }
      case 'panic':
        node.condition = 'panicked'
        node.active = false
        happenings.push({ at: now, node: node.name, kind: 'panic', text: effect.text })
        return
      default:
        assertNever(effect, 'effect')
    }
  }

  function answerLater(node: SimulatedNode, delay: number, answer: () => Input): void {
    const { life } = node
    later(delay, () => {
      if (node.life === life) feed(node, answer())
    })
  }

  function deliver(peer: SimulatedNode, effect: Extract<Effect, { kind: 'send' }>): void {
    later(between(messageLeast, messageMost), () => {
      feed(peer, { kind: 'message', link: effect.link, message: effect.message })
    })
  }

  /** In order per node and LUN. A command that left a node is executed even if the node is gone by then. */
  function ask(node: SimulatedNode, effect: Extract<Effect, { kind: 'disk' }>): void {
    const { id, lun, operation } = effect.request
    const { life } = node
    const begins = Math.max(now, node.busy.get(lun) ?? 0)
    const cutOff = (): boolean => unreachable.has(lun) || outside.isClosed(node.name)
    const dead = cutOff()
    const there = begins - now + (dead ? timings.diskTimeout : between(diskLeast, diskMost) / 2)
    const back = dead ? 0 : between(diskLeast, diskMost) / 2
    node.busy.set(lun, now + there + back)
    later(there, () => {
      const answer: DiskAnswer = dead || cutOff() ? { result: 'unreachable' } : lunOf(lun).execute(node.name, operation)
      later(back, () => {
        if (node.life === life) feed(node, { kind: 'disk-result', id, answer })
      })
    })
  }

  function isCut(link: string, from: string, to: string): boolean {
    return cuts.has(`${link} ${from} ${to}`)
  }

  function mayWrite(node: SimulatedNode): boolean {
    return !outside.isClosed(node.name) && options.data.every((name) => lunOf(name).mayWrite(node.name))
  }

  function reachesData(node: SimulatedNode): boolean {
    return node.active && !options.data.some((lun) => unreachable.has(lun))
  }

  /** The node's timer, and its group's writes. */
  function tickForever(node: SimulatedNode, life: number): void {
    later(timings.heartbeatInterval / 2, () => {
      if (node.life !== life) return
      feed(node, { kind: 'tick' })
      if (node.condition === 'running' && reachesData(node)) write(node)
      tickForever(node, life)
    })
  }

  function write(node: SimulatedNode): void {
    const { name, epoch } = node
    const accepted = mayWrite(node)
    const number = node.number++
    if (accepted) ledger.write(number, { node: name, epoch })
    happenings.push({ at: now, node: name, kind: 'write', number, epoch, accepted })
    if (outside.isClosed(name)) feed(node, { kind: 'write-failed', text: 'no way to the disk' })
    else if (!accepted) feed(node, { kind: 'write-refused' })
  }

  function pairs(link: string, direction: { from: string; to: string } | undefined): string[] {
    if (!options.links.includes(link)) throw new Error(`no link ${link} in this world`)
    if (direction) return [`${link} ${direction.from} ${direction.to}`]
    const names = [...nodes.keys()]
    return names.flatMap((from) => names.map((to) => `${link} ${from} ${to}`))
  }

  function runOne(until: number): boolean {
    const next = agenda[0]
    if (!next || next.at > until) {
      now = until
      return false
    }
    agenda.shift()
    now = next.at
    next.act()
    options.check?.(world)
    return true
  }

  const world: World = {
    now: () => now,
    run(milliseconds) {
      const until = now + milliseconds
      while (runOne(until));
    },
    runUntil(condition, limit) {
      const until = now + limit
      while (!condition()) if (!runOne(until)) return condition()
      return true
    },
    boot(name) {
      const node = nodeOf(name)
      node.condition = 'running'
      node.active = false
      node.inbox = []
      node.number = ledger.highest() + 1
      outside.powerOn(name)
      node.life++
      node.machine = startMachine(configOf(name), now + node.clock, Math.floor(now) * 10 + node.life * 2 + 1)
      tickForever(node, node.life)
    },
    join: (name) => feed(nodeOf(name), { kind: 'command', command: 'join' }),
    leave: (name) => feed(nodeOf(name), { kind: 'command', command: 'leave' }),
    forceStop: (name) => feed(nodeOf(name), { kind: 'command', command: 'force-stop' }),
    crash(name) {
      const node = nodeOf(name)
      node.condition = 'off'
      node.active = false
      node.life++
    },
    hang(name) {
      const node = nodeOf(name)
      if (node.condition === 'running') node.condition = 'hung'
    },
    wake(name) {
      const node = nodeOf(name)
      if (node.condition !== 'hung') return
      node.condition = 'running'
      const waiting = node.inbox
      node.inbox = []
      // A write that was on its way when it froze is sent before the node can think.
      if (random() < 0.5 && reachesData(node)) write(node)
      if (random() < 0.5) feed(node, { kind: 'tick' })
      for (const input of waiting) feed(node, input)
    },
    cut: (link, direction) => pairs(link, direction).forEach((pair) => cuts.add(pair)),
    repair: (link, direction) => pairs(link, direction).forEach((pair) => cuts.delete(pair)),
    setReachable(name, reachable) {
      lunOf(name)
      if (reachable) unreachable.delete(name)
      else unreachable.add(name)
    },
    lun: lunOf,
    setTieBreaker: (name, reachable) => outside.setTieBreaker(nodeOf(name).name, reachable),
    setFence: (device) => outside.setFence(device),
    openPort: (name) => outside.open(nodeOf(name).name),
    overwritten: () => ledger.overwritten(),
    condition: (name) => nodeOf(name).condition,
    status: (name) => nodeOf(name).machine.status(now + nodeOf(name).clock),
    writers: () => [...nodes.values()].filter((node) => node.active && mayWrite(node)).map((node) => node.name),
    happenings,
  }
  return world
}
