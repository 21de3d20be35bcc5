import { lastLook, lookedSince, reservationReadings } from '../../journal/key-tables.ts'
import { all, holds, isBelievable, lunsFor, nodeRecord, unknown, violated, type Case, type Finding } from '../case.ts'
import { takeoverOf } from '../takeover.ts'

/**
 * The reservation of the data disk, of the type that the row is about, was held by the node that ran the group, and is held
 * in the end by the one that took it over. Source: seed 003, "obtains the exclusive access to the shared disk by SCSI-3
 * Persistent Reservation"; the published scripts for what is reserved.
 */
export function reservationWasTaken(run: Case): Finding {
  const takeover = takeoverOf(run)
  if (typeof takeover === 'string') return unknown(takeover)
  const { from, to } = takeover
  const type = run.started.scenario.parameters?.['reservationType']
  const injected = run.frame.injected
  const end = run.frame.end
  if (typeof type !== 'number' || !injected || !end)
    return unknown('the row names no type of reservation, or did not come to its end')
  return all(
    lunsFor(run, 'data').map(({ name }) => {
      const readings = reservationReadings(run.readings, name).filter(({ viewer }) => isBelievable(run, viewer))
      const earlier = readings.filter(({ seq }) => seq < injected.seq)
      const since = lookedSince(readings, end.at)
      // the Linux defender gives its reservation away for a moment in every cycle, and takes it again
      const before = earlier.findLast(({ answer }) => answer.reservation) ?? earlier.at(-1)
      const after = lastLook(since.filter(({ answer }) => answer.reservation)) ?? lastLook(since)
      if (!before || !after) return unknown(`${name}: its reservation was not read before and in the end`)
      const held = (reading: typeof before, node: string) =>
        reading.answer.reservation?.type === type && reading.answer.reservation.key === nodeRecord(run, node).keys.data
      const events = [before.seq, after.seq]
      if (!held(before, from)) return unknown(`${name}: ${from} did not hold it with type ${type} before`, events)
      const stranger = since.find((reading) => reading.answer.reservation && !held(reading, to))
      if (stranger) {
        const { key, type: other } = stranger.answer.reservation ?? {}
        return violated(`${name}: it is held by ${key} with type ${other}, not by ${to} with type ${type}`, [
          before.seq,
          stranger.seq,
        ])
      }
      if (!held(after, to)) return unknown(`${name}: nobody held it whenever it was looked at in the end`, events)
      return holds(`${name}: ${from} held it with type ${type}, and ${to} holds it in the end`, events)
    }),
    'the testbed declares no data disk',
  )
}
