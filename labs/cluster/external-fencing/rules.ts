/**
 * Policy `external-fencing`: something that is neither node nor disk proves that a lost node can do no harm. A fence command
 * switches its power off (STONITH, "suspected node is disabled or powered off"), or closes its way to the storage (fibre
 * channel port, GNBD server), and only its success lets the group start elsewhere. What failed is tried again, for ever.
 *
 * - The node with the group fences at once, the others give it a head start (`fenceDelay`), or they would shoot each other.
 * - A node that cannot reach the shared disk fences nobody: it could not use the group, and may be the one that was fenced.
 * - A node that just started fences nobody, and does not start the group, before it has seen every other node once
 *   (corosync's wait_for_all, which two-node clusters imply): it cannot know what they do.
 * - The victim's refused or failed write panics it (`panicOnRefusal`), where it is still alive.
 */
import { allAccountedFor, otherOwners, panic, selfMember, settleLost } from '../failover/state.ts'
import { failoverPolicy } from '../failover/machine.ts'
import { heardPeers, nodeName } from '../hearing.ts'
import { includesMember } from '../message.ts'
import { log } from '../policy.ts'
import { outcomesOf, startTasks } from '../tasks.ts'
import { noteDoubleActivity, stopGroup, stopRefused } from '../failover/group.ts'
import type { FailoverContext, FailoverState, Preparation, Rules } from '../failover/state.ts'
import type { Member } from '../message.ts'
import type { Policy } from '../policy.ts'

export interface Fencing {
  /** look: can the shared disk be reached; fence: the command runs */
  readonly step: 'idle' | 'wait' | 'look' | 'fence'
  readonly victim: Member | null
  readonly notBefore: number
  /** ids of nodes that were heard in this life */
  readonly seen: readonly number[]
  /** a member says that this life was fenced */
  readonly told: boolean
  readonly twice: boolean
}
export type State = FailoverState<Fencing>
type Context = FailoverContext<Fencing>

const idle: Fencing = { step: 'idle', victim: null, notBefore: 0, seen: [], told: false, twice: false }

const rules: Rules<Fencing> = {
  own: () => idle,
  forgivesHang: true,
  insists: false,
  mayReturn: ({ s }, member) => s.own.step !== 'fence' || s.own.victim?.id !== member.id,
  watch,
  prepare,
  hold: () => undefined,
  release: () => true,
  refused(context) {
    stopRefused(context)
    dieOfRefusal(context, 'the storage refuses the writes of this node')
  },
  failed(context, text) {
    log(context, 'critical', 'write-failed', `a write of the group failed: ${text}`)
    dieOfRefusal(context, `a write failed: ${text}`)
    if (context.s.phase !== 'lost' && context.s.own.told) {
      context.s.group.blocked = true
      stopGroup(context, 'this node was fenced')
    }
  },
  answered(context, input) {
    if (input.kind === 'fence-result') onFenced(context, input.node, input.ok, input.text)
  },
}
export const externalFencing: Policy<State> = failoverPolicy(rules)

function change(context: Context, own: Partial<Fencing>): void {
  context.s.own = { ...context.s.own, ...own }
}

function dieOfRefusal(context: Context, why: string): void {
  if (context.s.config.parameters.panicOnRefusal) panic(context, 'ejected', why)
}

function watch(context: Context): void {
  const { s, now } = context
  const heard = heardPeers(s, now)
  change(context, { seen: [...new Set([...s.own.seen, ...heard.map((peer) => peer.from)])] })
  // Should it be: the fence command was no proof. Nothing follows from it here, it is for the lab to see.
  change(context, { twice: noteDoubleActivity(context, s.own.twice) })
  for (const peer of heard) {
    const fenced = peer.fenced ?? []
    if (!s.own.told && includesMember(fenced, selfMember(s))) beFenced(context, peer.from)
    for (const member of s.lost.filter((one) => includesMember(fenced, one)))
      beSure(context, member, `by ${nodeName(s, peer.from)}`)
  }
  const { victim, step } = s.own
  if (step !== 'fence' && victim && !includesMember(s.lost, victim)) change(context, { step: 'idle', victim: null })
  // A node that was fenced itself decides nothing about others.
  if (s.lost.length > 0 && s.own.told) settleLost(context)
  if (s.lost.length > 0) fence(context)
}

