/** Who is heard, on which link, since when not. */
import type { Heartbeat, Member } from './message.ts'
import { includesMember } from './message.ts'
import type { Context, Peer, State } from './state.ts'
import { log, nodeName } from './state.ts'

/** Milliseconds since anything counted as a sign of life on any link. */
export function silence(peer: Peer, now: number): number {
  return now - Math.max(...Object.values(peer.links).map((link) => link.countFrom))
}

/** True if a heartbeat really came within peerTimeout (a grace after a hang does not count). */
export function isHeard(s: State, id: number, now: number): boolean {
  const peer = s.peers[id]
  return peer !== undefined && Object.values(peer.links).some((link) => heardOn(s, link.heardAt, now))
}

/** Names of the nodes heard lately, per link. */
export function heardPerLink(s: State, now: number): Record<string, string[]> {
  const perLink: Record<string, string[]> = {}
  for (const { name } of s.config.links) {
    perLink[name] = s.config.nodes
      .filter((node) => heardOn(s, s.peers[node.id]?.links[name]?.heardAt ?? null, now))
      .map((node) => node.name)
  }
  return perLink
}

function heardOn(s: State, heardAt: number | null, now: number): boolean {
  return heardAt !== null && now - heardAt <= s.config.timings.peerTimeout
}

/** The latest heartbeats of peers that are heard, as they are now. */
export function heardPeers(s: State, now: number): Heartbeat[] {
  return Object.entries(s.peers).flatMap(([id, peer]) => (peer.last && isHeard(s, Number(id), now) ? [peer.last] : []))
}

/** From now on silence counts anew: this node was hung, or the peers are new to it. */
export function countSilenceFromNow(context: Context): void {
  for (const peer of Object.values(context.s.peers)) {
    for (const link of Object.values(peer.links)) link.countFrom = context.now
  }
}

/**
 * Takes note of a heartbeat.
 * @returns true if it is news: of this cluster, from a configured node, not older than what is known
 */
export function hear(context: Context, linkName: string, message: Heartbeat): boolean {
  const { s, now } = context
  if (message.cluster !== s.config.cluster || message.from === s.self.id) return false
  const peer = s.peers[message.from]
  const link = peer?.links[linkName]
  if (!peer || !link) return false
  if (message.incarnation !== peer.incarnation) {
    // A late packet of an earlier life; but a clock that went back with a reboot must not silence a node for good.
    if (message.incarnation < peer.incarnation && isHeard(s, message.from, now)) return false
    peer.incarnation = message.incarnation
    peer.last = null
    for (const other of Object.values(peer.links)) other.sequence = -1
  }
  if (message.sequence <= link.sequence) return false
  link.sequence = message.sequence
  link.heardAt = now
  link.countFrom = now
  if (link.lost) {
    link.lost = false
    log(
      context,
      'info',
      'link-up',
      `IOFENCE: private link ${linkName} to node ${nodeName(s, message.from)} is used again`,
    )
  }
  if (peer.last && message.sequence < peer.last.sequence) return false
  peer.last = message
  return true
}

/**
 * Says so when a member is silent on one link and heard on another ("One private network fails", VCS I/O fencing
 * scenario table). With all links silent it is not the link: the peer itself is in doubt.
 */
export function noticeLostLinks(context: Context): void {
  const { s, now } = context
  const { peerTimeout } = s.config.timings
  for (const member of s.members) {
    const peer = s.peers[member.id]
    if (!peer || includesMember(s.lost, member)) continue
    const alive = Object.entries(peer.links).filter(([, link]) => now - link.countFrom < peerTimeout / 2)
    for (const [name, link] of Object.entries(peer.links)) {
      if (link.lost || now - link.countFrom <= peerTimeout || alive.length === 0) continue
      link.lost = true
      const others = alive.map(([other]) => other).join(', ')
      const text = `IOFENCE: private link ${name} to node ${nodeName(s, member.id)} is lost, continuing on ${others}`
      log(context, 'warning', 'link-lost', text)
    }
  }
}

/** Member in this very life, heard, and at the same membership: what it says of the group can be relied on. */
export function agreesNow(s: State, member: Member, now: number): Heartbeat | null {
  const last = s.peers[member.id]?.last
  if (!last || last.incarnation !== member.incarnation || !isHeard(s, member.id, now)) return null
  return last.phase === 'member' && last.generation.every((part, index) => part === s.generation[index]) ? last : null
}
