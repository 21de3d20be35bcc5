/** Who is heard, on which link, since when not. */
import type { ClusterConfig, ClusterNode } from './config.ts'
import type { Heartbeat, Member } from './message.ts'
import { includesMember } from './message.ts'
import type { StepContext } from './policy.ts'
import { log } from './policy.ts'

export interface LinkState {
  /** when a heartbeat came last; null: never */
  heardAt: number | null
  /** silence is counted from here: the last heartbeat, or the moment this node woke up or let the peer in */
  countFrom: number
  sequence: number
  lost: boolean
}

export interface Peer {
  incarnation: number
  /** the newest heartbeat of this incarnation */
  last: Heartbeat | null
  links: Record<string, LinkState>
}

/** The part of a policy's state that is about hearing others. */
export interface HearingState {
  readonly config: ClusterConfig
  readonly self: ClusterNode
  /** all other configured nodes, by id */
  peers: Record<number, Peer>
  members: Member[]
  /** members that went without goodbye, as long as it is not decided what that means */
  lost: Member[]
}
type Context = StepContext<HearingState>

/**
 * Nobody was heard yet.
 * @throws Error if the configuration does not name this node
 */
export function startHearing(config: ClusterConfig, now: number): HearingState {
  const self = config.nodes.find((node) => node.name === config.node)
  if (!self) throw new Error(`cluster configuration: node ${config.node} is not one of nodes`)
  const peers: HearingState['peers'] = {}
  for (const node of config.nodes) {
    if (node.id === self.id) continue
    const links: Peer['links'] = {}
    for (const link of config.links) links[link.name] = { heardAt: null, countFrom: now, sequence: -1, lost: false }
    peers[node.id] = { incarnation: -1, last: null, links }
  }
  return { config, self, peers, members: [], lost: [] }
}

/** Copies what is changed in place. */
export function copyHearing(state: HearingState): Pick<HearingState, 'peers' | 'lost'> {
  const peers: HearingState['peers'] = {}
  for (const [id, peer] of Object.entries(state.peers)) {
    const links: Peer['links'] = {}
    for (const [name, link] of Object.entries(peer.links)) links[name] = { ...link }
    peers[Number(id)] = { ...peer, links }
  }
  return { peers, lost: [...state.lost] }
}

export function nodeName(s: HearingState, id: number): string {
  return s.config.nodes.find((node) => node.id === id)?.name ?? `node ${id}`
}

/** Milliseconds since anything counted as a sign of life on any link. */
export function silence(peer: Peer, now: number): number {
  return now - Math.max(...Object.values(peer.links).map((link) => link.countFrom))
}

/** True if a heartbeat really came within peerTimeout (a grace after a hang does not count). */
export function isHeard(s: HearingState, id: number, now: number): boolean {
  const peer = s.peers[id]
  return peer !== undefined && Object.values(peer.links).some((link) => heardOn(s, link.heardAt, now))
}

/** Names of the nodes heard lately, per link. */
export function heardPerLink(s: HearingState, now: number): Record<string, string[]> {
  const perLink: Record<string, string[]> = {}
  for (const { name } of s.config.links) {
    perLink[name] = s.config.nodes
      .filter((node) => heardOn(s, s.peers[node.id]?.links[name]?.heardAt ?? null, now))
      .map((node) => node.name)
  }
  return perLink
}

function heardOn(s: HearingState, heardAt: number | null, now: number): boolean {
  return heardAt !== null && now - heardAt <= s.config.timings.peerTimeout
}

/** The latest heartbeats of peers that are heard, as they are now. */
export function heardPeers(s: HearingState, now: number): Heartbeat[] {
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
    const node = nodeName(s, message.from)
    const text = `IOFENCE: private link ${linkName} to node ${node} is used again`
    log(context, 'info', 'link-up', text, { link: linkName, node })
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
      const node = nodeName(s, member.id)
      const text = `IOFENCE: private link ${name} to node ${node} is lost, continuing on ${others}`
      log(context, 'warning', 'link-lost', text, { link: name, node })
    }
  }
}
