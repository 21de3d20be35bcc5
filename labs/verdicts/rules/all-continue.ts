import { all, holds, unknown, violated, type Case, type Finding } from '../case.ts'
import { membersWithOneAnother, wasOut } from '../membership.ts'

/**
 * Every node goes on, all the time, and in the end they are one cluster still: who left and came back, or goes on for itself
 * alone, did not go on as a member. Source: VCS I/O fencing scenario table, "one private network fails": both nodes continue.
 */
export function allContinue(run: Case): Finding {
  const each = run.nodes.map((node) => {
    if (node.outcome === 'unknown') return unknown(`${node.name}: ${node.why}`, node.events)
    if (node.outcome !== 'running')
      return violated(`${node.name} does not continue: ${node.outcome} (${node.why})`, node.events)
    const out = wasOut(run, node.name)
    if (out.length > 0) return violated(`${node.name} was no member in between`, [...out, ...node.events])
    return holds(`${node.name} continues`, node.events)
  })
  const apart = membersWithOneAnother(run).filter(({ state }) => state !== 'holds')
  return all([...each, ...apart], 'the recording names no node')
}
