import type { LedgerOddity } from '../../journal/event.ts'
import type { Scan } from '../../journal/ledger.ts'
import { isOfRevision } from '../../journal/revision.ts'
import { all, holds, list, unknown, violated, type Case, type Finding } from '../case.ts'
import { finalReadings } from '../final-readings.ts'

/**
 * The regions of the ledger hold records of this run in their places and nothing else. A right record of this run in another
 * place than its own, or by a writer who is no node, is a write that the array put where it does not belong. A record that is
 * torn behind the last acknowledged write of a node that was lost is one that it was in the middle of; anywhere else, as a block
 * that is no record at all, it is the work of somebody whom the recording does not know. Records of other runs are leftovers as
 * long as there are not more of them in a later reading: then another program writes to this disk. Source: T10 SBC-3 4.7
 * (a WRITE puts its data at the addressed blocks); what the ledger keeps where is in labs/docs/recording.md.
 *
 * Says nothing without a reading from the end, or of a recording that was made before the whole regions were read (revision 3)
 * and tells of nothing odd.
 */
export function ledgerIntact(run: Case): Finding | undefined {
  const readings = finalReadings(run)
  const told = run.ledger.scans.some(({ odd, otherRuns }) => odd.length + otherRuns.length > 0)
  if (readings.length === 0 || !(told || isOfRevision(run.started, 3))) return undefined
  return all([...readings.map((reading) => inPlace(run, reading)), noneGrew(run)], '')
}

function inPlace(run: Case, reading: Scan): Finding {
  const by = `${reading.viewer} reads`
  const displaced = reading.odd.filter(({ kind }) => kind === 'foreign' || kind === 'misplaced')
  if (displaced.length > 0)
    return violated(`${by} records of this run where they do not belong: ${list(displaced.map(words))}`, [reading.seq])
  const strange = reading.odd.filter((odd) => !isLastWord(run, odd))
  return strange.length > 0
    ? unknown(`${by} blocks that no node of this run is known to have written: ${list(strange.map(words))}`, [
        reading.seq,
      ])
    : holds(`${by} nothing but records in their places`, [reading.seq])
}

/** Torn, in the region of a node that did not go on, behind all that was acknowledged to it. */
function isLastWord(run: Case, { kind, region, slot }: LedgerOddity): boolean {
  const writer = run.started.testbed.nodes.find(({ id }) => id === region)?.name
  if (kind !== 'torn' || writer === undefined || run.nodes.find(({ name }) => name === writer)?.outcome === 'running')
    return false
  const acknowledged = run.ledger.writes.filter(({ node, result }) => node === writer && result === 'acknowledged')
  return acknowledged.every(({ number }) => number < slot)
}

function noneGrew(run: Case): Finding {
  const readings = run.ledger.scans.filter(({ error }) => error === undefined)
  for (const [index, later] of readings.entries())
    for (const earlier of readings.slice(0, index))
      for (const { run: name, records } of later.otherRuns) {
        const before = earlier.otherRuns.find((one) => one.run === name)?.records ?? 0
        if (records > before)
          return violated(
            `another run writes to this disk meanwhile: ${records} records of ${name} in a later reading, ${before} in an earlier one`,
            [earlier.seq, later.seq],
          )
      }
  return holds(
    'no other run writes to this disk',
    readings.slice(-1).map(({ seq }) => seq),
  )
}

const words = ({ kind, region, slot, to, who }: LedgerOddity) =>
  `${kind} in region ${region}, ${to === undefined ? `slot ${slot}` : `slots ${slot} to ${to}`}${who === undefined ? '' : ` (by ${who})`}`
