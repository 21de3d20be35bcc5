/**
 * Membership change without goodbye: who is lost, who races, what the result means.
 *
 * Rules (VCS I/O fencing): the lowest node of each sub-cluster is the racer, the others wait for its result; the larger
 * sub-cluster races at once, the smaller one waits a little; a majority of all configured coordination points wins; the
 * losing side panics. Not reaching a majority is losing.
 */
import { abandonTasks, outcomesOf, startTasks } from '../tasks.ts'
import { countSilenceFromNow, isHeard, nodeName, silence } from '../hearing.ts'
import { compareGenerations } from '../generation.ts'
import { includesMember } from '../message.ts'
import type { Heartbeat, Member } from '../message.ts'
import { log } from '../policy.ts'
import type { LogCode, LogData } from '../policy.ts'
import { PANIC_TEXT, majority, selfMember } from './state.ts'
import type { Context, State } from './state.ts'

/** True in the phases in which this node belongs to a cluster. */
export function isParticipant(s: State): boolean {
  return s.phase === 'member' || s.phase === 'racing' || s.phase === 'waiting'
}

/** Reads a heartbeat for what it says about the membership. */
export function onMembershipNews(context: Context, message: Heartbeat): void {
  const { s } = context
  if (!isParticipant(s) || s.leaving === 'data' || s.leaving === 'points') return
  const newer = message.members.length > 0 && compareGenerations(message.generation, s.generation) > 0
  const sender = { id: message.from, incarnation: message.incarnation }
  if (newer && includesMember(message.members, sender) && !includesMember(message.members, selfMember(s))) {
    const names = message.members.map((member) => nodeName(s, member.id)).join(', ')
    panic(
      context,
      'ejected',
      `ejected: node ${nodeName(s, message.from)} reports a newer membership without this node (${names})`,
    )
    return
  }
  if (newer && !s.lost.some((member) => member.id === message.from)) adoptMembership(context, message)
  noticeRestart(context, message)
  adoptLost(context, message, sender)
}

/** The racer of the sub-cluster, or the node that lets others in and out, decided: take its membership over. */
function adoptMembership(context: Context, message: Heartbeat): void {
  const { s } = context
  const fenced = message.generation[0] !== s.generation[0] || message.generation[1] !== s.generation[1]
  const gone = s.members.filter((member) => !includesMember(message.members, member))
  const added = message.members.filter((member) => !includesMember(s.members, member))
  setMembership(context, message.members, message.generation)
  for (const member of gone) {
    const how = fenced ? 'was ejected' : 'left'
    const name = nodeName(s, member.id)
    log(context, 'info', fenced ? 'peer-lost' : 'member-left', `node ${name} ${how}`, { node: name })
  }
  for (const member of added) noteMemberJoined(context, member)
  s.lost = s.lost.filter((member) => includesMember(message.members, member))
  if (!fenced) return
  const racer = nodeName(s, message.from)
  log(context, 'info', 'race-survived', `node ${racer} won the race for this sub-cluster`, { racer })
  endChange(context)
  s.aftermath = { secure: 'done', retryAt: 0, repair: 'wanted', leavers: [], repairPoints: names(s) }
}

export function noteMemberJoined(context: Context, member: Member): void {
  const node = nodeName(context.s, member.id)
  log(context, 'info', 'member-joined', `node ${node} is a member`, { node })
}

function names(s: State): string[] {
  return s.config.coordination.map((point) => point.name)
}

/** Sets members and generation; newcomers are not held to have been silent before. */
export function setMembership(context: Context, members: readonly Member[], generation: Heartbeat['generation']): void {
  const { s, now } = context
  for (const member of members) {
    if (includesMember(s.members, member)) continue
    for (const link of Object.values(s.peers[member.id]?.links ?? {})) {
      link.countFrom = now
      link.lost = false
    }
  }
  s.members = [...members].sort((left, right) => left.id - right.id)
  s.generation = generation
  if (isParticipant(s)) s.text = memberText(s)
  context.urgent = true
}

/** What a member says of itself while all is well. */
export function memberText(s: State): string {
  return `member with ${s.members.map((member) => nodeName(s, member.id)).join(', ')}`
}

/** A member that comes with another incarnation has been gone, however short. */
function noticeRestart(context: Context, message: Heartbeat): void {
  const { s } = context
  const member = s.members.find((one) => one.id === message.from)
  if (!member || member.incarnation === message.incarnation || includesMember(s.lost, member)) return
  declareLost(context, member, 'restarted')
}

/** What one of this sub-cluster lost is lost for all of it, or the racer would wait for a node that others miss. */
function adoptLost(context: Context, message: Heartbeat, sender: Member): void {
  const { s } = context
  if (!includesMember(s.members, sender) || includesMember(s.lost, sender)) return
  if (s.phase === 'racing' || (s.phase === 'waiting' && s.change?.racer !== message.from)) return
  for (const member of message.lost) {
    // If a peer lost this node while this node hears it: wait for its verdict, which comes as a newer membership.
    if (member.id === s.self.id || !includesMember(s.members, member) || includesMember(s.lost, member)) continue
    declareLost(context, member, `is lost for node ${nodeName(s, message.from)}`)
  }
}

