import { holds as isOnDisk, type Identity, type Recorded, type Scan } from '../../journal/ledger.ts'
import { all, holds, list, unknown, violated, type Case, type Finding } from '../case.ts'
import { finalReadings, keepsSharedLog, noFinalReading } from '../final-readings.ts'
import { cameFirst, groupStarts, sameLife, startOf, takeoversOf, type GroupStart, type Takeover } from '../ownership.ts'
import { lastStatus } from '../../journal/last-status.ts'
import { ofType } from '../../journal/run.ts'
import type { LineOf } from '../../journal/event.ts'
import type { Outcome } from '../../scenarios/outcome.ts'
import type { NodeState } from '../../journal/nodes.ts'

/** A write or a record that could have landed too late, and in which half of the ledger it was seen. */
interface Suspect extends Pick<Recorded, 'node' | 'number' | 'epoch' | 'issuedAt' | 'issued'> {
  readonly boot: string | undefined
  readonly half: 'own' | 'shared' | 'acknowledged'
  readonly seq: number
  /** for an acknowledged write: lab time by which it had completed */
  readonly completedBy?: number
}
type Doubt = 'late' | 'unknown' | 'innocent'

/**
 * Nothing of a node that the group was taken from reached the disk after the takeover, and nothing of a node that is out of the
 * cluster was written after that was proved. Each start of the group since the row began is a takeover. What its node
 * found on the disk, when the others had been fenced and before its own first write, is the border: a record of an earlier owner
 * that is in neither half of the ledger there and is in it in the end came too late, however good or bad the clocks; so did a write
 * that was acknowledged and is not there. A record may have its first half there and land its second one later: both are
 * compared. Source: seed 003, "the I/O does not reach the disk"; the scenario table, "ejects B from the shared disks".
 */
export function nothingLandedAfterTakeover(run: Case): Finding {
  const readings = finalReadings(run)
  if (readings.length === 0) return noFinalReading(run)
  const starts = groupStarts(run)
  const suspects = [...acknowledged(run), ...readings.flatMap(recordsOf)]
  const takeovers = takeoversOf(run)
  const seen = readings.map(({ seq }) => seq)
  const parts = [
    ...takeovers.map((takeover) => afterTakeover(run, takeover, suspects, starts, seen)),
    ...run.nodes.flatMap((node) => afterItsEnd(run, node, suspects, seen)),
  ]
  return parts.length > 0 ? all(parts, '') : holds('the group was not taken over, and no node was fenced', seen)
}

const acknowledged = (run: Case): readonly Suspect[] =>
  run.ledger.writes.flatMap((write): Suspect[] =>
    write.result === 'acknowledged' ? [{ ...write, half: 'acknowledged' }] : [],
  )

function recordsOf({ seq, records, shared = [] }: Scan): readonly Suspect[] {
  return [
    ...records.map((record): Suspect => ({ ...record, half: 'own', seq })),
    ...shared.map((record): Suspect => ({ ...record, half: 'shared', seq })),
  ]
}

function afterTakeover(
  run: Case,
  { by, scan }: Takeover,
  suspects: readonly Suspect[],
  starts: readonly GroupStart[],
  seen: readonly number[],
): Finding {
  const what = `${by.node} started the group`
  const judged = suspects.map((suspect) => ({
    suspect,
    doubt: scan ? byScan(run, { by, scan }, suspect, starts) : byClock(run, by, suspect, startOf(starts, suspect)),
  }))
  const late = judged.filter(({ doubt }) => doubt === 'late').map(({ suspect }) => suspect)
  const proofs = [by.seq, ...(scan ? [scan.seq] : []), ...seen]
  if (late.length > 0)
    return violated(`${what}, and after that landed ${named(late)}`, [...proofs, ...late.map(({ seq }) => seq)])
  // a cluster that forms anew has nobody to take the group over from: its first start reads nothing
  if (!scan && by.epoch !== 1) return unknown(`${what}, and what was on the disk then is not known`, proofs)
  if (scan && keepsSharedLog(run) && !scan.shared)
    return unknown(`${what}, and the log that all nodes share was not read then`, proofs)
  const doubtful = judged.filter(({ doubt }) => doubt === 'unknown').map(({ suspect }) => suspect)
  if (doubtful.length > 0)
    return unknown(`${what}, and it is not known whether ${named(doubtful)} landed after that`, [
      ...proofs,
      ...doubtful.map(({ seq }) => seq),
    ])
  return holds(`${what}, and nothing of an earlier owner landed after that`, proofs)
}

/** Against what stood on the disk when the group was taken over. */
function byScan(
  run: Case,
  { by, scan }: { readonly by: GroupStart; readonly scan: Scan },
  suspect: Suspect,
  starts: readonly GroupStart[],
): Doubt {
  if (sameLife(suspect, by)) return 'innocent'
  const owned = ownedBefore(run, by, suspect, startOf(starts, suspect))
  if (owned === 'no') return 'innocent'
  const there =
    suspect.half === 'shared'
      ? scan.shared === undefined || isOnDisk({ records: scan.shared }, suspect)
      : isOnDisk(scan, suspect) && (suspect.half === 'own' || isInShared(scan, suspect))
  if (there) return 'innocent'
  // acknowledged before the disk was read, and missing there: it was lost, which is another invariant's to say
  if ((suspect.completedBy ?? Infinity) < scan.notBefore) return 'innocent'
  if (owned === 'yes') return 'late'
  return owned === 'unless it had started' && (suspect.issued?.earliest ?? -Infinity) > scan.done ? 'late' : 'unknown'
}

