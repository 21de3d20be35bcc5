import { isOfRevision } from '../../journal/revision.ts'
import { scsiTimeoutOf } from '../../journal/scsi-timeout.ts'
import { lastTakeover } from '../../journal/takeover-moment.ts'
import { all, holds, isBelievable, list, survivors, unknown, type Case, type Finding } from '../case.ts'
import { onlookers } from '../onlookers.ts'
import { policyOfRun } from '../policy-of-run.ts'
import type { Invariant } from './invariant.ts'

/**
 * After a takeover the ledger was read again when the SCSI time-out of the nodes had passed: a write that was on its way then
 * has arrived by that time, or was given up. By a survivor and by a host that only looks, each on its own path, where the
 * reservation lets that host read. What such a reading shows is for the rules about the ledger; here it is only asked whether
 * there is one. Never violated: no cluster is to blame for it. Source: sd(4) and drivers/scsi/sd.h, SD_TIMEOUT.
 *
 * Says nothing of a recording that was made before the ledger was read late (revision 3) and has no such reading.
 */
export const lateWritesWaitedFor: Invariant = {
  name: 'late-writes-waited-for',
  check(run) {
    if (!isOfRevision(run.started, 3) && !run.ledger.scans.some(({ when }) => when === 'late')) return undefined
    const takeover = lastTakeover(run.lines)
    if (!takeover) return undefined
    const timeout = scsiTimeoutOf(run.started.testbed, run.lines)
    const told =
      takeover.hostAt === undefined ? undefined : run.clocks.span(takeover.host ?? '', takeover.hostAt, takeover)
    const due = (told?.latest ?? takeover.at) + timeout
    const going = survivors(run).map(({ name }) => name)
    const [observer] = onlookers(run)
    const mayLook = policyOfRun(run)?.readable === 'by all'
    const seconds = `${timeout / 1000} s`
    return all(
      [
        ...(going.length > 0 ? [readLate(run, going, due, seconds)] : []),
        ...(observer !== undefined && (mayLook || going.length === 0)
          ? [readLate(run, onlookers(run), due, seconds)]
          : []),
      ],
      'nobody can be believed who could have read the ledger',
    )
  },
}

/** Did one of these hosts read the ledger, from a moment on that is surely after `due`? */
function readLate(run: Case, hosts: readonly string[], due: number, seconds: string): Finding {
  const scans = run.ledger.scans.filter(
    ({ when, viewer }) => when !== 'takeover' && hosts.includes(viewer) && isBelievable(run, viewer),
  )
  const good = scans.find(({ error, began }) => error === undefined && (began?.earliest ?? -Infinity) >= due)
  if (good) return holds(`${good.viewer} read the ledger ${seconds} after the takeover and later`, [good.seq])
  return unknown(
    `${list(hosts)} did not read the ledger when ${seconds} had passed since the takeover`,
    scans.map(({ seq }) => seq),
  )
}
