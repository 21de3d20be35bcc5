import { all, holds, unknown, violated, type Case, type Finding } from '../case.ts'
import { wroteNothingBetween } from '../kept-out.ts'
import { logsRead } from '../log-read.ts'
import { expectedToBe, lastOperation, said, type Stage } from '../stages.ts'

const formed = ['cluster-formed', 'joined', 'group-started'] as const

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
  const early = said(run, node, formed, start, stage.begun.seq)
  if (early) return violated(`${stage.name}: ${node} ${early.text}`, [start.seq, early.seq])
  const silences = run.nodes.map(({ name }) => wroteNothingBetween(run, stage.name, name, start, stage.begun))
  const broken = silences.flatMap((silence) => (silence.kept ? [] : [silence.finding]))
  if (broken.length > 0) return all(broken, '')
  const message = said(run, node, 'not-seeded', start, stage.begun.seq)
  if (!message) return unknown(`${stage.name}: ${node} did not say that it is not seeded`)
  const proofs = silences.flatMap((silence) => (silence.kept ? silence.proofs : []))
  const [log] = logsRead(run, [node], start, stage.begun)
  if (log && log.state !== 'holds') return unknown(`${stage.name}: ${log.text}`, [message.seq, ...log.events])
  return holds(`${stage.name}: ${node} waits, and nobody writes`, [start.seq, message.seq, ...proofs])
}
