import { all, list, lunsFor, nodeRecord, survivors, unknown, type Case, type Finding } from '../case.ts'
import { exactlyRegistered } from '../final-looks.ts'
import { finalSince, lastLooks } from '../last-looks.ts'
import { policyOfRun } from '../policy-of-run.ts'
import type { LunRecord } from '../../journal/event.ts'

/**
 * In the end every coordination point holds exactly the keys of the nodes that continue. A majority of them decides a race, but
 * a key that a lost node left on one point, or that a member lacks there, counts against whoever wins the next one, and keeps a
 * node out that starts later. Source: VCS I/O fencing, every member registers with the coordination points, and the winner of a
 * race ejects the others from them.
 *
 * A point whose array the row switched off, or whose keys it cleared, is not asked: what is not there, or is left there from
 * before, is the row's doing, and no cluster of the documents registers anew by itself. Says nothing where the policy registers
 * no keys on coordination points, where no node continues, and where no point is asked.
 */
export function pointsHoldMembersKeys(run: Case): Finding | undefined {
  if (policyOfRun(run)?.keysWhenGreen.coordination !== 'members') return undefined
  const doubtful = run.nodes.filter(({ outcome }) => outcome === 'unknown')
  if (doubtful.length > 0)
    return unknown(
      `it is not known what became of ${list(doubtful.map(({ name }) => name))}`,
      doubtful.flatMap(({ events }) => events),
    )
  const points = lunsFor(run, 'coordination').filter((point) => !isHit(run, point))
  if (survivors(run).length === 0 || points.length === 0) return undefined
  const since = finalSince(run)
  if (since === undefined) return unknown('the run did not come to its end')
  const wanted = survivors(run).map(({ name }) => nodeRecord(run, name).keys.coordination)
  return all(
    points.map(({ name }) => exactlyRegistered(run, name, wanted, lastLooks(run, name, 'keys', since))),
    '',
  )
}

/** The row itself took the point, or the keys on it, away. */
const isHit = (run: Case, { name, array }: LunRecord): boolean =>
  run.faults.some(
    ({ fault, target, taken }) =>
      taken === true &&
      ((fault === 'array-power-off' && array !== undefined && target['array'] === array) ||
        (fault === 'keys-cleared' && target['lun'] === name)),
  )
