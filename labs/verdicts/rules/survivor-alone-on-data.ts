import { lastLook, lookedSince, reservationReadings, rivalOf } from '../../journal/key-tables.ts'
import { reservationType, typeWords } from '../../scsi/reservation-type.ts'
import { all, holds, isBelievable, lunsFor, nodeRecord, unknown, violated, type Case, type Finding } from '../case.ts'
import { aloneOn, settled } from '../final-keys.ts'

/**
 * In the end every data disk lists the keys of those who go on, and no others, and is reserved with a type that keeps
 * everybody else from writing. Keys without a reservation keep nobody out (SPC-4 5.12, the types and what they allow).
 */
export function survivorAloneOnData(run: Case): Finding {
  const end = settled(run)
  if (!end.known) return end.finding
  const wanted = end.names.map((name) => nodeRecord(run, name).keys.data)
  return all(
    lunsFor(run, 'data').flatMap((lun) => [
      aloneOn(run, lun.name, wanted, end.since),
      reservedOn(run, lun.name, end.since),
    ]),
    'the testbed declares no data disk',
  )
}

/** Every type that is not obsolete refuses the writes of who is not registered. */
export function reservedOn(run: Case, lun: string, since: number): Finding {
  const answers = lookedSince(
    reservationReadings(run.readings, lun).filter(({ viewer }) => isBelievable(run, viewer)),
    since,
  )
  const last = lastLook(answers)
  if (!last) return unknown(`${lun}: its reservation was not read after the outcome was settled`)
  const rival = rivalOf(answers, last, (one, other) => one.answer.reservation?.type === other.answer.reservation?.type)
  if (rival)
    return unknown(
      `${lun}: ${last.viewer} and ${rival.viewer} disagree about its reservation, and it is not known which of them looked last`,
      [last.seq, rival.seq],
    )
  const { reservation } = last.answer
  if (!reservation) return violated(`${lun}: no reservation is held, nothing refuses a write`, [last.seq])
  const words = typeWords(reservation.type)
  return reservationType(reservation.type)
    ? holds(`${lun}: reserved, ${words}`, [last.seq])
    : violated(`${lun}: reserved with ${words}, which keeps nobody from writing`, [last.seq])
}
