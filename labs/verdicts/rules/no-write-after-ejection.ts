import { findEjection } from '../../journal/key-tables.ts'
import { holds as isOnDisk, isSameWrite, type Scan, type Write } from '../../journal/ledger.ts'
import { ofType } from '../../journal/run.ts'
import {
  all,
  believable,
  holds,
  isBelievable,
  list,
  losers,
  nodeRecord,
  unknown,
  violated,
  type Case,
  type Finding,
} from '../case.ts'
import { isBeforeOwnWrites } from '../takeover.ts'

/**
 * The one question that matters: did a write of a fenced node reach the disk after it was fenced? (Its mirror, whether a write
 * was lost that had been acknowledged, is asked in every row: acknowledged-writes-on-disk.)
 *
 * A record of a loser that the survivor did not find when it took over (after the ejection, before its own first
 * write), and that is there in the end, reached the disk after the ejection, however good or bad the clocks. A record
 * or an acknowledgement issued later than the latest moment of the ejection, clock errors taken off, proves the same.
 * Without a takeover scan a record is only innocent when its acknowledgement came before the earliest moment of the
 * ejection. What the samples cannot tell apart (a write within the ejection's own bounds) is in the reason's text.
 */
export function noWriteAfterEjection(run: Case): Finding {
  const { injected, end } = run.frame
  const { writes, scans } = run.ledger
  if (!injected || !end) return unknown('no fault was applied')
  const lost = losers(run)
  if (lost.length === 0) return unknown('no node was fenced, so no write can show anything')
  const before = writes.filter((write) => write.seq < injected.seq && write.result === 'acknowledged')
  if (before.length === 0)
    return unknown('nobody wrote before the fault: that nothing was written later proves nothing')
  const final = scans.findLast((scan) => scan.when === 'final')
  if (!final) return unknown('the ledger was not read in the end')
  if (final.error !== undefined) return unknown(`the ledger could not be read in the end: ${final.error}`, [final.seq])
  if (final.seq <= end.seq || !isBelievable(run, final.viewer)) {
    return unknown(`the last reading of the ledger is not of the end, or ${final.viewer} cannot be relied on`, [
      final.seq,
    ])
  }
  return all(
    lost.map(({ name }) => wroteAfterwards(run, name, final)),
    '',
  )
}

function wroteAfterwards(run: Case, node: string, final: Scan): Finding {
  const writes = run.ledger.writes.filter((write) => write.node === node)
  const records = final.records.filter((record) => record.node === node)
  const ejection = findEjection(
    believable(run, final.lun),
    nodeRecord(run, node).keys.data,
    run.frame.injected?.at ?? Infinity,
  )
  if (ejection.kind === 'unknown') {
    return unknown(`${node}: when it was ejected from ${final.lun} is not known: ${ejection.why}`, ejection.events)
  }
  if (writes.length + records.length === 0) {
    return holds(`${node} wrote nothing`, [...ejection.events, final.seq])
  }
  const claimed = takeoverScan(run, node, final.lun)
  // a scan that ended while the key was still there is no witness of what came after the ejection
  const early = claimed !== undefined && ejection.earliest > claimed.done
  const takeover = early ? undefined : claimed
  const proofs = [...ejection.events, ...(claimed ? [claimed.seq] : []), final.seq]
  const bound = Math.min(ejection.latest, takeover?.done ?? Infinity)

  const landed = takeover ? records.filter((record) => !isOnDisk(takeover, record)) : []
  const late = records.filter((record) => (record.issued?.earliest ?? -Infinity) > bound)
  const acknowledged = writes.filter((write) => write.result === 'acknowledged')
  const lateAcknowledged = acknowledged.filter((write) => (write.issued?.earliest ?? -Infinity) > bound)
  const afterRefusal = acknowledged.filter((write) => followsRefusal(write, writes, run.frame.injected?.seq ?? 0))
  const guilty = [...lateAcknowledged, ...afterRefusal]
  const numbers = new Set([...landed, ...late, ...guilty].map((write) => write.number))
  if (numbers.size > 0) {
    return violated(`${node} wrote after it was ejected: record ${list([...numbers].map(String))}`, [
      ...proofs,
      ...guilty.map((write) => write.seq),
    ])
  }

  if (early) return unknown(`${node}: the scan of the takeover was made before it was ejected`, proofs)
  const undated = [...records, ...acknowledged].filter((write) => write.issued === undefined)
  if (undated.length > 0) return unknown(`${node}: its clock was not measured, its writes have no time`, proofs)
  if (!takeover) {
    const doubtful = records.filter(
      (record) => !acknowledged.some((write) => isSameWrite(write, record) && endedBefore(write, ejection.earliest)),
    )
    if (doubtful.length > 0) {
      const which = list(doubtful.map((record) => String(record.number)))
      return unknown(`${node}: no scan of a takeover tells whether record ${which} came before its ejection`, proofs)
    }
  }
  const refused = writes.filter((write) => write.result === 'refused')
  const window = Math.max(0, Math.round(bound - ejection.earliest))
  const text = `${node}: no write after its ejection (known to ${window} ms)`
  return holds(refused.length > 0 ? `${text}, and ${refused.length} refused` : text, [
    ...proofs,
    ...refused.map((write) => write.seq),
  ])
}

/**
 * The first scan that a survivor made after it had ejected the node. One that came after its own first write does not show
 * what was there when it took over.
 */
function takeoverScan(run: Case, node: string, lun: string): Scan | undefined {
  const since = run.frame.injected
  if (!since) return undefined
  const first = run.ledger.scans.find(
    (scan) =>
      scan.when === 'takeover' &&
      scan.seq > since.seq &&
      scan.lun === lun &&
      scan.error === undefined &&
      scan.viewer !== node &&
      isBelievable(run, scan.viewer),
  )
  const line = ofType(run.lines, 'ledger.scan').find(({ seq }) => seq === first?.seq)
  return line && isBeforeOwnWrites(run, line, since) ? first : undefined
}

/** The storage had already said no to this node before it took this write. A node writes one after the other. */
function followsRefusal(write: Write, writes: readonly Write[], since: number): boolean {
  return writes.some(
    (other) =>
      other.result === 'refused' &&
      other.seq > since &&
      other.boot === write.boot &&
      other.epoch === write.epoch &&
      other.number < write.number,
  )
}

function endedBefore(write: Write, moment: number): boolean {
  return write.completed !== undefined && write.completed.latest <= moment
}
