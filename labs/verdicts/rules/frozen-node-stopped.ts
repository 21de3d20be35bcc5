import { lastStep } from '../../journal/faults.ts'
import { holds, unknown, violated, type Case, type Finding } from '../case.ts'
import { finalStatus } from '../membership.ts'
import { said } from '../stages.ts'
import { takeoverOf } from '../takeover.ts'

/**
 * The delayed node, once it went on, found that it is no defender any more and stopped the group; in the end the group does
 * not run there. Source: the published defender script, "Will SUICIDE as failed defender", final action stop group.
 */
export function frozenNodeStopped(run: Case): Finding {
  const takeover = takeoverOf(run)
  if (typeof takeover === 'string') return unknown(takeover)
  const { from } = takeover
  const fault = run.faults.find(({ target }) => target['node'] === from)
  const woken = fault && lastStep(fault.steps, 'reverting')
  if (!woken) return unknown(`${from} was not woken`)
  const failed = said(run, from, 'failed-defender', woken)
  const stopped = said(run, from, 'group-stopped', woken)
  const status = finalStatus(run, from)
  if (!status) return unknown(`${from}: its stack did not answer at the end`)
  if (status.active === true) return violated(`the group still runs on ${from}`, [woken.seq, status.seq])
  if (status.active !== false)
    return unknown(`${from}: its stack does not say whether the group runs there`, [status.seq])
  if (!failed || !stopped)
    return unknown(`${from}: its log does not tell that it stopped as a failed defender`, [status.seq])
  return holds(`${from} found that it lost the reservation, and stopped the group`, [
    woken.seq,
    failed.seq,
    stopped.seq,
    status.seq,
  ])
}
