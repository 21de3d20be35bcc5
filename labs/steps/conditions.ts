/**
 * What a step of a row can wait for, as questions to the recording so far. They only say when the lab may go on; what is
 * right or wrong is for the rules to judge.
 */
import { assertNever } from '../assert-never.ts'
import type { Line, RunStarted } from '../journal/event.ts'
import { rolesAt } from '../journal/roles.ts'
import { progressView } from './progress-view.ts'
import type { Condition } from '../scenarios/scenario.ts'

/** @param of the roles that the condition is about; where it is about none, all nodes that it makes sense for */
export function isMet(
  condition: Condition,
  started: RunStarted,
  lines: readonly Line[],
  of: readonly string[] = [],
): boolean {
  const begun = lines.find((line) => line.type === 'fault' || line.type === 'operation')
  if (!begun) return false
  const view = progressView(started, lines)
  const roles = rolesAt(started, lines)
  const those = of.length > 0 ? of.flatMap((role) => roles[role] ?? []) : view.nodes
  const hung = roles['A'] ?? ''
  switch (condition) {
    case 'one-panicked-and-fenced': {
      const panics = view.nodes.filter((node) => view.panicked(node))
      const survivors = view.nodes.filter((node) => !panics.includes(node) && !view.isOut(node))
      if (panics.length === 0 || survivors.length === 0) return false
      return panics.every((node) => view.isEjected(node, survivors)) && view.goesOn(survivors)
    }
    case 'link-loss-noticed':
      return those.every((node) => view.said(node, 'link-lost', begun.seq))
    case 'all-links-heard': {
      const reverted = lines.findLast((line) => line.type === 'fault' && line.step === 'reverting')
      return (
        reverted !== undefined && those.every((node) => view.said(node, 'link-up', reverted.seq) && view.hearsAll(node))
      )
    }
    case 'hung-node-ejected': {
      const others = view.nodes.filter((node) => node !== hung)
      return view.isEjected(hung, others) && view.goesOn(others)
    }
    case 'hung-node-settled':
      return view.panicked(hung)
    case 'members':
      return those.every((node) => view.isMemberWith(node, those))
    case 'refused':
    case 'left':
      return those.every((node) => view.state(node) === condition)
    case 'waiting':
      return those.every((node) => view.state(node) === 'joining' && view.said(node, 'not-seeded', begun.seq))
    case 'panicked':
      return those.every((node) => view.panicked(node))
    case 'points-unreachable':
      return view.pointsUnreachable()
    case 'taken-over':
      return those.every((node) => view.writesSince(node, view.startedGroup(node, begun.seq)))
    case 'group-writes':
      return those.some((node) => view.runsGroup(node))
    case 'both-write': {
      const since = Math.max(...those.map((node) => view.startedGroup(node, begun.seq) ?? 0))
      return since > 0 && those.every((node) => view.writesSince(node, since))
    }
    case 'stopped-writing':
      return those.every((node) => view.panicked(node) || view.said(node, 'group-stopped', begun.seq))
    default:
      return assertNever(condition, 'condition')
  }
}
