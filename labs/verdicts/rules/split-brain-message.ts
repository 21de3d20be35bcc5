import { ofType } from '../../journal/run.ts'
import { all, holds, nodeRecord, unknown, violated, type Case, type Finding } from '../case.ts'
import { expectedToBe, lastOperation, said, type Stage } from '../stages.ts'

const words = /preexisting split.brain/i

/**
 * A node that the row expects to be kept out says why: on its console and in its log it tells of a potentially preexisting
 * split brain. Source: VCS I/O fencing scenario table, "nodes and private networks lose power" and "node A crashes while
 * node B is down": the console displays "Potentially a preexisting split brain. Dropping out of the cluster."
 */
export function splitBrainMessage(run: Case): Finding {
  const kept = expectedToBe(run, 'refused-to-join')
  return all(
    kept.map(({ stage, node }) => told(run, stage, node)),
    'the row expects nobody to be refused, or did not come that far',
  )
}

function told(run: Case, stage: Stage, node: string): Finding {
  const start = lastOperation(run, 'start', node, stage.begun.seq)
  if (!start) return unknown(`${node} was not started before ${stage.name}`)
  const message = said(run, node, 'preexisting-split-brain', start.seq)
  const state = stage.nodes.find(({ name }) => name === node)
  if (!message) {
    if (state?.outcome !== 'refused-to-join') return unknown(`${stage.name}: ${node} is not proved to have been refused`, state?.events)
    const other = ofType(run.lines, 'stack').findLast((line) => line.host === node && line.state === 'refused')
    return other
      ? violated(`${node} was refused for another reason: ${other.text}`, [other.seq])
      : unknown(`${node} was refused, its reason was not seen`, state.events)
  }
  if (!nodeRecord(run, node).panicWitnesses.includes('console')) return holds(`${node} told of it in its log`, [message.seq])
  const console = ofType(run.lines, 'console').find((line) => line.host === node && line.seq > start.seq && words.test(line.text))
  if (!console) return unknown(`${node} told of it in its log, its console was not seen to`, [message.seq])
  return holds(`${node} told of a preexisting split brain`, [message.seq, console.seq])
}
