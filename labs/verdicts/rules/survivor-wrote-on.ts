import type { Scan, Write } from '../../journal/ledger.ts'
import { ofType } from '../../journal/run.ts'
import { holds, list, nodeOfRole, unknown, violated, type Case, type Finding } from '../case.ts'
import { gaps, surelyWrites, wroteUntil } from '../ledger-gaps.ts'
import { finalScan } from '../takeover.ts'
import type { Mark } from '../stages.ts'

/** the role that goes on in the rows that have one */
const role = 'A'

/**
 * The node of role A goes on working: whatever happens to the others, its writes are acknowledged between all the steps
 * that the row takes with them and until the lab stops waiting, and nobody writes beside it.
 * Source: the scenario table, "node A continues to work".
 */
export function survivorWroteOn(run: Case): Finding {
  const node = nodeOfRole(run, role)?.name
  if (node === undefined) return unknown(`no node has the role ${role}`)
  const writes = run.ledger.writes.filter((write) => write.node === node)
  const bad = writes.filter(({ result }) => result !== 'acknowledged')
  if (bad.length > 0) {
    const which = list(bad.map(({ number, result, errno }) => `${number} was ${result} (errno ${errno})`))
    return violated(
      `${node}: ${which}`,
      bad.map(({ seq }) => seq),
    )
  }
  const since = takenOver(run, node)
  if (!since) return unknown(`${node}: nothing shows since when the group runs on it`)
  const own = writes.filter(({ seq }) => seq > since.seq)
  const proofs = [own[0], own.at(-1)].flatMap((write) => (write ? [write.seq] : []))
  const missing = gaps(own.map(({ number }) => number).toSorted((a, b) => a - b))
  if (missing.length > 0) return unknown(`nothing is known of the writes ${list(missing)} of ${node}`, proofs)
  const marks = marksOf(run).filter(({ seq }) => seq > since.seq)
  if (marks.length === 0) return unknown('the row did nothing after which a write could be seen')
  const silent = marks.filter((mark, index) => !wroteBetween(own, mark, marks[index + 1]))
  if (silent.length > 0)
    return unknown(`${node}: no write is proved after ${list(silent.map(({ name }) => name))}`, proofs)
  if (!wroteUntil(own, run.frame.end)) return unknown(`${node}: no write is proved in the end`, proofs)
  const final = finalScan(run)
  if (!final) return unknown('the ledger was not read in the end by somebody who can be believed')
  const beside = wroteBeside(run, node, since, final)
  if (beside) return beside
  return holds(`${node} wrote on all the time`, [since.seq, ...proofs, final.seq])
}

/** That another node wrote since the group runs on this one, as it told or as the disk has it; or that it is not known. */
function wroteBeside(run: Case, node: string, since: Mark, final: Scan): Finding | undefined {
  const told = run.ledger.writes.filter(
    (write) => write.node !== node && write.result === 'acknowledged' && write.seq > since.seq,
  )
  const there = final.records.filter((record) => record.node !== node)
  const isSince = ({ issued }: Pick<Write, 'issued'>) => issued !== undefined && issued.earliest > since.at
  const guilty = [...told, ...there].filter(isSince)
  const events = [since.seq, ...told.map(({ seq }) => seq), final.seq]
  if (guilty.length > 0)
    return violated(`${list([...new Set(guilty.map((one) => one.node))])} wrote beside ${node}`, events)
  const undated = [...told, ...there].find(({ issued }) => issued === undefined)
  return undated && unknown(`it is not known when ${undated.node} wrote what it wrote`, events)
}

/** The moments between which a write must be seen: everybody was looked at, or something was done. */
function marksOf(run: Case): readonly (Mark & { readonly name: string })[] {
  const done = ofType(run.lines, 'operation').filter(({ step }) => step === 'done')
  return [
    ...run.checkpoints.map(({ name, done: { at, seq } }) => ({ name, at, seq })),
    ...done.map(({ operation, nodes, at, seq }) => ({ name: [operation, ...nodes].join(' '), at, seq })),
  ].toSorted((a, b) => a.seq - b.seq)
}

/** Two moments that are close together have no write between them, and need none. */
function wroteBetween(writes: readonly Write[], mark: Mark, next: Mark | undefined): boolean {
  const until = next && next.at - mark.at >= surelyWrites ? next.at : Infinity
  return writes.some(({ issued }) => issued !== undefined && issued.earliest >= mark.at && issued.latest <= until)
}

/**
 * Since when the group runs on the node: where it was seen to before the fault, all the time; else since it was started
 * there first. (A later start would hide that it had stopped.)
 */
function takenOver(run: Case, node: string): Mark | undefined {
  const injected = run.frame.injected
  if (!injected) return undefined
  const before = ofType(run.lines, 'stack').findLast(
    (line) => line.host === node && line.answered && line.seq < injected.seq,
  )
  if (before?.active === true) return before
  return ofType(run.lines, 'stack.log').find(
    (line) => line.host === node && line.code === 'group-started' && line.seq > injected.seq,
  )
}
