import type { Write } from '../journal/ledger.ts'
import { unknown, violated, type Case, type Finding } from './case.ts'
import { finalScan } from './takeover.ts'
import type { Mark } from './stages.ts'
import type { Span } from '../journal/clock.ts'

/** That a node wrote nothing between two moments: what it told of, and what is on the disk in the end. */
export type Silence =
  { readonly kept: true; readonly proofs: readonly number[] } | { readonly kept: false; readonly finding: Finding }

/**
 * Whether a node wrote nothing to the data disk between two moments. That nothing is there proves something only where
 * somebody wrote before, so that a write would have been seen; and the last reading must be from after the run had ended.
 * A write without a time, or one that straddles a border, may be of that time.
 */
export function wroteNothingBetween(run: Case, what: string, node: string, from: Mark, to: Mark): Silence {
  const no = (finding: Finding): Silence => ({ kept: false, finding })
  const isWithin = (issued: Span | undefined) =>
    issued !== undefined && issued.earliest >= from.at && issued.latest <= to.at
  const mayBe = (issued: Span | undefined) =>
    issued === undefined || (issued.latest >= from.at && issued.earliest <= to.at)
  const isDoubtful = ({ seq, issued }: Write) =>
    mayBe(issued) && (issued !== undefined || (seq > from.seq && seq < to.seq))
  const landed = run.ledger.writes.filter((write) => write.node === node && write.result === 'acknowledged')
  const guilty = landed.filter(({ issued }) => isWithin(issued))
  if (guilty.length > 0) {
    return no(
      violated(
        `${what}: ${node} wrote although it was kept out: ${guilty.map(({ number }) => number).join(', ')}`,
        guilty.map(({ seq }) => seq),
      ),
    )
  }
  const final = finalScan(run)
  if (!final) return no(unknown('the ledger was not read in the end by somebody who can be believed'))
  const records = final.records.filter((record) => record.node === node)
  const there = records.filter(({ issued }) => isWithin(issued))
  if (there.length > 0) {
    const numbers = there.map(({ number }) => number).join(', ')
    return no(
      violated(`${what}: records of ${node} are on the disk from when it was kept out: ${numbers}`, [final.seq]),
    )
  }
  const doubtful = landed.filter(isDoubtful)
  if (doubtful.length > 0 || records.some(({ issued }) => mayBe(issued))) {
    return no(
      unknown(`${what}: it is not known when ${node} wrote what it wrote`, [
        ...doubtful.map(({ seq }) => seq),
        final.seq,
      ]),
    )
  }
  const injected = run.frame.injected?.seq ?? 0
  const before = run.ledger.writes.find(({ result, seq }) => result === 'acknowledged' && seq < injected)
  if (!before) return no(unknown('nobody wrote before the fault: that nothing was written later proves nothing'))
  return { kept: true, proofs: [before.seq, final.seq] }
}
