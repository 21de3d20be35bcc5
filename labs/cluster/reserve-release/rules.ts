/**
 * Policy `reserve-release`: two nodes and SCSI-2 RESERVE. "Upon detecting that node B has failed, node A will issue the
 * reserve and obtain all resources for itself. Node B will be disabled if it tries to do I/O. On node B the I/O failure
 * triggers some code to kill the node" (seed 002, reserve/release as two-node STONITH).
 *
 * The node with the group holds the whole disk. The other one takes it by a LOGICAL UNIT RESET, which drops the
 * reservation, and reserves it itself; a TEST UNIT READY that is no conflict, and then its own first write, tell that it has
 * it. Whoever falls silent loses, also where only the network failed: there is no vote, and the one without the group wins.
 */
import { failoverPolicy } from '../failover/machine.ts'
import { log } from '../policy.ts'
import { outcomesOf, startTasks } from '../tasks.ts'
import { panic, settleLost } from '../failover/state.ts'
import { stopRefused } from '../failover/group.ts'
import type { FailoverContext, FailoverState, Preparation, Purpose, Rules } from '../failover/state.ts'
import type { LunProgram } from '../lun-task.ts'
import type { Policy } from '../policy.ts'

export interface Reserving {
  readonly retryAt: number
}
export type State = FailoverState<Reserving>
type Context = FailoverContext<Reserving>

const rules: Rules<Reserving> = {
  own: () => ({ retryAt: 0 }),
  forgivesHang: true,
  // After the reset the other one's reservation is gone, whatever is heard of it.
  insists: true,
  mayReturn: () => true,
  watch(context) {
    if (context.s.lost.length > 0) settleLost(context)
  },
  prepare,
  hold: () => undefined,
  release(context) {
    return runOnDisks(context, 'release', { kind: 'give-lun' }, 'key-left-behind') !== null
  },
  refused(context) {
    stopRefused(context)
    panic(context, 'ejected', 'the storage refuses the writes of this node: another one reserved the disk')
  },
  failed: () => undefined,
  answered: () => undefined,
}
export const reserveRelease: Policy<State> = failoverPolicy(rules)

/** At the first start nobody is known to hold the disk, and it is asked for politely; a reservation left behind is reset. */
function prepare(context: Context): Preparation {
  const { s, now } = context
  if (now < s.own.retryAt) return 'wait'
  s.text = 'reserves the shared disk'
  const taken = runOnDisks(context, 'prepare', { kind: 'take-lun', reset: s.group.epoch > 0 }, 'reservation-failed')
  if (taken === null) return 'wait'
  if (taken) return 'ready'
  s.own = { retryAt: now + s.config.timings.retryDelay }
  return 'wait'
}

/**
 * Runs a program on all data disks, and logs what became of it.
 * @returns null as long as it runs; false if it failed on one of them
 */
function runOnDisks(
  context: Context,
  purpose: Purpose,
  program: LunProgram,
  failure: 'reservation-failed' | 'key-left-behind',
): boolean | null {
  const { s } = context
  if (s.outcomes[purpose] === undefined) {
    const luns = s.config.data.map((lun) => lun.name)
    startTasks(context, purpose, luns, () => program)
  }
  const outcomes = outcomesOf(context, purpose)
  if (!outcomes) return null
  delete s.outcomes[purpose]
  let good = true
  for (const [lun, outcome] of Object.entries(outcomes)) {
    const text = 'text' in outcome ? outcome.text : outcome.kind
    if (outcome.kind === 'done') log(context, 'warning', 'reservation', `${lun}: ${text}`, { lun, result: text })
    else log(context, 'critical', failure, `${lun}: ${text}`, { lun, why: text })
    good &&= outcome.kind === 'done'
  }
  return good
}
