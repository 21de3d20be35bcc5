import { all, holds, nodeOfRole, unknown, violated, type Case, type Finding } from '../case.ts'

/** What became of each node is among the outcomes that the row expects of its role. An unknown one never is. */
export function expectedOutcome(run: Case): Finding {
  return all(
    Object.entries(run.started.scenario.expected).map(([role, expected]) => {
      const node = nodeOfRole(run, role)
      if (!node) return unknown(`the role ${role} is bound to no node of the testbed`)
      if (node.outcome === 'unknown') return unknown(`${node.name}: ${node.why}`, node.events)
      const text = `${node.name} is ${node.outcome} (${node.why})`
      if (expected.includes(node.outcome)) return holds(text, node.events)
      return violated(`${text}, expected was ${expected.join(' or ') || 'nothing'}`, node.events)
    }),
    'the row expects nothing of any role',
  )
}
