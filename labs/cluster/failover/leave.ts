/** Leaving cleanly: stop the group, wait for its writes, give back what the policy holds, say goodbye on every link. */
import { log } from '../policy.ts'
import { stopGroup } from './group.ts'
import type { FailoverContext, Rules } from './state.ts'

/** Goodbyes are sent this often: one may be lost. */
const FAREWELLS = 4

export function requestLeave<Own>(context: FailoverContext<Own>): void {
  const { s } = context
  if (s.phase === 'joining' || s.phase === 'stopped') leave(context, 'left while joining')
  else if (s.phase !== 'left' && s.leaving === 'no') {
    s.leaving = 'wanted'
    s.leaveBy = context.now + s.config.timings.diskTimeout
  }
}

/** What a loss means is decided first, for the others depend on it; but not for ever. */
export function runLeave<Own>(context: FailoverContext<Own>, rules: Rules<Own>): void {
  const { s, now } = context
  if (s.leaving === 'no' || s.phase === 'lost') return
  if (s.leaving === 'wanted') {
    if (s.lost.length > 0 && now < s.leaveBy) return
    s.group.released = s.group.stage === 'active'
    stopGroup(context, 'this node leaves the cluster')
    s.leaving = 'writes'
    s.leaveBy = now + s.config.timings.diskTimeout
    s.text = 'leaving'
    context.urgent = true
    context.effects.push({ kind: 'await-writes' })
  }
  if (s.leaving === 'writes' && now >= s.leaveBy) s.leaving = 'release'
  if (s.leaving === 'release' && rules.release(context)) leave(context, 'left cleanly')
}

function leave<Own>(context: FailoverContext<Own>, text: string): void {
  const { s } = context
  s.leaving = 'no'
  s.phase = 'left'
  s.text = text
  s.members = []
  s.lost = []
  s.farewells = FAREWELLS
  context.urgent = true
  log(context, 'info', 'left', text)
}
