import { all, holds, nodeOfRole, unknown, violated, type Case, type Finding } from '../case.ts'
import { said } from '../stages.ts'

/** the role whose race the documents tell of */
const role = 'A'

/**
 * The node of role A raced, did not get a majority of the coordination points, and panicked for that. Source: the scenario
 * table, "node A fails because only one of the three coordination points is available. Node A panics".
 */
export function raceLostWithoutMajority(run: Case): Finding {
  const node = nodeOfRole(run, role)
  if (!node) return unknown(`no node has the role ${role}`)
  const since = run.frame.injected?.seq ?? Infinity
  const won = said(run, node.name, 'race-won', since)
  if (won) return violated(`${node.name} won its race: ${won.text}`, [won.seq])
  const lost = said(run, node.name, 'race-lost', since)
  if (!lost) return unknown(`${node.name}: its log does not tell of a race that it lost`)
  if (node.outcome === 'unknown') return unknown(`${node.name}: ${node.why}`, node.events)
  if (node.outcome !== 'panicked') return violated(`${node.name} lost its race and is ${node.outcome}`, [lost.seq, ...node.events])
  return holds(`${node.name} ${lost.text}, and panicked`, [lost.seq, ...node.events])
}

/** Nobody goes on: an outage, and the data is safe. Same source: without a majority nobody may go on. */
export function noNodeContinues(run: Case): Finding {
  return all(
    run.nodes.map((node) => {
      if (node.outcome === 'running') return violated(`${node.name} goes on`, node.events)
      if (node.outcome === 'unknown') return unknown(`${node.name}: ${node.why}`, node.events)
      return holds(`${node.name} is ${node.outcome}`, node.events)
    }),
    'the recording names no node',
  )
}
