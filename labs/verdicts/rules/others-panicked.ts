import { all, holds, unknown, violated, type Case, type Finding } from '../case.ts'

/**
 * Every node that does not go on is proved to have panicked: a loser that stays up could still have writes on their
 * way. Source: VCS I/O fencing, the losing sub-cluster panics.
 */
export function othersPanicked(run: Case): Finding {
  const others = run.nodes.filter((node) => node.outcome !== 'running')
  if (others.length === 0) {
    const running = run.nodes.flatMap((node) => node.events)
    return running.length === 0 ? unknown('the recording names no node') : violated('every node continues', running)
  }
  return all(
    others.map((node) => {
      if (node.outcome === 'panicked') return holds(`${node.name} panicked (${node.why})`, node.events)
      if (node.outcome === 'unknown') return unknown(`${node.name}: ${node.why}`, node.events)
      return violated(`${node.name} did not panic: ${node.outcome} (${node.why})`, node.events)
    }),
    'there is no other node',
  )
}
