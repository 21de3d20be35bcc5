import { all, holds, unknown, violated, type Case, type Finding } from '../case.ts'

/** Every node goes on. Source: VCS I/O fencing scenario table, "one private network fails": both nodes continue. */
export function allContinue(run: Case): Finding {
  return all(
    run.nodes.map((node) => {
      if (node.outcome === 'running') return holds(`${node.name} continues`, node.events)
      if (node.outcome === 'unknown') return unknown(`${node.name}: ${node.why}`, node.events)
      return violated(`${node.name} does not continue: ${node.outcome} (${node.why})`, node.events)
    }),
    'the recording names no node',
  )
}
