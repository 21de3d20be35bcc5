import { ofType } from '../../journal/run.ts'
import { all, holds, unknown, violated, type Case, type Finding } from '../case.ts'
import { expectedToBe, lastOperation, said, type Stage } from '../stages.ts'

const formed = ['cluster-formed', 'joined', 'group-started']

/**
 * A node that the row expects to wait does not form a cluster of its own while it does not hear the other: it says that it
 * is not seeded, and nobody writes. Source: SF 5.0 administrator's guide, split brain scenario II: neither node can form
 * a membership while the networks are down.
 */
export function neverFormed(run: Case): Finding {
  return all(
    expectedToBe(run, 'waiting').map(({ stage, node }) => waited(run, stage, node)),
    'the row expects nobody to wait, or did not come that far',
  )
}

function waited(run: Case, stage: Stage, node: string): Finding {
  const start = lastOperation(run, 'start', node, stage.begun.seq)
  if (!start) return unknown(`${node} was not started before ${stage.name}`)
  const early = ofType(run.lines, 'stack.log').find(
    (line) => line.host === node && line.seq > start.seq && line.seq < stage.begun.seq && formed.includes(line.code ?? ''),
  )
  if (early) return violated(`${stage.name}: ${node} ${early.text}`, [start.seq, early.seq])
  const wrote = run.ledger.writes.find((write) => write.seq > start.seq && write.seq < stage.begun.seq && write.result === 'acknowledged' && (write.issued?.earliest ?? Infinity) >= start.at)
  if (wrote) return violated(`${stage.name}: ${wrote.node} wrote record ${wrote.number} while no cluster can be formed`, [start.seq, wrote.seq])
  const message = said(run, node, 'not-seeded', start.seq, stage.begun.seq)
  if (!message) return unknown(`${stage.name}: ${node} did not say that it is not seeded`)
  return holds(`${stage.name}: ${node} waits, and nobody writes`, [start.seq, message.seq])
}