const isInShared = (scan: Scan, write: Identity) =>
  scan.shared === undefined || isOnDisk({ records: scan.shared }, write)

/** Without a reading at the takeover, only the clocks tell. */
function byClock(run: Case, by: GroupStart, suspect: Suspect, start: GroupStart | undefined): Doubt {
  if (sameLife(suspect, by) || ownedBefore(run, by, suspect, start) === 'no') return 'innocent'
  if (!suspect.issued || !by.span)
    return (suspect.completedBy ?? Infinity) < (by.span?.earliest ?? -Infinity) ? 'innocent' : 'unknown'
  return suspect.issued.earliest > by.span.latest ? 'late' : 'innocent'
}

/**
 * Whether the writer had the group before this start of it. A write without a start of its own is of the owner from before the
 * recording, unless it is of a boot or an epoch that came later: then its start was not told, and it had none if its node is not
 * one that goes on.
 */
function ownedBefore(
  run: Case,
  by: GroupStart,
  { node, boot, epoch }: Suspect,
  start: GroupStart | undefined,
): 'yes' | 'no' | 'unless it had started' | 'unknown' {
  if (start) {
    const first = cameFirst(start, by)
    return first === 'one' ? 'yes' : first === 'other' ? 'no' : 'unknown'
  }
  const atFirst = run.clocks.bootOf(node, run.frame.injected?.seq ?? 0)
  const later = atFirst !== undefined && boot !== undefined && boot !== atFirst
  if (!later && !(by.epoch !== undefined && epoch > by.epoch)) return 'yes'
  const outcome = run.nodes.find(({ name }) => name === node)?.outcome
  return outcome === 'running' || outcome === 'left' ? 'unknown' : 'unless it had started'
}

/** Who is out of the cluster in the end wrote nothing after that was proved, in whatever boot. */
function afterItsEnd(
  run: Case,
  { name, outcome, settled, events }: NodeState,
  suspects: readonly Suspect[],
  seen: readonly number[],
): readonly Finding[] {
  if (outcome === 'running') return []
  if (outcome === 'unknown') return [unknown(`it is not known what became of ${name}`, [...events, ...seen])]
  const own = suspects.filter(({ node }) => node === name)
  const proofs = [...events, ...seen]
  const out = outSince(run, name, outcome)
  const isLate = ({ issued, issuedAt, boot, node }: Suspect) =>
    (issued?.earliest ?? -Infinity) > settled ||
    // a boot that was not seen may be another one, whose clock says nothing here
    (out?.boot !== undefined && boot !== undefined && sameLife({ node, boot }, out) && issuedAt > out.hostAt)
  const late = own.filter(isLate)
  if (late.length > 0)
    return [
      violated(`${name} was ${outcome}, and after that wrote ${named(late)}`, [
        ...proofs,
        ...late.map(({ seq }) => seq),
      ]),
    ]
  const undated = own.filter(({ issued, completedBy }) => !issued && !((completedBy ?? Infinity) < settled))
  if (undated.length > 0)
    return [
      unknown(`${name} was ${outcome}, and it is not known when it wrote ${named(undated)}`, [
        ...proofs,
        ...undated.map(({ seq }) => seq),
      ]),
    ]
  return [holds(`${name} was ${outcome}, and wrote nothing after that`, proofs)]
}

const stateOf: Partial<Record<Outcome, LineOf<'stack'>['state']>> = { left: 'left', 'refused-to-join': 'refused' }

/** Since when, by its own clock, a node's stack says without a break that it has left or was refused. */
function outSince(
  run: Case,
  node: string,
  outcome: Outcome,
): { readonly node: string; readonly boot: string | undefined; readonly hostAt: number } | undefined {
  const state = stateOf[outcome]
  const last = lastStatus(run.lines, node, run.clocks)
  if (state === undefined || last?.state !== state) return undefined
  const boot = run.clocks.bootOf(node, last.seq)
  const told = ofType(run.lines, 'stack')
    .flatMap((line) =>
      line.host === node && line.hostAt !== undefined && run.clocks.bootOf(node, line.seq) === boot
        ? [{ hostAt: line.hostAt, state: line.state }]
        : [],
    )
    .toSorted((a, b) => a.hostAt - b.hostAt)
  const first = told[told.findLastIndex((status) => status.state !== state) + 1]
  return first && { node, boot, hostAt: first.hostAt }
}

/** `record 3 of nodea (shared log)`, each once, and only the first of many. */
function named(suspects: readonly Suspect[]): string {
  const words = [
    ...new Set(
      suspects.map(
        ({ node, number, half }) => `record ${number} of ${node}${half === 'shared' ? ' (shared log)' : ''}`,
      ),
    ),
  ]
  return words.length > 5 ? `${words.slice(0, 5).join(', ')} and ${words.length - 5} more` : list(words)
}
