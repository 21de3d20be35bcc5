/**
 * Getting in. Keys on the coordination points of a node that is not heard mean that it may still be writing: drop out
 * (VCS I/O fencing, "preexisting split brain"). A node that hears members registers and waits to be let in. A node that
 * hears none, and no lower node that starts as well, forms the cluster: it registers and must then win the coordination
 * points like a racer, so that of two nodes that start without hearing each other at most one gets through.
 */
import { abandonTasks, outcomesOf, startTasks } from '../tasks.ts'
import { heardPeers, nodeName } from '../hearing.ts'
import { includesMember } from '../message.ts'
import type { Heartbeat } from '../message.ts'
import type { LunOutcome } from '../lun-task.ts'
import { log } from '../policy.ts'
import type { LogCode } from '../policy.ts'
import { majority, selfMember } from './state.ts'
import type { Context, Purpose, State } from './state.ts'
import { keysOf, memberText, setMembership } from './change.ts'

const MAXIMUM_ATTEMPTS = 5
const PURPOSES: readonly Purpose[] = ['check', 'register', 'form', 'verify', 'data']

/** Starts joining as a new life of this node. Only from a phase outside the cluster. */
export function beginJoin(context: Context): void {
  const { s, now } = context
  s.incarnation++
  s.phase = 'joining'
  s.text = 'listening on the private links'
  s.members = []
  s.lost = []
  s.generation = [0, 0, 0]
  s.secured = null
  s.leaving = 'no'
  s.silent = false
  s.farewells = 0
  s.race = 'none'
  s.group = { stage: 'stopped', epoch: 0, blocked: false, settleUntil: 0 }
  s.join = newJoin(1, now + s.config.timings.joinListen)
  context.urgent = true
  log(context, 'info', 'joining', `listening for ${s.config.timings.joinListen} ms`)
}

function newJoin(attempt: number, until: number): NonNullable<State['join']> {
  return {
    step: 'listen',
    attempt,
    until,
    unseeded: false,
    forming: false,
    against: null,
    ownBefore: [],
    registered: [],
    reserved: [],
    refusal: null,
  }
}

export function runJoin(context: Context): void {
  const { s } = context
  const join = s.join
  if (s.phase !== 'joining' || !join) return
  switch (join.step) {
    case 'listen':
      return listen(context, join)
    case 'check':
      return check(context, join)
    case 'register':
      return register(context, join)
    case 'form':
      return form(context, join)
    case 'verify':
      return verify(context, join)
    case 'data':
      return data(context, join)
    case 'ready':
      return awaitAdmission(context, join)
    case 'roll-back':
      return rollBack(context, join)
  }
}

type Joining = NonNullable<State['join']>

function listen(context: Context, join: Joining): void {
  const { s, now } = context
  if (now < join.until) return
  const heard = heardPeers(s, now)
  if (heard.some((peer) => peer.fencing)) {
    retry(context, join, 'members are fencing')
    return
  }
  const member = heard.find((peer) => peer.members.length > 0)
  if (!member && heard.some((peer) => peer.phase === 'joining' && (peer.from < s.self.id || peer.forming))) {
    s.text = 'another node is about to form the cluster'
    return
  }
  // Keys of strangers are looked for first: with dead networks they are the better reason not to go on.
  if (!member && join.unseeded && !isSeeded(context, join, heard)) return
  join.forming = !member
  join.against = member ? [member.generation[0], member.generation[1]] : null
  join.step = 'check'
  s.text = 'checking the coordination points'
  context.urgent = true
  readPoints(context, 'check')
}

/**
 * GAB's seeding (`gabconfig -c -nN`): who starts alone may be the one that was cut off, and its peer may be at work. So a
 * node does not form a cluster before it sees enough others (VCS, fencing scenario II: two nodes that were rebooted with
 * dead networks cannot form a membership; the one whose key is gone still reports a preexisting split brain).
 */
function isSeeded(context: Context, join: Joining, heard: readonly Heartbeat[]): boolean {
  const { s } = context
  const { seed } = s.config.parameters
  const sees = 1 + heard.filter((peer) => peer.phase === 'joining' || peer.members.length > 0).length
  if (seed === undefined || sees >= seed) return true
  const text = `waiting for ${seed} nodes to be seen (seed), sees ${sees}`
  if (!join.unseeded) log(context, 'warning', 'not-seeded', text, { seed, sees })
  join.unseeded = true
  s.text = text
  return false
}

function readPoints(context: Context, purpose: 'check' | 'verify'): void {
  startTasks(context, purpose, pointNames(context.s), () => ({ kind: 'read' }))
}

