/**
 * The failover group: it starts on one node only, and only when that node is sure. Sure is: it is the one the present
 * membership names, every other member agrees to this membership and says that the group does not run there, and the
 * data disks carry no other keys than the members'.
 */
import { allAgree } from './change.ts'
import { compareGenerations } from '../generation.ts'
import { includesMember } from '../message.ts'
import { log } from '../policy.ts'
import type { Context, State } from './state.ts'
import { wantSecuredData } from './aftermath.ts'

export function runGroup(context: Context): void {
  const { s, now } = context
  const { group } = s
  if (group.stage === 'active' || group.stage === 'scanning') return
  if (s.phase !== 'member' || s.lost.length > 0 || s.leaving !== 'no' || group.blocked || now < s.graceUntil) return
  if (starter(s) !== s.self.id || (group.epoch === 0 && now < group.settleUntil)) {
    group.stage = 'stopped'
    return
  }
  const answers = allAgree(s, now)
  if (!answers || answers.some((answer) => answer.group.active)) {
    group.stage = 'stopped'
    return
  }
  if (group.stage === 'stopped') {
    group.stage = 'securing'
    context.urgent = true
  }
  if (s.aftermath) return
  if (!s.secured || compareGenerations(s.secured, s.generation) !== 0) {
    wantSecuredData(context)
    return
  }
  if (group.epoch === 0) activate(context)
  else {
    group.stage = 'scanning'
    context.effects.push({ kind: 'scan-ledger' })
  }
}

/** At first the preferred node if it is a member; later, and otherwise, the lowest member. */
function starter(s: State): number {
  const preferred = s.config.nodes.find((node) => node.name === s.config.preferred)
  const members = s.members.filter((member) => !includesMember(s.lost, member)).map((member) => member.id)
  if (s.group.epoch === 0 && preferred && members.includes(preferred.id)) return preferred.id
  return Math.min(...members)
}

export function onLedgerScanned(context: Context, ok: boolean, text: string): void {
  const { s } = context
  if (s.group.stage !== 'scanning') return
  log(context, ok ? 'info' : 'warning', 'takeover-scan', text)
  if (s.phase === 'member' && s.lost.length === 0 && s.leaving === 'no') activate(context)
  else s.group.stage = 'stopped'
}

function activate(context: Context): void {
  const { s } = context
  s.group.stage = 'active'
  s.group.epoch++
  context.urgent = true
  const { epoch } = s.group
  log(context, 'info', 'group-started', `the group is active here, epoch ${epoch}`, { epoch })
  context.effects.push({ kind: 'group', active: true, epoch: s.group.epoch })
}

export function stopGroup(context: Context, why: string): void {
  const { s } = context
  const wasActive = s.group.stage === 'active'
  s.group.stage = 'stopped'
  if (!wasActive) return
  log(context, 'info', 'group-stopped', why)
  context.effects.push({ kind: 'group', active: false, epoch: s.group.epoch })
  context.urgent = true
}

/** The storage said no. The node does not decide what that means, fencing does; but it stops writing. */
export function onWriteRefused(context: Context): void {
  const { s } = context
  if (s.group.blocked) return
  s.group.blocked = true
  log(context, 'critical', 'write-refused', 'the storage refused a write of the group (reservation conflict)')
  stopGroup(context, 'stopped after a refused write')
}
