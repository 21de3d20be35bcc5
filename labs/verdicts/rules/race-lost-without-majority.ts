import { all, holds, nodeOfRole, unknown, violated, type Case, type Finding } from '../case.ts'
import { lastWords } from '../last-words.ts'
import { logReadUntil } from '../log-read.ts'
import { raceCodes, said, type Mark } from '../stages.ts'

/** the role whose race the documents tell of */
const role = 'A'

/**
 * The node of role A had no reason to race before the last fault of the row; then it raced, did not get a majority of the
 * coordination points, and panicked for that. Source: the scenario table, "node A fails because only one of the three
 * coordination points is available. Node A panics".
 */
export function raceLostWithoutMajority(run: Case): Finding {
  const node = nodeOfRole(run, role)
  const reason = lastFault(run)
  if (!node) return unknown(`no node has the role ${role}`)
  if (!reason) return unknown('no fault was applied that would be a reason to race')
  const early = said(run, node.name, raceCodes, run.frame.injected, reason.seq)
  if (early)
    return violated(`${node.name} raced before anything happened to a node or a network: ${early.text}`, [
      early.seq,
      reason.seq,
    ])
  const won = said(run, node.name, 'race-won', reason)
  if (won) return violated(`${node.name} won its race: ${won.text}`, [won.seq])
  const lost = said(run, node.name, 'race-lost', reason) ?? lastWords(run, node.name, 'race-lost', reason)
  if (!lost) return unknown(`${node.name}: neither its log nor its console tells of a race that it lost`)
  const log = run.frame.injected && logReadUntil(run, node.name, run.frame.injected, reason)
  if (log && log.state !== 'holds')
    return unknown(`${node.name}: that it did not race before is not known: ${log.text}`, [lost.seq, ...log.events])
  if (node.outcome === 'unknown') return unknown(`${node.name}: ${node.why}`, node.events)
  if (node.outcome !== 'panicked')
    return violated(`${node.name} lost its race and is ${node.outcome}`, [lost.seq, ...node.events])
  return holds(`${node.name} ${lost.text}, and panicked`, [lost.seq, ...node.events])
}

/** Where the last of the row's faults was begun. */
function lastFault(run: Case): Mark | undefined {
  const planned = run.started.scenario.steps.flatMap((step) => (step.do === 'fault' ? [step.id] : []))
  const begun = run.faults.filter(({ id }) => planned.includes(id)).flatMap(({ steps }) => steps.slice(0, 1))
  return planned.every((id) => run.faults.some((fault) => fault.id === id))
    ? begun.toSorted((a, b) => b.seq - a.seq)[0]
    : undefined
}

/** Nobody goes on: an outage, and the data is safe. Same source: without a majority nobody may go on. */
export function noNodeContinues(run: Case): Finding {
  return all(
    run.nodes.map((node) => {
      if (node.outcome === 'running') return violated(`${node.name} goes on`, node.events)
      if (node.outcome === 'unknown') return unknown(`${node.name}: ${node.why}`, node.events)
      // a stopped node may go on when it is woken
      if (node.outcome === 'hung') return unknown(`${node.name} is stopped, and may go on yet`, node.events)
      return holds(`${node.name} is ${node.outcome}`, node.events)
    }),
    'the recording names no node',
  )
}
