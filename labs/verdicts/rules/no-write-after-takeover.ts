import { holds as isOnDisk } from '../../journal/ledger.ts'
import { holds, list, unknown, violated, type Case, type Finding } from '../case.ts'
import { finalScan, takeoverOf } from '../takeover.ts'

/**
 * After the group was taken over, no write of the node that had it reached the disk. What was not there when the other
 * looked (after it had fenced it, before its own first write) and is there in the end came too late, whatever the clocks
 * say; so does what was acknowledged although it was issued after that look. Where nothing was keyed this is the one proof. Source: seed 003, "the I/O does not reach the disk"; seed
 * 002, disallowing access to shared resources.
 */
export function noWriteAfterTakeover(run: Case): Finding {
  const takeover = takeoverOf(run)
  if (typeof takeover === 'string') return unknown(takeover)
  const { from, scan, started } = takeover
  const before = run.ledger.writes.filter(
    (write) => write.node === from && write.seq < (run.frame.injected?.seq ?? 0) && write.result === 'acknowledged',
  )
  if (before.length === 0)
    return unknown(`${from} did not write before the fault: that nothing was written later proves nothing`)
  if (!scan) return unknown('the disk was not read when the group was taken over', [started.seq])
  const final = finalScan(run)
  if (!final) return unknown('the ledger was not read in the end by somebody who can be believed')
  const landed = final.records.filter((record) => record.node === from && !isOnDisk(scan, record))
  const writes = run.ledger.writes.filter((write) => write.node === from)
  const late = writes.filter(
    (write) => write.result === 'acknowledged' && (write.issued?.earliest ?? -Infinity) > scan.done,
  )
  const proofs = [...before.slice(-1).map(({ seq }) => seq), scan.seq, started.seq, final.seq]
  if (landed.length + late.length > 0) {
    const numbers = [...new Set([...landed, ...late].map(({ number }) => String(number)))]
    return violated(`${from} wrote after the takeover: record ${list(numbers)}`, [
      ...proofs,
      ...late.map(({ seq }) => seq),
    ])
  }
  const undated = writes.filter((write) => write.result === 'acknowledged' && write.issued === undefined)
  if (undated.length > 0) return unknown(`${from}: its clock was not measured, its writes have no time`, proofs)
  const kept = writes.filter((write) => write.result !== 'acknowledged' && write.seq > (run.frame.injected?.seq ?? 0))
  const text = `no write of ${from} reached the disk after the takeover`
  return holds(kept.length > 0 ? `${text}, and ${kept.length} did not get through` : text, [
    ...proofs,
    ...kept.map(({ seq }) => seq),
  ])
}
