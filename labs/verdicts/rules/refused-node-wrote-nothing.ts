import { all, holds, unknown, type Case, type Finding } from '../case.ts'
import { wroteNothingBetween } from '../kept-out.ts'
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
  const silence = wroteNothingBetween(run, stage.name, node, start, stage.begun)
  return silence.kept
    ? holds(`${stage.name}: ${node} wrote nothing while it was kept out`, [start.seq, ...silence.proofs])
    : silence.finding
}
