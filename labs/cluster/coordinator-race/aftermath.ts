/**
 * After a decision: the data disks lose the keys of everybody who is no member, and the coordination points that the
 * race missed are put in order. The group does not start here before that.
 */
import { outcomesOf, startTasks } from '../tasks.ts'
import { heardPeers } from '../hearing.ts'
import { keysOf, panic } from './change.ts'
import { log } from '../policy.ts'
import { selfMember } from './state.ts'
import type { Context } from './state.ts'

/** Asks for the data disks to be secured for the present membership. */
export function wantSecuredData(context: Context): void {
  context.s.aftermath ??= { secure: 'wanted', retryAt: 0, repair: 'none', leavers: [], repairPoints: [] }
}

export function runAftermath(context: Context): void {
  const { s } = context
  const aftermath = s.aftermath
  if (!aftermath) return
  secureData(context)
  if (s.phase === 'lost') return
  repairPoints(context)
  if (aftermath.secure === 'done' && aftermath.repair === 'none') {
    s.aftermath = null
    context.urgent = true
  }
}

function secureData(context: Context): void {
  const { s, now } = context
  const aftermath = s.aftermath
  if (!aftermath || aftermath.secure === 'done') return
  if (aftermath.secure === 'wanted') {
    if (now < aftermath.retryAt) return
    // Those who are just joining registered with our knowledge; but a leaver that came back did not.
    const joiners = heardPeers(s, now)
      .filter((peer) => peer.phase === 'joining' && !aftermath.leavers.some((leaver) => leaver.id === peer.from))
      .map((peer) => ({ id: peer.from, incarnation: peer.incarnation }))
    const keep = keysOf(s, [...s.members, ...joiners, selfMember(s)], 'data')
    const known = s.config.nodes.map((node) => node.keys.data)
    const luns = s.config.data.map((lun) => lun.name)
    startTasks(context, 'secure', luns, () => ({ kind: 'secure', own: s.self.keys.data, keep, known }))
    aftermath.secure = 'running'
    return
  }
  const outcomes = outcomesOf(context, 'secure')
  if (!outcomes) return
  let bad = false
  for (const [lun, outcome] of Object.entries(outcomes)) {
    if (outcome.kind === 'done') {
      log(context, 'info', 'data-secured', `${lun}: ${outcome.text}`)
      continue
    }
    bad = true
    if (outcome.kind === 'own-key-missing') {
      panic(context, 'ejected', `ejected: the own key is gone from data disk ${lun}`)
      return
    }
    const why =
      outcome.kind === 'foreign-key'
        ? `foreign key ${outcome.keys.join(', ')}`
        : 'text' in outcome
          ? outcome.text
          : outcome.kind
    log(context, 'warning', 'data-not-secured', `${lun}: ${why}; the group does not start here, trying again`)
  }
  if (bad) {
    aftermath.secure = 'wanted'
    aftermath.retryAt = now + s.config.timings.retryDelay
  } else {
    aftermath.secure = 'done'
    s.secured = s.generation
  }
}

function repairPoints(context: Context): void {
  const { s } = context
  const aftermath = s.aftermath
  if (!aftermath || aftermath.repair === 'none') return
  if (aftermath.repair === 'wanted') {
    const own = s.self.keys.coordination
    const victims = keysOf(s, aftermath.leavers, 'coordination')
    startTasks(context, 'repair', aftermath.repairPoints, () => ({ kind: 'repair', own, victims }))
    aftermath.repair = 'running'
    return
  }
  const outcomes = outcomesOf(context, 'repair')
  if (!outcomes) return
  for (const [lun, outcome] of Object.entries(outcomes)) {
    const why = 'text' in outcome ? outcome.text : outcome.kind
    log(context, outcome.kind === 'done' ? 'info' : 'warning', 'repair', `${lun}: ${why}`)
  }
  aftermath.repair = 'none'
}
