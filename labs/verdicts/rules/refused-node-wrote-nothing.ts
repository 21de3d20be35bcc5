import { all, holds, isBelievable, unknown, violated, type Case, type Finding } from '../case.ts'
import { expectedToBe, lastOperation, type Stage } from '../stages.ts'

/**
 * A node that was kept out wrote nothing to the data disk between its start and the look at it: it told of no write, and
 * the disk holds none in the end. Source: the scenario table; "it cannot start the database since it is unable to write to
 * the data disks".
 */
export function refusedNodeWroteNothing(run: Case): Finding {
  return all(
    expectedToBe(run, 'refused-to-join').map(({ stage, node }) => wroteNothing(run, stage, node)),
    'the row expects nobody to be refused, or did not come that far',
  )
}

function wroteNothing(run: Case, stage: Stage, node: string): Finding {
  const start = lastOperation(run, 'start', node, stage.begun.seq)
  if (!start) return unknown(`${node} was not started before ${stage.name}`)
  const writes = run.ledger.writes.filter((write) => write.node === node && write.seq > start.seq && write.seq < stage.begun.seq)
  const landed = writes.filter(({ result }) => result === 'acknowledged')
  if (landed.length > 0) {
    const numbers = landed.map(({ number }) => number).join(', ')
    return violated(`${stage.name}: ${node} wrote although it was kept out: ${numbers}`, landed.map(({ seq }) => seq))
  }
  const final = run.ledger.scans.findLast((scan) => scan.when === 'final')
  if (!final || final.error !== undefined || !isBelievable(run, final.viewer)) {
    return unknown('the ledger was not read in the end by somebody who can be believed', final ? [final.seq] : [])
  }
  const records = final.records.filter((record) => record.node === node)
  const within = records.filter((record) => (record.issued?.earliest ?? -Infinity) >= start.at && (record.issued?.latest ?? Infinity) <= stage.begun.at)
  if (within.length > 0) {
    return violated(`${stage.name}: records of ${node} are on the disk from when it was kept out: ${within.map(({ number }) => number).join(', ')}`, [final.seq])
  }
  // a record without a time, or one that straddles a border, may be of that time
  const doubtful = records.filter(({ issued }) => issued === undefined || (issued.latest >= start.at && issued.earliest <= stage.begun.at))
  if (doubtful.length > 0) return unknown(`${stage.name}: it is not known when records of ${node} were written`, [final.seq])
  return holds(`${stage.name}: ${node} wrote nothing while it was kept out`, [start.seq, final.seq])
}
