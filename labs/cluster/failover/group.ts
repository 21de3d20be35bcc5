/**
 * The failover group. At first it starts on the preferred node, or the lowest; later on the lowest member that is left
 * after its owner was lost or left. What must be done before it may start, and while it runs, is the policy's.
 */
import { log } from '../policy.ts'
import { abandonTasks } from '../tasks.ts'
import { includesMember } from '../message.ts'
import { heardPeers, nodeName } from '../hearing.ts'
import { otherOwners } from './state.ts'
import type { FailoverContext, FailoverState, Rules } from './state.ts'
import type { Heartbeat } from '../message.ts'

/** Reads a heartbeat for what it says about the group. */
export function onGroupNews<Own>(context: FailoverContext<Own>, message: Heartbeat): void {
  const { s } = context
  const { group } = s
  const sender = { id: message.from, incarnation: message.incarnation }
  const older = message.group.epoch < group.epoch
  group.epoch = Math.max(group.epoch, message.group.epoch)
  // What a node says about which it is not decided, or that was fenced, changes nothing.
  if (includesMember(s.fenced, sender) || includesMember(s.lost, sender)) return
  if (message.group.active) {
    group.owner = sender
    group.orphaned = false
  } else if (message.group.released && !older && (!group.owner || includesMember([group.owner], sender))) {
    group.owner = null
    group.orphaned = group.stage !== 'active'
    group.failed = false
  } else if (group.owner && includesMember([group.owner], sender) && message.phase !== 'lost') {
    // A node that panics stopped it on the way: it is lost with its group, once it is silent. Otherwise it was stopped
    // there, and why is for people to see: nobody takes it over.
    group.owner = null
  }
}

export function runGroup<Own>(context: FailoverContext<Own>, rules: Rules<Own>): void {
  const { s, now } = context
  const { group } = s
  if (group.stage === 'active') {
    rules.hold(context)
    return
  }
  if (s.phase === 'lost' || group.stage === 'scanning') return
  const wanted = mayStart(s, now)
  if (group.stage === 'stopped') {
    if (!wanted) return
    group.stage = 'preparing'
    context.urgent = true
  }
  if (s.leaving !== 'no' || (!wanted && !rules.insists)) {
    stopPreparing(context)
    return
  }
  const preparation = rules.prepare(context)
  if (preparation === 'failed') {
    group.failed = true
    stopPreparing(context)
  }
  if (preparation === 'ready') beReady(context)
}

function stopPreparing<Own>(context: FailoverContext<Own>): void {
  abandonTasks(context, 'prepare')
  delete context.s.outcomes.prepare
  context.s.group.stage = 'stopped'
  context.urgent = true
}

function beReady<Own>(context: FailoverContext<Own>): void {
  const { group } = context.s
  if (group.epoch === 0) activate(context)
  else {
    group.stage = 'scanning'
    context.effects.push({ kind: 'scan-ledger' })
  }
}

/** Is it this node's turn, as far as it can see? */
function mayStart<Own>(s: FailoverState<Own>, now: number): boolean {
  const { group } = s
  if (s.phase !== 'member' || s.lost.length > 0 || s.leaving !== 'no' || now < s.graceUntil) return false
  if (group.blocked || group.failed) return false
  if (otherOwners(s, now).length > 0) return false
  const others = s.members.filter((member) => member.id !== s.self.id)
  if (others.some((member) => s.peers[member.id]?.last?.leaving)) return false
  const lowest = Math.min(...s.members.map((member) => member.id))
  if (group.epoch > 0) return group.orphaned && lowest === s.self.id
  const preferred = s.config.nodes.find((node) => node.name === s.config.preferred)
  const starter = s.members.find((member) => member.id === preferred?.id)?.id ?? lowest
  return now >= group.settleUntil && starter === s.self.id
}

export function onLedgerScanned<Own>(
  context: FailoverContext<Own>,
  rules: Rules<Own>,
  ok: boolean,
  text: string,
): void {
  const { s, now } = context
  if (s.group.stage !== 'scanning') return
  log(context, ok ? 'info' : 'warning', 'takeover-scan', text)
  if (s.phase !== 'lost' && s.leaving === 'no' && (rules.insists || mayStart(s, now))) activate(context)
  else s.group.stage = 'stopped'
}

function activate<Own>(context: FailoverContext<Own>): void {
  const { group } = context.s
  group.stage = 'active'
  group.orphaned = false
  group.epoch++
  context.urgent = true
  const { epoch } = group
  log(context, 'info', 'group-started', `the group is active here, epoch ${epoch}`, { epoch })
  context.effects.push({ kind: 'group', active: true, epoch })
}

export function stopGroup<Own>(context: FailoverContext<Own>, why: string): void {
  const { group } = context.s
  const wasActive = group.stage === 'active'
  stopPreparing(context)
  abandonTasks(context, 'hold')
  delete context.s.outcomes.hold
  if (!wasActive) return
  log(context, 'info', 'group-stopped', why)
  context.effects.push({ kind: 'group', active: false, epoch: group.epoch })
}

/**
 * Says, once, that the group is active elsewhere as well.
 * @param said whether that was said before, as this function returned it
 */
export function noteDoubleActivity<Own>(context: FailoverContext<Own>, said: boolean): boolean {
  const { s, now } = context
  const [other] = s.group.stage === 'active' ? heardPeers(s, now).filter((peer) => peer.group.active) : []
  if (!other) return false
  const node = nodeName(s, other.from)
  if (!said) log(context, 'critical', 'double-activity', `the group is active here and on ${node}`, { node })
  return true
}

/** The storage said no. What that means is for the policy; the group stops writing in any case. */
export function stopRefused<Own>(context: FailoverContext<Own>): void {
  const { group } = context.s
  if (group.blocked) return
  group.blocked = true
  log(context, 'critical', 'write-refused', 'the storage refused a write of the group (reservation conflict)')
  stopGroup(context, 'stopped after a refused write')
}
