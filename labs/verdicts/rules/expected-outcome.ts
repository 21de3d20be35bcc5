import { all, holds, unknown, violated, type Case, type Finding } from '../case.ts'
import type { NodeState } from '../../journal/nodes.ts'
import type { Outcome } from '../../scenarios/outcome.ts'

/** What became of each node is among the outcomes that the row expects of its role. An unknown one never is. */
export function expectedOutcome(run: Case): Finding {
  return asExpected(run.started.scenario.expected, run.roles, run.nodes)
}

/** The same at every checkpoint of the row. One that was not reached decides nothing. */
export function expectedOnTheWay(run: Case): Finding {
  const planned = run.started.scenario.steps.flatMap((step) => (step.do === 'checkpoint' ? [step.name] : []))
  return all(
    planned.map((name) => {
      const reached = run.checkpoints.find((one) => one.name === name)
      if (!reached) return unknown(`${name}: the row did not come that far`)
      const found = asExpected(reached.expected, reached.roles, reached.nodes)
      return { ...found, text: `${name}: ${found.text}` }
    }),
    'the row has no checkpoint',
  )
}

function asExpected(
  expected: Readonly<Record<string, readonly Outcome[]>>,
  roles: Readonly<Record<string, string>>,
  nodes: readonly NodeState[],
): Finding {
  return all(
    Object.entries(expected).map(([role, outcomes]) => {
      const node = nodes.find(({ name }) => name === roles[role])
      if (!node) return unknown(`the role ${role} is bound to no node of the testbed`)
      if (node.outcome === 'unknown') return unknown(`${node.name}: ${node.why}`, node.events)
      const text = `${node.name} is ${node.outcome} (${node.why})`
      if (outcomes.includes(node.outcome)) return holds(text, node.events)
      return violated(`${text}, expected was ${outcomes.join(' or ') || 'nothing'}`, node.events)
    }),
    'the row expects nothing of any role',
  )
}