function declareLost(context: Context, member: Member, why: string): void {
  context.s.lost.push(member)
  context.urgent = true
  const node = nodeName(context.s, member.id)
  log(context, 'warning', 'peer-lost', `node ${node} ${why}`, { node })
}

/** Looks at the clock: who is silent too long, and does a race begin. For the phase `member`. */
export function watchPeers(context: Context): void {
  const { s, now } = context
  if (now < s.graceUntil) return
  const { peerTimeout } = s.config.timings
  const others = s.members.filter((member) => member.id !== s.self.id && !saidGoodbye(s, member))
  const silentFor = (member: Member): number => {
    const peer = s.peers[member.id]
    return peer ? silence(peer, now) : Infinity
  }
  for (const member of others) {
    if (silentFor(member) > peerTimeout && !includesMember(s.lost, member)) {
      declareLost(context, member, `is silent on all private links for ${Math.round(silentFor(member))} ms`)
    }
  }
  if (s.lost.length === 0) return
  // Losses of one partition come within a heartbeat or two: a peer in doubt is awaited, it speaks or is lost as well.
  const inDoubt = others.some((member) => !includesMember(s.lost, member) && silentFor(member) > peerTimeout / 2)
  if (!inDoubt) beginChange(context)
}

/** The member is out, and said so in this very life. */
export function saidGoodbye(s: State, member: Member): boolean {
  const last = s.peers[member.id]?.last
  return last?.incarnation === member.incarnation && isOut(last)
}

/** The node said last that it is out of the cluster: its keys are taken back, it writes nothing. */
export function isOut(last: Heartbeat | null | undefined): boolean {
  return last?.phase === 'left' || last?.phase === 'refused'
}

/** Members of this side, without those that are leaving on their own. */
function subCluster(s: State): Member[] {
  return s.members.filter((member) => !includesMember(s.lost, member))
}

function racerOf(s: State): number {
  const candidates = subCluster(s).filter((member) => {
    const last = s.peers[member.id]?.last
    return member.id === s.self.id || !(last?.leaving || last?.phase === 'left' || last?.phase === 'refused')
  })
  return Math.min(...candidates.map((member) => member.id))
}

/** A race against all others at once, as if they had been lost: what a forced unload makes of them. */
export function raceAgainstAll(context: Context): void {
  const { s } = context
  for (const member of s.members) {
    if (member.id !== s.self.id && !includesMember(s.lost, member)) declareLost(context, member, 'is taken for lost')
  }
  beginChange(context, 0)
}

function beginChange(context: Context, wait = context.s.config.timings.raceDelay): void {
  const { s, now } = context
  const { raceTimeout } = s.config.timings
  const sub = subCluster(s)
  const racer = racerOf(s)
  const delay = sub.length < s.lost.length ? wait : 0
  // What an earlier change left to do is overtaken: its points are raced for again, its disks secured again.
  abandonTasks(context, 'secure', 'repair')
  s.aftermath = null
  if (s.group.stage !== 'active') s.group.stage = 'stopped'
  s.phase = racer === s.self.id ? 'racing' : 'waiting'
  s.race = 'pending'
  s.change = { racer, startAt: now + delay, until: now + raceTimeout, index: 0, points: {} }
  context.urgent = true
  const side = sub.map((member) => nodeName(s, member.id))
  const lost = [...s.lost].sort((left, right) => left.id - right.id).map((member) => nodeName(s, member.id))
  s.text = s.phase === 'racing' ? `races against ${lost.join(', ')}` : `waits for racer ${nodeName(s, racer)}`
  const role = s.phase === 'racing' ? `this node races${delay > 0 ? ` in ${delay} ms` : ''}` : s.text
  const text = `sub-cluster ${side.join(', ')}; lost ${lost.join(', ')}; ${role}`
  log(context, 'warning', 'membership-change', text, { racer: nodeName(s, racer), side, lost, delay })
}

/** The racer's work: coordination point by coordination point, in the order of the testbed. */
export function runRace(context: Context): void {
  const { s, now } = context
  const change = s.change
  const point = s.config.coordination[change?.index ?? 0]
  if (!change || now < change.startAt) return
  if (!point) throw new Error('the race went past the last coordination point without a decision')
  const outcome = outcomesOf(context, 'race')?.[point.name]
  if (!outcome) {
    if (s.tasks.some((task) => task.purpose === 'race')) return
    const victims = keysOf(s, s.lost, 'coordination')
    const own = s.self.keys.coordination
    startTasks(context, 'race', [point.name], () => ({ kind: 'race', own, victims }))
    return
  }
  delete s.outcomes.race
  const won = outcome.kind === 'won'
  change.points[point.name] = won ? 'won' : 'lost'
  change.index++
  const why = 'text' in outcome ? outcome.text : outcome.kind
  const result = won ? 'won' : 'lost'
  log(context, 'info', 'race-point', `${point.name}: ${result} (${why})`, { point: point.name, result, why })
  const count = (result: string): number => Object.values(change.points).filter((one) => one === result).length
  if (count('won') >= majority(s)) winRace(context, count('won'))
  else if (count('lost') > s.config.coordination.length - majority(s)) loseRace(context, count('won'))
  else runRace(context)
}

