/** A policy made of its rules and of what all policies without coordination points do alike. */
import { beginJoin, runJoin, wakeUp, watchMembers } from './membership.ts'
import { copyHearing, hear, heardPerLink, isHeard, nodeName, noticeLostLinks, startHearing } from '../hearing.ts'
import { copyTasks, onDiskResult } from '../tasks.ts'
import { isParticipant, newGroup } from './state.ts'
import { log } from '../policy.ts'
import { onGroupNews, onLedgerScanned, runGroup } from './group.ts'
import { requestLeave, runLeave } from './leave.ts'
import type { ClusterConfig } from '../config.ts'
import type { FailoverContext, FailoverState, Rules } from './state.ts'
import type { Heartbeat } from '../message.ts'
import type { Input, Policy, Status, Step } from '../policy.ts'
import { assertNever } from '../../assert-never.ts'

export function failoverPolicy<Own>(rules: Rules<Own>): Policy<FailoverState<Own>> {
  return {
    start: (config, now, incarnation) => start(rules, config, now, incarnation),
    step: (state, input, now) => step(rules, state, input, now),
    status: statusOf,
  }
}

function start<Own>(rules: Rules<Own>, config: ClusterConfig, now: number, incarnation: number): FailoverState<Own> {
  return {
    ...startHearing(config, now),
    incarnation,
    sequence: 0,
    phase: 'stopped',
    text: 'not started',
    lastTick: now,
    nextHeartbeat: now,
    graceUntil: now,
    listenUntil: now,
    changes: 0,
    fenced: [],
    leaving: 'no',
    leaveBy: now,
    farewells: 0,
    group: newGroup(now),
    nextRequest: 1,
    tasks: [],
    outcomes: {},
    own: rules.own(config),
  }
}

/** After a panic nothing happens any more. */
function step<Own>(rules: Rules<Own>, state: FailoverState<Own>, input: Input, now: number): Step<FailoverState<Own>> {
  if (state.phase === 'lost') return { state, effects: [] }
  const s = { ...state, ...copyHearing(state), ...copyTasks(state), group: { ...state.group } }
  const context: FailoverContext<Own> = { s, now, effects: [], urgent: false }
  noticeHang(context, rules, input)
  take(context, rules, input)
  proceed(context, rules)
  sendHeartbeats(context)
  if (context.s.phase === 'lost') panicEffect(context)
  return { state: s, effects: context.effects }
}

function noticeHang<Own>(context: FailoverContext<Own>, rules: Rules<Own>, input: Input): void {
  const { s, now } = context
  const gap = now - s.lastTick
  if (gap > s.config.timings.hangThreshold) {
    if (rules.forgivesHang && isParticipant(s)) wakeUp(context, gap)
    s.lastTick = now
  }
  if (input.kind === 'tick') s.lastTick = now
}

function take<Own>(context: FailoverContext<Own>, rules: Rules<Own>, input: Input): void {
  const { s } = context
  switch (input.kind) {
    case 'tick':
      return
    case 'message':
      if (hear(context, input.link, input.message) && (isParticipant(s) || s.phase === 'joining')) {
        onGroupNews(context, input.message)
      }
      return
    case 'disk-result':
      onDiskResult(context, input.id, input.answer)
      return
    case 'command':
      onCommand(context, rules, input.command)
      return
    case 'ledger-scanned':
      onLedgerScanned(context, rules, input.ok, input.text)
      return
    case 'write-refused':
      if (isParticipant(s)) rules.refused(context)
      return
    case 'write-failed':
      if (isParticipant(s)) rules.failed(context, input.text)
      return
    case 'writes-done':
      if (s.leaving === 'writes') s.leaving = 'release'
      return
    case 'ping-result':
    case 'fence-result':
      if (isParticipant(s)) rules.answered(context, input)
      return
    default:
      assertNever(input, 'input')
  }
}

function onCommand<Own>(
  context: FailoverContext<Own>,
  rules: Rules<Own>,
  command: Extract<Input, { kind: 'command' }>['command'],
): void {
  const { s } = context
  switch (command) {
    case 'join':
      if (!isParticipant(s) && s.phase !== 'joining') beginJoin(context, rules)
      return
    case 'leave':
    // A stop by force is a defect of the other policy; here there is nothing that it would race for.
    case 'force-stop':
      requestLeave(context)
      return
    default:
      assertNever(command, 'command')
  }
}

/** Everything that follows from the state and the clock, in the order in which one thing enables the next. */
function proceed<Own>(context: FailoverContext<Own>, rules: Rules<Own>): void {
  const { s } = context
  runJoin(context)
  if (!isParticipant(s)) return
  noticeLostLinks(context)
  watchMembers(context, rules)
  rules.watch(context)
  runGroup(context, rules)
  runLeave(context, rules)
}

function sendHeartbeats<Own>(context: FailoverContext<Own>): void {
  const { s, now } = context
  if (s.phase === 'stopped' || (now < s.nextHeartbeat && !context.urgent)) return
  if (s.phase === 'left') {
    if (s.farewells === 0) return
    s.farewells--
  }
  s.nextHeartbeat = now + s.config.timings.heartbeatInterval
  const message = heartbeat(context)
  for (const link of s.config.links) context.effects.push({ kind: 'send', link: link.name, message })
}

function heartbeat<Own>(context: FailoverContext<Own>): Heartbeat {
  const { s, now } = context
  const { stage, epoch } = s.group
  return {
    cluster: s.config.cluster,
    from: s.self.id,
    incarnation: s.incarnation,
    sequence: ++s.sequence,
    phase: s.phase,
    ready: false,
    forming: false,
    leaving: s.leaving !== 'no',
    members: isParticipant(s) ? s.members : [],
    generation: [0, 0, s.changes],
    lost: s.lost,
    fencing: s.lost.length > 0 || stage === 'preparing' || stage === 'scanning',
    race: 'none',
    group: { active: stage === 'active', epoch, ...(s.group.released && { released: true }) },
    hears: s.config.nodes.filter((node) => isHeard(s, node.id, now)).map((node) => node.id),
    ...(s.fenced.length > 0 && { fenced: s.fenced }),
  }
}

/** After every effect of the step that decided it, so that the last heartbeat leaves before the kernel stops. */
function panicEffect<Own>(context: FailoverContext<Own>): void {
  const text = 'this node stops itself to protect the data'
  log(context, 'critical', 'panic', text)
  context.effects.push({ kind: 'panic', text: `${text} (${context.s.text})` })
}

function statusOf<Own>(s: FailoverState<Own>, now: number): Status {
  return {
    state: s.phase,
    members: isParticipant(s) ? s.members.map((member) => nodeName(s, member.id)) : [],
    links: heardPerLink(s, now),
    active: s.group.stage === 'active' && !s.group.blocked,
    epoch: s.group.epoch,
    generation: String(s.changes),
    text: s.text,
  }
}
