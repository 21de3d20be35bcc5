import type { Write } from '../../journal/ledger.ts'
import { lastStep } from '../../journal/faults.ts'
import { holds, list, unknown, violated, type Case, type Finding } from '../case.ts'
import { ofType } from '../../journal/run.ts'
import { gaps, wroteUntil } from '../ledger-gaps.ts'

/**
 * The node that the group runs on writes all the way through: every number once and every one acknowledged, before the fault,
 * during it, after its repair where the row has one, and until the lab stops waiting. (That all of them are on the disk is
 * asked in every row: acknowledged-writes-on-disk.)
 */
export function ledgerWithoutGap(run: Case): Finding {
  const { injected, end, lines } = run.frame
  if (!injected || !end) return unknown('no fault was applied')
  const { writes } = run.ledger
  const bad = writes.filter((write) => write.result !== 'acknowledged')
  if (bad.length > 0) {
    const which = bad.map((write) => `${write.number} of ${write.node} was ${write.result} (errno ${write.errno})`)
    return violated(
      `not acknowledged: ${list(which)}`,
      bad.map((write) => write.seq),
    )
  }
  const writers = [...new Set(writes.map((write) => write.node))]
  if (writers.length > 1) {
    const firsts = writers.map((node) => writes.find((write) => write.node === node) as Write)
    return violated(
      `${list(writers)} all wrote: the group did not stay where it was`,
      firsts.map((write) => write.seq),
    )
  }
  const [writer] = writers
  if (writer === undefined) return unknown('nobody wrote')
  const active = ofType(lines, 'stack').findLast((line) => line.seq < injected.seq && line.active === true)
  if (active?.host !== writer) return unknown(`the stack did not say before the fault that the group runs on ${writer}`)
  const numbers = writes.map((write) => write.number).toSorted((a, b) => a - b)
  const missing = gaps(numbers)
  if (missing.length > 0) return unknown(`nothing is known of the writes ${list(missing)} of ${writer}`)
  const uncovered = momentsWithoutWrite(run, writes)
  if (uncovered) return unknown(`${writer}: ${uncovered}`)

  const range = `${numbers[0]} to ${numbers.at(-1)}`
  return holds(`${writer} wrote ${range} without a gap`, [active.seq, ...ends(writes)])
}

/** The moments at which a write must have been seen, in words where one was not. */
function momentsWithoutWrite(run: Case, writes: readonly Write[]): string | undefined {
  const injected = run.frame.injected
  const issuedAfter = (at: number) => writes.some((write) => write.issued !== undefined && write.issued.earliest >= at)
  if (!injected || !writes.some((write) => write.seq < injected.seq)) return 'no write before the fault'
  for (const fault of run.faults) {
    const verified = lastStep(fault.steps, 'verified')
    const reverting = lastStep(fault.steps, 'reverting')
    const gone = lastStep(fault.steps, 'gone')
    if (!verified || !issuedAfter(verified.at)) return `no write is proved after the fault ${fault.id} took`
    if (reverting && !during(writes, verified.at, reverting.at))
      return `no write is proved during the fault ${fault.id}`
    if (gone && !issuedAfter(gone.at)) return `no write is proved after the fault ${fault.id} was gone`
  }
  return wroteUntil(writes, run.frame.end) ? undefined : 'no write is proved in the end'
}

function during(writes: readonly Write[], from: number, to: number): boolean {
  return writes.some(
    (write) => (write.issued?.earliest ?? -Infinity) >= from && (write.issued?.latest ?? Infinity) <= to,
  )
}

function ends(writes: readonly Write[]): readonly number[] {
  return [writes[0], writes.at(-1)].flatMap((write) => (write ? [write.seq] : []))
}