function check(context: Context, join: Joining): void {
  const { s, now } = context
  const outcomes = outcomesOf(context, 'check')
  if (!outcomes) return
  const readable = Object.entries(outcomes).filter(([, outcome]) => outcome.kind === 'keys')
  if (readable.length < majority(s)) {
    const text = `${readable.length} of ${s.config.coordination.length} coordination points answer, ${majority(s)} are needed: ${failures(outcomes)}`
    refuse(context, join, 'coordination-unreachable', text)
    return
  }
  if (refuseStrangers(context, join, outcomes)) return
  if (join.forming && !isSeeded(context, join, heardPeers(s, now))) {
    // Back to listening: a lower node that comes may be the one that forms.
    join.step = 'listen'
    join.forming = false
    return
  }
  const own = s.self.keys.coordination
  join.ownBefore = readable.flatMap(([lun, outcome]) =>
    outcome.kind === 'keys' && outcome.keys.includes(own) ? [lun] : [],
  )
  join.registered = pointNames(s)
  join.step = 'register'
  s.text = 'registering with the coordination points'
  startTasks(context, 'register', pointNames(s), () => ({ kind: 'register', own }))
}

function register(context: Context, join: Joining): void {
  const { s, now } = context
  const outcomes = outcomesOf(context, 'register')
  if (!outcomes) return
  const good = Object.values(outcomes).filter((outcome) => outcome.kind === 'done').length
  if (good < majority(s)) {
    const text = `registered with ${good} of ${s.config.coordination.length} coordination points, ${majority(s)} are needed: ${failures(outcomes)}`
    refuse(context, join, 'registration-failed', text)
    return
  }
  if (!join.forming) {
    join.step = 'verify'
    readPoints(context, 'verify')
    return
  }
  const heard = heardPeers(s, now)
  if (heard.some((peer) => peer.members.length > 0 || (peer.forming && peer.from < s.self.id))) {
    retry(context, join, 'another node forms the cluster')
    return
  }
  // Joiners that are heard did not register in this life: what they have on the points is left from an earlier one.
  const joiners = heard
    .filter((peer) => peer.phase === 'joining')
    .map((peer) => ({ id: peer.from, incarnation: peer.incarnation }))
  const victims = keysOf(s, joiners, 'coordination')
  join.step = 'form'
  startTasks(context, 'form', pointNames(s), () => ({ kind: 'race', own: s.self.keys.coordination, victims }))
}

function form(context: Context, join: Joining): void {
  const outcomes = outcomesOf(context, 'form')
  if (!outcomes) return
  const won = Object.values(outcomes).filter((outcome) => outcome.kind === 'won').length
  if (won < majority(context.s)) {
    retry(context, join, `${won} coordination points won: ${failures(outcomes)}`)
    return
  }
  join.step = 'verify'
  readPoints(context, 'verify')
}

function verify(context: Context, join: Joining): void {
  const { s } = context
  const outcomes = outcomesOf(context, 'verify')
  if (!outcomes) return
  if (refuseStrangers(context, join, outcomes)) return
  const own = s.self.keys.coordination
  const there = Object.values(outcomes).filter((outcome) => outcome.kind === 'keys' && outcome.keys.includes(own))
  if (there.length < majority(s)) {
    retry(context, join, `the own key is on ${there.length} coordination points only`)
    return
  }
  const known = s.config.nodes.map((node) => node.keys.data)
  const luns = s.config.data.map((lun) => lun.name)
  join.step = 'data'
  join.registered = [...new Set([...join.registered, ...luns])]
  s.text = 'registering with the data disks'
  startTasks(context, 'data', luns, () => ({ kind: 'join-data', own: s.self.keys.data, known }))
}

function data(context: Context, join: Joining): void {
  const { s, now } = context
  const outcomes = outcomesOf(context, 'data')
  if (!outcomes) return
  for (const [lun, outcome] of Object.entries(outcomes)) {
    if (outcome.kind === 'foreign-key') {
      refuse(context, join, 'foreign-key', foreignText(outcome.keys, lun))
      return
    }
  }
  const found = Object.values(outcomes).some((outcome) => outcome.kind === 'found-reserved')
  join.reserved = Object.entries(outcomes).flatMap(([lun, outcome]) => (outcome.kind === 'done' ? [lun] : []))
  if (Object.values(outcomes).some((outcome) => outcome.kind !== 'done' && outcome.kind !== 'found-reserved')) {
    refuse(context, join, 'registration-failed', `data disks: ${failures(outcomes)}`)
    return
  }
  if (join.forming) {
    // A reservation that outlived its cluster may keep out a node that was ejected then: it counts as a fence of this one.
    becomeMember(context, [s.incarnation, found ? 1 : 0, 1], [selfMember(s)])
    s.group.settleUntil = now + s.config.timings.groupSettle
    log(context, 'info', 'cluster-formed', `formed the cluster, generation ${s.generation.join('.')}`)
    return
  }
  join.step = 'ready'
  join.until = now + s.config.timings.joinTimeout
  s.text = 'registered, waiting to be let in'
  context.urgent = true
}

function awaitAdmission(context: Context, join: Joining): void {
  const { s, now } = context
  const cluster = heardPeers(s, now).find((peer) => peer.members.length > 0)
  if (!cluster) {
    retry(context, join, 'no member is heard any more')
    return
  }
  if (cluster.generation[0] !== join.against?.[0] || cluster.generation[1] !== join.against[1]) {
    retry(context, join, 'the cluster fenced a node meanwhile')
    return
  }
  if (now <= join.until) return
  const text = `not let in within ${s.config.timings.joinTimeout} ms: a member does not hear this node, or is not heard by it`
  refuse(context, join, 'join-timeout', text)
}