function fence(context: Context): void {
  const { s, now } = context
  if (s.own.step === 'fence') return
  const fencer = fencerOf(context)
  if (fencer !== s.self.id || !sawAll(context)) {
    s.text = fencer === s.self.id ? waitForAll : `waits for node ${nodeName(s, fencer)} to fence`
    change(context, { step: 'idle', victim: null })
    return
  }
  const [victim] = s.lost
  if (s.own.step === 'idle' && victim) {
    const delay = s.group.stage === 'active' ? 0 : s.config.timings.fenceDelay
    change(context, { step: 'wait', victim, notBefore: now + delay })
    s.text = `fences node ${nodeName(s, victim.id)}${delay > 0 ? ` in ${delay} ms` : ''}`
  }
  if (s.own.step === 'wait' && now >= s.own.notBefore) {
    change(context, { step: 'look' })
    const luns = s.config.data.map((lun) => lun.name)
    startTasks(context, 'look', luns, () => ({ kind: 'look' }))
  }
  if (s.own.step === 'look') look(context)
}

/** The node with the group, or the lowest of those that hear each other. */
function fencerOf({ s, now }: Context): number {
  if (s.group.stage === 'active') return s.self.id
  const owner = otherOwners(s, now).find((peer) => s.members.some((member) => member.id === peer.from))
  return owner?.from ?? Math.min(...s.members.map((member) => member.id))
}

function look(context: Context): void {
  const { s, now } = context
  const outcomes = outcomesOf(context, 'look')
  if (!outcomes) return
  const failed = Object.entries(outcomes).flatMap(([lun, one]) =>
    one.kind === 'failed' ? [`${lun}: ${one.text}`] : [],
  )
  const node = nodeName(s, s.own.victim?.id ?? -1)
  if (failed.length === 0) {
    change(context, { step: 'fence' })
    s.text = `fences node ${node}`
    log(context, 'warning', 'fencing', `runs the fence command against node ${node}`, { node })
    context.effects.push({ kind: 'fence', node })
    return
  }
  change(context, { step: 'wait', notBefore: now + s.config.timings.retryDelay })
  s.text = `cannot reach the shared disk: fences nobody`
  log(context, 'warning', 'storage-unreachable', `does not fence ${node}: ${failed.join('; ')}`, { node })
}

function onFenced(context: Context, node: string, ok: boolean, text: string): void {
  const { s, now } = context
  const { victim, step } = s.own
  if (step !== 'fence' || !victim || nodeName(s, victim.id) !== node) return
  if (ok) {
    beSure(context, victim, text)
    change(context, { step: 'idle', victim: null })
    return
  }
  log(context, 'critical', 'fence-failed', `node ${node} is not fenced: ${text}; trying again`, { node, text })
  change(context, { step: 'wait', notBefore: now + s.config.timings.retryDelay })
}

/** It is proved that this life of a node does nothing any more. */
function beSure(context: Context, member: Member, text: string): void {
  const { s } = context
  const node = nodeName(s, member.id)
  log(context, 'warning', 'fenced', `node ${node} is fenced: ${text}`, { node, text })
  s.fenced = [...s.fenced, member]
  settleLost(context, [member])
}

/**
 * Where the command closed a port, its victim lives and may hear of it. It goes on all the same: that its writes do not get
 * through is the proof, not what others say, and a device that lied is to be found out.
 */
function beFenced(context: Context, by: number): void {
  const { s } = context
  const node = nodeName(s, by)
  change(context, { told: true })
  log(context, 'critical', 'was-fenced', `node ${node} says that this node was fenced`, { by: node })
  s.text = `was fenced by node ${node}`
}

const waitForAll = 'waits until every other node was seen once'

function sawAll({ s }: Context): boolean {
  return s.config.nodes.every((node) => node.id === s.self.id || s.own.seen.includes(node.id))
}

function prepare(context: Context): Preparation {
  const { s, now } = context
  if (sawAll(context) && allAccountedFor(s, now)) return 'ready'
  s.text = waitForAll
  return 'wait'
}