function winRace(context: Context, won: number): void {
  const { s } = context
  const leavers = s.lost
  const points = s.change?.points ?? {}
  const total = s.config.coordination.length
  const lost = leavers.map((member) => nodeName(s, member.id))
  const text = `won ${won} of ${total} coordination points against ${lost.join(', ')}`
  log(context, 'warning', 'race-won', text, { won, needed: majority(s), total, lost })
  setMembership(context, subCluster(s), [s.generation[0], s.generation[1] + 1, 0])
  s.lost = []
  endChange(context)
  s.race = 'won'
  const repairPoints = names(s).filter((name) => points[name] !== 'won')
  s.aftermath = { secure: 'wanted', retryAt: 0, repair: 'wanted', leavers, repairPoints }
}

function loseRace(context: Context, won: number): void {
  const { s } = context
  const total = s.config.coordination.length
  const needed = majority(s)
  const text = `lost the race: ${won} of ${total} coordination points, ${needed} are needed`
  s.race = 'lost'
  panic(context, 'race-lost', text, { won, needed, total })
}

function endChange(context: Context): void {
  const { s } = context
  abandonTasks(context, 'race')
  delete s.outcomes.race
  s.change = null
  s.phase = 'member'
  s.race = 'none'
  s.text = memberText(s)
  context.urgent = true
}

/** The spectators' part: live or die with the racer. */
export function awaitRacer(context: Context): void {
  const { s, now } = context
  const change = s.change
  if (!change || now < s.graceUntil) return
  const racer = racerOf(s)
  if (racer === s.self.id) {
    // The racer is leaving cleanly: the next one takes its place.
    beginChange(context)
    return
  }
  change.racer = racer
  const name = nodeName(s, racer)
  const peer = s.peers[racer]
  const member = s.members.find((one) => one.id === racer)
  const dieOf = (code: LogCode, text: string): void => panic(context, code, text, { racer: name })
  if (peer?.last?.race === 'lost') dieOf('race-lost', `racer ${name} lost the race`)
  else if (!peer || silence(peer, now) > s.config.timings.peerTimeout) dieOf('racer-lost', `racer ${name} is silent`)
  else if (peer.incarnation !== member?.incarnation) dieOf('racer-lost', `racer ${name} restarted`)
  else if (now > change.until) dieOf('racer-lost', `no result from racer ${name} in time`)
}

/** Registration keys of members, lowest node first. */
export function keysOf(s: State, members: readonly Member[], use: 'coordination' | 'data'): string[] {
  const ids = members.map((member) => member.id).sort((left, right) => left - right)
  return ids.flatMap((id) => s.config.nodes.filter((node) => node.id === id).map((node) => node.keys[use]))
}

/** The end of this node: peers are told, then the kernel goes. */
export function panic(context: Context, code: LogCode, why: string, data?: LogData): void {
  const { s } = context
  if (s.phase === 'lost') return
  log(context, 'critical', code, why, data)
  s.phase = 'lost'
  s.text = why
  s.tasks = []
  s.change = null
  s.aftermath = null
  context.urgent = true
}

/** After every effect of the step that decided it, so that the last heartbeat leaves before the kernel stops. */
export function panicEffect(context: Context): void {
  log(context, 'critical', 'panic', PANIC_TEXT)
  context.effects.push({ kind: 'panic', text: `${PANIC_TEXT} (${context.s.text})` })
}

/** This node was not running for a while: peers get one more timeout to be heard, nobody is declared lost before. */
export function wakeUp(context: Context, gap: number): void {
  const { s, now } = context
  s.graceUntil = now + s.config.timings.peerTimeout
  countSilenceFromNow(context)
  log(context, 'critical', 'was-hung', `this node was hung for ${Math.round(gap)} ms`)
}

/** Member in this very life, heard, and at the same membership: what it says of the group can be relied on. */
function agreesNow(s: State, member: Member, now: number): Heartbeat | null {
  const last = s.peers[member.id]?.last
  if (!last || last.incarnation !== member.incarnation || !isHeard(s, member.id, now)) return null
  return last.phase === 'member' && last.generation.every((part, index) => part === s.generation[index]) ? last : null
}

/** All other members are heard and at this membership. */
export function allAgree(s: State, now: number): Heartbeat[] | null {
  const others = s.members.filter((member) => member.id !== s.self.id)
  const answers = others.map((member) => agreesNow(s, member, now))
  return answers.every((answer) => answer !== null) ? answers : null
}

/** True if the node lets others in and out: the lowest member that is not leaving itself. */
export function isCoordinator(s: State, now: number): boolean {
  const candidates = s.members.filter((member) => {
    const last = s.peers[member.id]?.last
    return member.id === s.self.id || (!saidGoodbye(s, member) && !(last?.leaving && isHeard(s, member.id, now)))
  })
  return s.leaving === 'no' && Math.min(...candidates.map((member) => member.id)) === s.self.id
}