/** A heartbeat for a node that is ready: is it in? */
export function onAdmissionNews(context: Context, message: Heartbeat): void {
  const { s, now } = context
  if (s.phase !== 'joining' || s.join?.step !== 'ready' || !includesMember(message.members, selfMember(s))) return
  becomeMember(context, message.generation, message.members)
  // Only for a cluster in which the group never ran.
  s.group.settleUntil = now + s.config.timings.groupSettle
  const names = s.members.map((member) => nodeName(s, member.id)).join(', ')
  log(context, 'info', 'joined', `member with ${names}, generation ${s.generation.join('.')}`)
}

function becomeMember(context: Context, generation: Heartbeat['generation'], members: Heartbeat['members']): void {
  const { s } = context
  setMembership(context, members, generation)
  s.phase = 'member'
  s.join = null
  s.text = memberText(s)
}

/**
 * @returns true if there are keys of nobody we know or hear; the node then drops out
 */
function refuseStrangers(context: Context, join: Joining, outcomes: Readonly<Record<string, LunOutcome>>): boolean {
  const { s, now } = context
  const heard = heardPeers(s, now)
  const present = new Set(heard.flatMap((peer) => peer.members.map((member) => member.id)))
  for (const peer of heard) if (peer.phase === 'joining' || peer.members.length > 0) present.add(peer.from)
  for (const [lun, outcome] of Object.entries(outcomes)) {
    if (outcome.kind !== 'keys') continue
    for (const key of outcome.keys) {
      const owner = s.config.nodes.find((node) => node.keys.coordination === key)
      if (!owner) {
        refuse(context, join, 'foreign-key', foreignText([key], lun))
        return true
      }
      if (owner.id === s.self.id || present.has(owner.id)) continue
      const detail = `Key ${key} of node ${owner.name} is on ${lun}, and ${owner.name} is not heard.`
      refuse(
        context,
        join,
        'preexisting-split-brain',
        `Potentially a preexisting split brain. Dropping out of the cluster. ${detail}`,
      )
      return true
    }
  }
  return false
}

function foreignText(keys: readonly string[], lun: string): string {
  return `foreign key ${keys.join(', ')} on ${lun}: it belongs to no configured node; remove it or use another disk`
}

function retry(context: Context, join: Joining, why: string): void {
  const { s, now } = context
  if (join.attempt >= MAXIMUM_ATTEMPTS) {
    refuse(context, join, 'fence-in-progress', `${why}; gave up after ${join.attempt} attempts`)
    return
  }
  abandonTasks(context, ...PURPOSES)
  const again = newJoin(join.attempt + 1, now + s.config.timings.joinListen)
  s.join = { ...again, ownBefore: join.ownBefore, registered: join.registered }
  s.text = `${why}; attempt ${join.attempt + 1}`
  context.urgent = true
  log(context, 'warning', 'fence-in-progress', `${why}; attempt ${join.attempt + 1} of ${MAXIMUM_ATTEMPTS}`)
}

/** Drops out. What this attempt registered is taken back; what an earlier life left is evidence and stays. */
export function refuse(context: Context, join: Joining, code: LogCode, text: string): void {
  const { s } = context
  abandonTasks(context, ...PURPOSES)
  const taken = join.registered.filter((lun) => !join.ownBefore.includes(lun))
  const points = pointNames(s)
  join.refusal = { code, text }
  join.step = 'roll-back'
  s.text = text
  startTasks(context, 'leave-points', taken, (lun) =>
    points.includes(lun)
      ? { kind: 'unregister', own: s.self.keys.coordination }
      : { kind: 'leave-data', own: s.self.keys.data, release: join.forming && join.reserved.includes(lun) },
  )
  rollBack(context, join)
}

function rollBack(context: Context, join: Joining): void {
  const { s } = context
  const outcomes = outcomesOf(context, 'leave-points')
  if (!outcomes || !join.refusal) return
  for (const [lun, outcome] of Object.entries(outcomes)) {
    if (outcome.kind !== 'done') log(context, 'warning', 'key-left-behind', `${lun}: ${failures({ [lun]: outcome })}`)
  }
  const left = join.refusal.code === 'left'
  log(context, left ? 'info' : 'critical', join.refusal.code, join.refusal.text)
  s.phase = left ? 'left' : 'refused'
  s.join = null
  s.farewells = 3
  context.urgent = true
}

function failures(outcomes: Readonly<Record<string, LunOutcome>>): string {
  return Object.entries(outcomes)
    .filter(([, outcome]) => outcome.kind !== 'done' && outcome.kind !== 'keys' && outcome.kind !== 'won')
    .map(([lun, outcome]) => `${lun}: ${'text' in outcome ? outcome.text : outcome.kind}`)
    .join('; ')
}

function pointNames(s: State): string[] {
  return s.config.coordination.map((point) => point.name)
}
