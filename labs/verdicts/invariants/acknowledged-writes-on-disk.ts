import { holds as isOnDisk, isSameWrite, type Scan, type Write } from '../../journal/ledger.ts'
import { all, holds, list, unknown, violated, type Case, type Finding } from '../case.ts'
import { finalReadings, keepsSharedLog, noFinalReading } from '../final-readings.ts'

/**
 * No acknowledged write of any node is missing in the end: its record is in the writer's own region and, where the cluster
 * keeps a log that all nodes share, in its slot there. Another writer's record in that slot has destroyed it. Due is what had
 * completed before the reading began; what cannot be dated against the reading and is missing makes it unknown. Source: SBC-3,
 * a write that ended with GOOD status and is on stable storage (the ledger writes with O_DIRECT and O_DSYNC) can be read back.
 */
export function acknowledgedWritesOnDisk(run: Case): Finding {
  const written = run.ledger.writes.filter(({ result }) => result === 'acknowledged')
  if (written.length === 0) return unknown('no write was acknowledged: that none is missing proves nothing')
  const readings = finalReadings(run)
  if (readings.length === 0) return noFinalReading(run)
  return all(
    readings.map((reading) => allThere(reading, written, keepsSharedLog(run))),
    '',
  )
}

function allThere(reading: Scan, written: readonly Write[], shared: boolean): Finding {
  const by = `${reading.viewer} reads`
  const due = written.filter(({ completedBy }) => completedBy < reading.notBefore)
  const missing = written.filter((write) => !isOnDisk(reading, write))
  const displaced = shared && reading.shared ? written.filter((write) => !isInItsSlot(reading, write)) : []
  const lost = [...new Set([...missing, ...displaced])]
  const proved = lost.filter((write) => due.includes(write))
  if (proved.length > 0)
    return violated(
      `acknowledged and not on the disk, as ${by}: ${list(proved.map((write) => where(reading, write)))}`,
      [...proved.map(({ seq }) => seq), reading.seq],
    )
  if (shared && !reading.shared)
    return unknown(`${by} no log that all nodes share, and the cluster keeps one`, [reading.seq])
  const doubtful = lost.filter(({ issued }) => !((issued?.earliest ?? -Infinity) >= reading.done))
  if (doubtful.length > 0)
    return unknown(
      `acknowledged and not on the disk, and not known to have completed before ${by}: ${list(doubtful.map((write) => where(reading, write)))}`,
      [...doubtful.map(({ seq }) => seq), reading.seq],
    )
  const last = due.at(-1)
  if (!last)
    return unknown('no acknowledged write is known to have completed before the ledger was read', [reading.seq])
  const places = shared ? 'in its own region and in the shared log' : 'in its own region'
  return holds(`${by} every acknowledged write (${due.length} were due) ${places}`, [last.seq, reading.seq])
}

const inSlot = ({ shared = [] }: Scan, number: number) => shared.filter((record) => record.number === number)

function isInItsSlot(reading: Scan, write: Write): boolean {
  const there = inSlot(reading, write.number)
  return there.length > 0 && there.every((record) => isSameWrite(record, write))
}

/** `7 of nodeb`, and whose record stands in its slot of the shared log instead. */
function where(reading: Scan, write: Write): string {
  const other = inSlot(reading, write.number).find(({ node }) => node !== write.node)
  return `${write.number} of ${write.node}${other ? ` (${other.node}'s stands in its place)` : ''}`
}
