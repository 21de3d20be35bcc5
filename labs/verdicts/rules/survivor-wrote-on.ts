import { holds as isOnDisk } from '../../journal/ledger.ts'
import { ofType } from '../../journal/run.ts'
import { holds, isBelievable, list, nodeOfRole, unknown, violated, type Case, type Finding } from '../case.ts'

/** the role that goes on in the rows that have one */
const role = 'A'

/**
 * The node of role A goes on working: whatever happens to the others, its writes are acknowledged before and after every
 * step that the row takes with them, and are on the disk in the end. Source: the scenario table, "node A continues to work".
 */
export function survivorWroteOn(run: Case): Finding {
  const node = nodeOfRole(run, role)
  if (!node) return unknown(`no node has the role ${role}`)
  const writes = run.ledger.writes.filter((write) => write.node === node.name)
  const bad = writes.filter(({ result }) => result !== 'acknowledged')
  if (bad.length > 0) {
    const which = list(bad.map(({ number, result, errno }) => `${number} was ${result} (errno ${errno})`))
    return violated(`${node.name}: ${which}`, bad.map(({ seq }) => seq))
  }
  const since = takenOver(run, node.name)
  if (since === undefined) return unknown(`${node.name}: nothing shows since when the group runs on it`)
  const marks = [
    ...run.checkpoints.map(({ name, done }) => ({ name, at: done.at, seq: done.seq })),
    ...ofType(run.lines, 'operation').flatMap((line) => (line.step === 'done' ? [{ name: [line.operation, ...line.nodes].join(' '), at: line.at, seq: line.seq }] : [])),
  ].filter(({ seq }) => seq > since)
  if (marks.length === 0) return unknown('the row did nothing after which a write could be seen')
  const silent = marks.filter(({ at }) => !writes.some(({ issued }) => issued !== undefined && issued.earliest >= at))
  const proofs = [writes[0], writes.at(-1)].flatMap((write) => (write ? [write.seq] : []))
  if (silent.length > 0) return unknown(`${node.name}: no write is proved after ${list(silent.map(({ name }) => name))}`, proofs)
  const final = run.ledger.scans.findLast((scan) => scan.when === 'final')
  if (!final || final.error !== undefined || !isBelievable(run, final.viewer)) return unknown('the ledger was not read in the end', final ? [final.seq] : [])
  const lost = writes.filter((write) => (write.completed?.latest ?? Infinity) < final.notBefore && !isOnDisk(final, write))
  if (lost.length > 0) {
    const numbers = list(lost.map(({ number }) => String(number)))
    return violated(`acknowledged and not on the disk: ${numbers} of ${node.name}`, [...lost.map(({ seq }) => seq), final.seq])
  }
  return holds(`${node.name} wrote on all the time`, [...proofs, final.seq])
}

/** Where the group was started on the node last, or where it was seen to be active before the fault. */
function takenOver(run: Case, node: string): number | undefined {
  const started = ofType(run.lines, 'stack.log').findLast((line) => line.host === node && line.code === 'group-started')
  if (started) return started.seq
  const injected = run.frame.injected?.seq ?? 0
  return ofType(run.lines, 'stack').findLast((line) => line.host === node && line.active === true && line.seq < injected)?.seq
}
