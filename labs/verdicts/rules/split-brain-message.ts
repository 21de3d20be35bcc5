import { ofType } from '../../journal/run.ts'
import { all, holds, nodeRecord, unknown, violated, type Case, type Finding } from '../case.ts'
import { expectedToBe, lastOperation, nextStart, said, type Stage } from '../stages.ts'

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

/** Of the attempt to join that the stage is about: from its start until the next one. */
function told(run: Case, stage: Stage, node: string): Finding {
  const start = lastOperation(run, 'start', node, stage.begun.seq)
  if (!start) return unknown(`${node} was not started before ${stage.name}`)
  const next = nextStart(run, node, stage)
  const message = said(run, node, 'preexisting-split-brain', start, next)
  const isOfIt = ({ host, seq }: { readonly host?: string; readonly seq: number }) =>
    host === node && seq > start.seq && seq < next
  if (!message) {
    const state = stage.nodes.find(({ name }) => name === node)
    if (state?.outcome !== 'refused-to-join')
      return unknown(`${stage.name}: ${node} is not proved to have been refused`, state?.events)
    // the stack's own word for its reason, where the log is missing
    const refused = ofType(run.lines, 'stack').findLast(
      (line) => isOfIt(line) && line.state === 'refused' && line.text !== '',
    )
    return refused && !words.test(refused.text)
      ? violated(`${node} was refused for another reason: ${refused.text}`, [refused.seq])
      : unknown(`${node} was refused, its log was not seen to say why`, state.events)
  }
  if (!nodeRecord(run, node).panicWitnesses.includes('console'))
    return holds(`${node} told of it in its log`, [message.seq])
  const console = ofType(run.lines, 'console').find((line) => isOfIt(line) && words.test(line.text))
  if (!console) return unknown(`${node} told of it in its log, its console was not seen to`, [message.seq])
  return holds(`${node} told of a preexisting split brain`, [message.seq, console.seq])
}
