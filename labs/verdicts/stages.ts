import { ofType } from '../journal/run.ts'
import type { Line, LineOf } from '../journal/event.ts'
import type { NodeState } from '../journal/nodes.ts'
import type { Outcome } from '../scenarios/outcome.ts'
import type { Case } from './case.ts'

/** A moment at which everybody was looked at: a checkpoint of the row, or its end. */
export interface Stage {
  readonly name: string
  readonly expected: Readonly<Record<string, readonly Outcome[]>>
  readonly roles: Readonly<Record<string, string>>
  readonly nodes: readonly NodeState[]
  /** where the looking began */
  readonly begun: Mark
}

/** The checkpoints that were reached, and the end. */
export function stagesOf(run: Case): readonly Stage[] {
  const { end } = run.frame
  const { expected } = run.started.scenario
  return [
    ...run.checkpoints,
    ...(end ? [{ name: 'the end', expected, roles: run.roles, nodes: run.nodes, begun: end }] : []),
  ]
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

/** A moment of the recording: by what was written down, and by the lab's clock. */
export interface Mark {
  readonly seq: number
  readonly at: number
}

/**
 * The first line of a node's log with one of these codes, since a moment and before a line. A line that came late, and is
 * older by the node's own clock, is not since then.
 */
export function said(
  run: Case,
  node: string,
  code: string | readonly string[],
  since: Mark | undefined,
  to = Infinity,
): LineOf<'stack.log'> | undefined {
  const codes = typeof code === 'string' ? [code] : code
  if (!since) return undefined
  return ofType(run.lines, 'stack.log').find(
    (line) =>
      line.host === node &&
      codes.includes(line.code ?? '') &&
      line.seq > since.seq &&
      line.seq < to &&
      !isOlder(run, line, since),
  )
}

/** Surely from before that moment, by the clock of the host that told it. */
export function isOlder(run: Case, line: Pick<Line, 'seq' | 'at' | 'host' | 'hostAt'>, since: Mark): boolean {
  if (line.host === undefined || line.hostAt === undefined) return false
  const span = run.clocks.span(line.host, line.hostAt, line)
  return span !== undefined && span.latest < since.at
}

/** The last time before `to` that the operator did this with a node. */
export function lastOperation(
  run: Case,
  operation: LineOf<'operation'>['operation'],
  node: string | undefined,
  to = Infinity,
): LineOf<'operation'> | undefined {
  return ofType(run.lines, 'operation').findLast(
    (line) =>
      line.operation === operation &&
      line.step === 'begun' &&
      line.seq < to &&
      (node === undefined || line.nodes.includes(node)),
  )
}

/** Where the node's stack was started the next time after a stage: what it says from there on is of another attempt. */
export function nextStart(run: Case, node: string, stage: Stage): number {
  const next = ofType(run.lines, 'operation').find(
    (line) =>
      line.operation === 'start' && line.step === 'begun' && line.seq > stage.begun.seq && line.nodes.includes(node),
  )
  return next?.seq ?? Infinity
}

/** The codes by which a node tells that the membership is being fought about. */
export const raceCodes: readonly string[] = [
  'peer-lost',
  'membership-change',
  'race-point',
  'race-won',
  'race-lost',
  'race-survived',
  'racer-lost',
  'ejected',
]
