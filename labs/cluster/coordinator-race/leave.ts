/** Leaving cleanly: stop the group, take the keys back, say goodbye on every link. Nobody races for that. */
import { outcomesOf, startTasks } from '../tasks.ts'
import { log } from '../policy.ts'
import { isOut, raceAgainstAll } from './change.ts'
import type { Context, State } from './state.ts'
import { refuse } from './join.ts'
import { stopGroup } from './group.ts'

/** Goodbyes are sent this often: one may be lost. */
const FAREWELLS = 4

export function requestLeave(context: Context): void {
  const { s } = context
  if (s.phase === 'joining' && s.join && s.join.step !== 'roll-back')
    refuse(context, s.join, 'left', 'left while joining')
  else if (s.phase === 'stopped' || s.phase === 'refused') s.phase = 'left'
  else if (s.leaving === 'no' && s.phase !== 'left' && s.phase !== 'joining') s.leaving = 'wanted'
}

/**
 * A stop that is not clean, because clients are still active: the driver is unloaded by force, and to the others the node
 * is gone without goodbye. It races for the coordination points at once, wins, since the others still wait for it, ejects
 * them, and leaves. They find their keys gone and panic although nothing was wrong with them.
 *
 * This reproduces a documented defect on purpose (Veritas TECH191874, V-11-2-1023 "Unable to unconfigure fencing since
 * clients still active"): a lab must be able to show it. Outside of a settled membership it is a clean stop.
 */
export function forceStop(context: Context): void {
  const { s } = context
  if (s.phase !== 'member' || s.leaving === 'data' || s.leaving === 'points') {
    requestLeave(context)
    return
  }
  log(context, 'critical', 'unclean-stop', 'clients are still active: stopped by force, without telling the others')
  s.silent = true
  s.leaving = 'wanted'
  if (s.members.length > 1) raceAgainstAll(context)
}

/** A race that is going on is finished first: others depend on this node's result. */
export function runLeave(context: Context): void {
  const { s } = context
  if (s.leaving === 'no' || s.phase !== 'member') return
  if (s.leaving === 'wanted') {
    if (s.lost.length > 0 || s.aftermath || s.group.stage === 'scanning') return
    stopGroup(context, 'this node leaves the cluster')
    s.leaving = 'data'
    s.text = 'leaving'
    context.urgent = true
    const own = s.self.keys.data
    const frozen = s.members.length === 1 ? mayBeFrozen(s) : []
    const release = s.members.length === 1 && frozen.length === 0
    if (frozen.length > 0) {
      const text = `the data disks stay reserved: since a node was fenced, nothing was heard of ${frozen.join(', ')}`
      log(context, 'warning', 'key-left-behind', text, { nodes: frozen })
    }
    startTasks(
      context,
      'leave-data',
      s.config.data.map((lun) => lun.name),
      () => ({ kind: 'leave-data', own, release }),
    )
    return
  }
  if (s.leaving === 'data') {
    if (!reported(context, 'leave-data')) return
    s.leaving = 'points'
    const own = s.self.keys.coordination
    startTasks(
      context,
      'leave-points',
      s.config.coordination.map((point) => point.name),
      () => ({ kind: 'unregister', own }),
    )
    return
  }
  if (!reported(context, 'leave-points')) return
  s.leaving = 'no'
  s.phase = 'left'
  s.text = 'left cleanly'
  s.farewells = FAREWELLS
  context.urgent = true
  log(context, 'info', 'left', 'left the cluster, keys are taken back')
}

/**
 * Nodes that may have been ejected, and be frozen since with writes under way. Once any node was fenced in this cluster:
 * all that did not say goodbye. A member that came later does not know who it was.
 */
function mayBeFrozen(s: State): string[] {
  const fenced = s.generation[1] > 0
  const silent = s.config.nodes.filter((node) => node.id !== s.self.id && !isOut(s.peers[node.id]?.last))
  return fenced ? silent.map((node) => node.name) : []
}

function reported(context: Context, purpose: 'leave-data' | 'leave-points'): boolean {
  const outcomes = outcomesOf(context, purpose)
  if (!outcomes) return false
  for (const [lun, outcome] of Object.entries(outcomes)) {
    if (outcome.kind === 'done' || outcome.kind === 'kept') continue
    const why = 'text' in outcome ? outcome.text : outcome.kind
    log(context, 'warning', 'key-left-behind', `${lun}: the own key could not be removed: ${why}`)
  }
  return true
}
