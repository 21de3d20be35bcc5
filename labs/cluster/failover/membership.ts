/** Who is a member: whoever is heard. Nobody asks to be let in, nobody votes; each node counts for itself. */
import { log } from '../policy.ts'
import { countSilenceFromNow, heardPeers, nodeName, silence } from '../hearing.ts'
import { includesMember } from '../message.ts'
import { memberText, newGroup, selfMember } from './state.ts'
import type { FailoverContext, FailoverState, Rules } from './state.ts'
import type { Heartbeat, Member } from '../message.ts'

/** Starts joining as a new life of this node. Only from a phase outside the cluster. */
export function beginJoin<Own>(context: FailoverContext<Own>, rules: Rules<Own>): void {
  const { s, now } = context
  const { joinListen } = s.config.timings
  s.incarnation++
  s.phase = 'joining'
  s.text = 'listening on the private links'
  s.listenUntil = now + joinListen
  s.members = []
  s.lost = []
  s.fenced = []
  s.changes = 0
  s.leaving = 'no'
  s.farewells = 0
  s.group = newGroup(0)
  s.tasks = []
  s.outcomes = {}
  s.own = rules.own(s.config)
  context.urgent = true
  log(context, 'info', 'joining', `listening for ${joinListen} ms`)
}

export function runJoin<Own>(context: FailoverContext<Own>): void {
  const { s, now } = context
  if (s.phase !== 'joining' || now < s.listenUntil) return
  if (heardPeers(s, now).some((peer) => peer.fencing)) {
    if (s.text.startsWith('listening')) log(context, 'warning', 'fence-in-progress', 'members are deciding on a loss')
    s.text = 'waiting until the members have decided on a loss'
    return
  }
  countSilenceFromNow(context)
  s.phase = 'member'
  s.group.settleUntil = now + s.config.timings.groupSettle
  setMembers(context, [selfMember(s), ...heardPeers(s, now).filter(isMember).map(memberOf)])
  const others = s.members.length > 1 ? `with ${s.members.map((member) => nodeName(s, member.id)).join(', ')}` : 'alone'
  log(context, 'info', s.members.length > 1 ? 'joined' : 'cluster-formed', `member ${others}`)
}

function isMember(peer: Heartbeat): boolean {
  return peer.phase === 'member' || peer.phase === 'racing'
}

function memberOf(peer: Heartbeat): Member {
  return { id: peer.from, incarnation: peer.incarnation }
}

function setMembers<Own>(context: FailoverContext<Own>, members: readonly Member[]): void {
  const { s } = context
  s.members = [...members].sort((left, right) => left.id - right.id)
  s.changes++
  if (s.phase === 'member') s.text = memberText(s)
  context.urgent = true
}

/** Keeps the list of members: who went with and without goodbye, who is back, who is new. */
export function watchMembers<Own>(context: FailoverContext<Own>, rules: Rules<Own>): void {
  const { s, now } = context
  const lostBefore = s.lost.length
  for (const member of s.members) if (member.id !== s.self.id) watchMember(context, member)
  if (s.lost.length > lostBefore) noteLoss(context)
  for (const peer of heardPeers(s, now).filter(isMember)) {
    const member = memberOf(peer)
    if (includesMember(s.members, member) || includesMember(s.fenced, member)) continue
    if (includesMember(s.lost, member)) {
      // Heard again after it was declared lost, not only remembered.
      if (silentFor(s, member, now) > s.config.timings.peerTimeout || !rules.mayReturn(context, member)) continue
      s.lost = s.lost.filter((one) => one.id !== member.id)
      if (peer.group.active) {
        s.group.owner = member
        s.group.orphaned = false
      }
    } else if (s.lost.some((one) => one.id === member.id)) continue
    forgetSilence(context, member)
    setMembers(context, [...s.members, member])
    const node = nodeName(s, member.id)
    log(context, 'info', 'member-joined', `node ${node} is a member`, { node })
  }
}

/** Heard on one link first: on the others a newcomer has not been silent. */
function forgetSilence<Own>(context: FailoverContext<Own>, member: Member): void {
  for (const link of Object.values(context.s.peers[member.id]?.links ?? {})) {
    link.countFrom = context.now
    link.lost = false
  }
}

function watchMember<Own>(context: FailoverContext<Own>, member: Member): void {
  const { s, now } = context
  const peer = s.peers[member.id]
  const silent = silentFor(s, member, now)
  if (peer?.incarnation !== member.incarnation) lose(context, member, 'restarted')
  else if (peer.last?.phase === 'left') {
    setMembers(
      context,
      s.members.filter((one) => one.id !== member.id),
    )
    const node = nodeName(s, member.id)
    log(context, 'info', 'member-left', `node ${node} left`, { node })
  } else if (now >= s.graceUntil && silent > s.config.timings.peerTimeout) {
    lose(context, member, `is silent on all private links for ${Math.round(silent)} ms`)
  }
}

function silentFor<Own>(s: FailoverState<Own>, member: Member, now: number): number {
  const peer = s.peers[member.id]
  return peer ? silence(peer, now) : Infinity
}

function lose<Own>(context: FailoverContext<Own>, member: Member, why: string): void {
  const { s } = context
  const { owner } = s.group
  if (owner && includesMember([owner], member)) {
    s.group.owner = null
    s.group.orphaned = true
    s.group.failed = false
  }
  s.lost.push(member)
  setMembers(
    context,
    s.members.filter((one) => one.id !== member.id),
  )
  const node = nodeName(s, member.id)
  log(context, 'warning', 'peer-lost', `node ${node} ${why}`, { node })
}

function noteLoss<Own>(context: FailoverContext<Own>): void {
  const { s } = context
  const side = s.members.map((member) => nodeName(s, member.id))
  const lost = s.lost.map((member) => nodeName(s, member.id)).sort()
  const text = `here ${side.join(', ')}; lost ${lost.join(', ')}`
  log(context, 'warning', 'membership-change', text, { side, lost })
}

/** This node was not running for a while: peers get one more timeout to be heard, nobody is declared lost before. */
export function wakeUp<Own>(context: FailoverContext<Own>, gap: number): void {
  const { s, now } = context
  s.graceUntil = now + s.config.timings.peerTimeout
  countSilenceFromNow(context)
  log(context, 'critical', 'was-hung', `this node was hung for ${Math.round(gap)} ms`)
}
