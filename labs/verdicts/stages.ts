import { ofType } from '../journal/run.ts'
import type { LineOf } from '../journal/event.ts'
import type { NodeState } from '../journal/nodes.ts'
import type { Outcome } from '../journal/outcome.ts'
import type { Case } from './case.ts'

/** A moment at which everybody was looked at: a checkpoint of the row, or its end. */
export interface Stage {
  readonly name: string
  readonly expected: Readonly<Record<string, readonly Outcome[]>>
  readonly roles: Readonly<Record<string, string>>
  readonly nodes: readonly NodeState[]
  /** where the looking began */
  readonly begun: { readonly seq: number; readonly at: number }
}

/** The checkpoints that were reached, and the end. */
export function stagesOf(run: Case): readonly Stage[] {
  const { end } = run.frame
  const { expected } = run.started.scenario
  return [...run.checkpoints, ...(end ? [{ name: 'the end', expected, roles: run.roles, nodes: run.nodes, begun: end }] : [])]
}

/** Every node that a stage expects to be this and nothing else, with the stage. */
export function expectedToBe(run: Case, outcome: Outcome): readonly { readonly stage: Stage; readonly node: string }[] {
  return stagesOf(run).flatMap((stage) =>
    Object.entries(stage.expected).flatMap(([role, outcomes]) => {
      const node = stage.roles[role]
      return node !== undefined && outcomes.length === 1 && outcomes[0] === outcome ? [{ stage, node }] : []
    }),
  )
}

/** A line of a node's log with this code, between two events. */
export function said(run: Case, node: string, code: string, from = 0, to = Infinity): LineOf<'stack.log'> | undefined {
  return ofType(run.lines, 'stack.log').find((line) => line.host === node && line.code === code && line.seq > from && line.seq < to)
}

/** The last time before `to` that the operator did this with a node. */
export function lastOperation(run: Case, operation: LineOf<'operation'>['operation'], node: string | undefined, to = Infinity): LineOf<'operation'> | undefined {
  return ofType(run.lines, 'operation').findLast(
    (line) => line.operation === operation && line.step === 'begun' && line.seq < to && (node === undefined || line.nodes.includes(node)),
  )
}

/** The codes by which a node of the reference cluster tells that the membership is being fought about. */
export const raceCodes = ['membership-change', 'race-point', 'race-won', 'race-lost'] as const
