/**
 * Policy `coordinator-race`, that of VCS I/O fencing: a membership change is decided by a race for the majority of the
 * coordination points.
 */
import { awaitRacer, isParticipant, onMembershipNews, panicEffect, runRace, wakeUp, watchPeers } from './change.ts'
import { beginJoin, onAdmissionNews, runJoin } from './join.ts'
import { copyHearing, hear, heardPerLink, isHeard, nodeName, noticeLostLinks, startHearing } from '../hearing.ts'
import { copyTasks, onDiskResult } from '../tasks.ts'
import { onLedgerScanned, onWriteRefused, runGroup } from './group.ts'
import { forceStop, requestLeave, runLeave } from './leave.ts'
import type { Context, State } from './state.ts'
import type { Input, Policy, Status, Step } from '../policy.ts'
import type { ClusterConfig } from '../config.ts'
import type { Heartbeat } from '../message.ts'
import { NO_GENERATION } from './state.ts'
import { assertNever } from '../../assert-never.ts'
import { coordinate } from './coordinator.ts'
import { runAftermath } from './aftermath.ts'

export const coordinatorRace: Policy<State> = { start, step, status: statusOf }

function start(config: ClusterConfig, now: number, incarnation: number): State {
  return {
    ...startHearing(config, now),
    incarnation,
    sequence: 0,
    phase: 'stopped',
    text: 'not started',
    lastTick: now,
    nextHeartbeat: now,
    graceUntil: now,
    generation: NO_GENERATION,
    race: 'none',
    join: null,
    change: null,
    aftermath: null,
    secured: null,
    leaving: 'no',
    silent: false,
    farewells: 0,
    group: { stage: 'stopped', epoch: 0, blocked: false, settleUntil: now },
    nextRequest: 1,
    tasks: [],
    outcomes: {},
  }
}

/** After a panic nothing happens any more. */
function step(state: State, input: Input, now: number): Step<State> {
  if (state.phase === 'lost') return { state, effects: [] }
  const context: Context = { s: copyState(state), now, effects: [], urgent: false }
  noticeHang(context, input)
  take(context, input)
  proceed(context)
  sendHeartbeats(context)
  if (context.s.phase === 'lost') panicEffect(context)
  return { state: context.s, effects: context.effects }
}

function noticeHang(context: Context, input: Input): void {
  const { s, now } = context
  const gap = now - s.lastTick
  const taking = s.phase === 'joining' || isParticipant(s)
  if (gap > s.config.timings.hangThreshold) {
    if (taking) wakeUp(context, gap)
    s.lastTick = now
  }
  if (input.kind === 'tick') s.lastTick = now
}

function take(context: Context, input: Input): void {
  switch (input.kind) {
    case 'tick':
      return
    case 'message':
      onMessage(context, input.link, input.message)
      return
    case 'disk-result':
      onDiskResult(context, input.id, input.answer)
      return
    case 'command':
      onCommand(context, input.command)
      return
    case 'ledger-scanned':
      onLedgerScanned(context, input.ok, input.text)
      return
    case 'write-refused':
      onWriteRefused(context)
      return
    case 'write-failed':
    case 'writes-done':
    case 'ping-result':
    case 'fence-result':
      // A write that fails with another error is no verdict of the storage; the rest is never asked for.
      return
    default:
      assertNever(input, 'input')
  }
}

function onCommand(context: Context, command: Extract<Input, { kind: 'command' }>['command']): void {
  const { s } = context
  switch (command) {
    case 'join':
      if (!isParticipant(s) && s.phase !== 'joining') beginJoin(context)
      return
    case 'leave':
      requestLeave(context)
      return
    case 'force-stop':
      forceStop(context)
      return
    default:
      assertNever(command, 'command')
  }
}

function onMessage(context: Context, link: string, message: Heartbeat): void {
  const { s } = context
  if (!hear(context, link, message)) return
  if (isParticipant(s) || s.phase === 'joining') s.group.epoch = Math.max(s.group.epoch, message.group.epoch)
  onAdmissionNews(context, message)
  onMembershipNews(context, message)
}

/** Everything that follows from the state and the clock, in the order in which one thing enables the next. */
function proceed(context: Context): void {
  const { s } = context
  if (s.phase === 'joining') runJoin(context)
  if (s.phase === 'member' && s.leaving !== 'data' && s.leaving !== 'points') {
    noticeLostLinks(context)
    watchPeers(context)
  }
  if (s.phase === 'racing') runRace(context)
  if (s.phase === 'waiting') awaitRacer(context)
  if (s.phase === 'member') runAftermath(context)
  coordinate(context)
  runGroup(context)
  runAftermath(context)
  runLeave(context)
}

function sendHeartbeats(context: Context): void {
  const { s, now } = context
  if (s.silent || s.phase === 'stopped' || (now < s.nextHeartbeat && !context.urgent)) return
  if (s.phase === 'left' || s.phase === 'refused') {
    if (s.farewells === 0) return
    s.farewells--
  }
  s.nextHeartbeat = now + s.config.timings.heartbeatInterval
  const message = heartbeat(context)
  for (const link of s.config.links) context.effects.push({ kind: 'send', link: link.name, message })
}

function heartbeat(context: Context): Heartbeat {
  const { s, now } = context
  return {
    cluster: s.config.cluster,
    from: s.self.id,
    incarnation: s.incarnation,
    sequence: ++s.sequence,
    phase: s.phase,
    ready: s.join?.step === 'ready',
    forming: s.join?.forming ?? false,
    leaving: s.leaving === 'data' || s.leaving === 'points',
    members: isParticipant(s) ? s.members : [],
    generation: s.generation,
    lost: s.lost,
    fencing: s.change !== null || s.lost.length > 0 || s.aftermath !== null,
    race: s.race,
    group: { active: s.group.stage !== 'stopped', epoch: s.group.epoch },
    hears: s.config.nodes.filter((node) => isHeard(s, node.id, now)).map((node) => node.id),
  }
}

function statusOf(s: State, now: number): Status {
  return {
    state: s.phase,
    members: isParticipant(s) ? s.members.map((member) => nodeName(s, member.id)) : [],
    links: heardPerLink(s, now),
    active: s.group.stage === 'active',
    epoch: s.group.epoch,
    generation: s.generation.join('.'),
    text: s.text,
  }
}

/** Copies what handlers change in place; everything else (messages, tasks, lists) is replaced, never changed. */
function copyState(state: State): State {
  const { change, join, aftermath } = state
  return {
    ...state,
    ...copyHearing(state),
    ...copyTasks(state),
    group: { ...state.group },
    change: change && { ...change, points: { ...change.points } },
    join: join && { ...join },
    aftermath: aftermath && { ...aftermath },
  }
}
