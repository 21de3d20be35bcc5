import { holds as isOnDisk } from '../../journal/ledger.ts'
import { ofType } from '../../journal/run.ts'
import { holds, list, unknown, violated, type Case, type Finding } from '../case.ts'
import { finalScan, takeoverOf } from '../takeover.ts'

/**
 * The documented outcome is the loss of data, and the lab proves it: after the other node had taken the group over and
 * written, the delayed one wrote too, both were told that all is well, and in the log that they share a record of the one
 * stands where an acknowledged record of the other was. Source: seed 003, "both nodes issue I/Os to the shared disk
 * simultaneously and in parallel. This makes the data on the shared disk inconsistent and unreliable".
 */
export function bothWroteAtOnce(run: Case): Finding {
  const takeover = takeoverOf(run)
  if (typeof takeover === 'string') return unknown(takeover)
  const { from, to, started } = takeover
  const of = (node: string) =>
    run.ledger.writes.filter((write) => write.node === node && write.seq > (run.frame.injected?.seq ?? Infinity))
  const good = (node: string) => of(node).filter(({ result }) => result === 'acknowledged')
  const firstOfNew = good(to).find(({ seq }) => seq > started.seq)
  if (!firstOfNew?.completed) return unknown(`no write of ${to} after it took the group over has a time`, [started.seq])
  const since = firstOfNew.completed.latest
  const late = good(from).filter(({ issued }) => issued !== undefined && issued.earliest > since)
  const refused = of(from).find(({ result }) => result === 'refused')
  if (late.length === 0) {
    if (refused)
      return violated(`the storage refused the writes of ${from}: nothing was lost`, [started.seq, refused.seq])
    return unknown(`no write of ${from} is proved to be younger than the first of ${to}`, [started.seq, firstOfNew.seq])
  }
  const first = late[0]
  const beside = good(to).filter(
    ({ issued }) => issued !== undefined && first?.issued !== undefined && issued.earliest > first.issued.latest,
  )
  if (beside.length === 0)
    return unknown(
      `${to} is not proved to have written beside ${from}`,
      late.map(({ seq }) => seq),
    )
  const scan = finalScan(run)
  const final = ofType(run.lines, 'ledger.scan').find(({ seq }) => seq === scan?.seq)
  if (!scan || final?.shared === undefined)
    return unknown(
      'the log that both share was not read in the end by somebody who can be believed',
      scan ? [scan.seq] : [],
    )
  const evidence = [...late, ...beside].filter((write) => isOnDisk(scan, write))
  if (!evidence.some(({ node }) => node === from) || !evidence.some(({ node }) => node === to)) {
    return unknown('what both wrote is not on the disk in the end', [final.seq])
  }
  const shared = new Map(final.shared.map((record) => [record.number, record]))
  const lost = [...good(from), ...good(to)].filter(({ node, number }) => {
    const there = shared.get(number)
    return there !== undefined && there.node !== node
  })
  const proofs = [firstOfNew.seq, ...late.map(({ seq }) => seq), ...beside.map(({ seq }) => seq), final.seq]
  if (lost.length === 0) return unknown('no acknowledged record was overwritten in the log that both share', proofs)
  const [example] = lost
  const there = example && shared.get(example.number)
  return holds(
    `${from} wrote ${late.length} records after ${to} had taken over, and ${list(lost.slice(0, 5).map(({ number, node }) => `${number} of ${node}`))}${lost.length > 5 ? ` and ${lost.length - 5} more` : ''}, acknowledged, are lost: ${there?.node}'s stand in their place`,
    [...proofs, ...lost.map(({ seq }) => seq)],
  )
}
