import { ofType } from '../../journal/run.ts'
import { all, holds, lunsFor, unknown, violated, type Case, type Finding } from '../case.ts'
import { takeoverOf } from '../takeover.ts'
import type { LineOf } from '../../journal/event.ts'

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
  const initiator = (node: string) =>
    ofType(run.lines, 'host.facts').findLast((line) => line.host === node)?.facts['initiator']
  const [old, now] = [initiator(from), initiator(to)]
  if (old === undefined || now === undefined || old === now)
    return unknown(`the initiator names of ${from} and ${to} are not known`)
  const told = ofType(run.lines, 'array-keys')
  return all(
    lunsFor(run, 'data').map(({ name }) => {
      const views = told.filter((line) => line.lun === name)
      const before = views.findLast((line) => line.seq < injected)
      // the array is asked all the time and written down when it says something new: the last one stands to the end
      const after = views.findLast((line) => line.seq > injected)
      if (!before || !after)
        return unknown(`${name}: its array did not tell who holds it, before and after`, before ? [before.seq] : [])
      const events = [before.seq, after.seq]
      // a new connection to the array tells everything anew
      const deaf = ofType(run.lines, 'connection').findLast(
        (line) => line.host === after.host && line.state === 'gone' && line.seq > after.seq,
      )
      if (deaf) return unknown(`${name}: its array was not heard to the end`, [after.seq, deaf.seq])
      const [first, last] = [holder(before, views), holder(after, views)]
      if (first !== old) return unknown(`${name}: ${from} did not hold it before`, events)
      if (last === old) return violated(`${name}: ${from} still holds it`, events)
      if (last !== now) return unknown(`${name}: the array does not say that ${to} holds it`, events)
      return holds(`${name}: reserved by ${from}, then by ${to}, as the array says`, events)
    }),
    'the testbed declares no data disk',
  )
}

/** The initiator that LIO's text names as the holder of a SCSI-2 reservation; undefined where it names none. */
function holder(view: LineOf<'array-keys'>, views: readonly LineOf<'array-keys'>[]): string | undefined {
  const { text } = view.same === undefined ? view : (views.find(({ seq }) => seq === view.same) ?? { text: '' })
  return /^SPC-2 Reservation: .*?Initiator: (\S+)/m.exec(text)?.[1]
}
