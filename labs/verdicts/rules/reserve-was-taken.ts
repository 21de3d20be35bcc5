import { ofType } from '../../journal/run.ts'
import { all, holds, lunsFor, unknown, violated, type Case, type Finding } from '../case.ts'
import { takeoverOf } from '../takeover.ts'

/**
 * The SCSI-2 reservation of the data disk went from the one node to the other. No initiator can ask who holds such a
 * reservation (SPC-2 has no command for it), so the array itself is asked: LIO names the holder's initiator. Source: seed
 * 002, "node A will issue the reserve and obtain all resources for itself"; target_core_configfs.c, pr/res_holder.
 */
export function reserveWasTaken(run: Case): Finding {
  const takeover = takeoverOf(run)
  if (typeof takeover === 'string') return unknown(takeover)
  const { from, to } = takeover
  const injected = run.frame.injected?.seq ?? Infinity
  const initiator = (node: string) => ofType(run.lines, 'host.facts').findLast((line) => line.host === node)?.facts['initiator']
  const [old, now] = [initiator(from), initiator(to)]
  if (old === undefined || now === undefined) return unknown(`the initiator names of ${from} and ${to} are not known`)
  return all(
    lunsFor(run, 'data').map(({ name }) => {
      const views = ofType(run.lines, 'array-keys').filter((line) => line.lun === name)
      const before = views.findLast((line) => line.seq < injected)
      const after = views.at(-1)
      if (!before || !after || after.seq <= injected) return unknown(`${name}: its array did not tell who holds it, before and after`, before ? [before.seq] : [])
      const events = [before.seq, after.seq]
      if (!holder(before.text).includes(old)) return unknown(`${name}: ${from} did not hold it before`, events)
      if (holder(after.text).includes(old)) return violated(`${name}: ${from} still holds it`, events)
      if (!holder(after.text).includes(now)) return unknown(`${name}: the array does not say that ${to} holds it`, events)
      return holds(`${name}: reserved by ${from}, then by ${to}, as the array says`, events)
    }),
    'the testbed declares no data disk',
  )
}

/** The line of LIO's text that names the holder of a SCSI-2 reservation; empty where it is none. */
function holder(text: string): string {
  return text.split('\n').find((line) => line.startsWith('SPC-2 Reservation:')) ?? ''
}
