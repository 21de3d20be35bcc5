import { foldNodes } from '../../journal/nodes.ts'
import { ofType } from '../../journal/run.ts'
import { all, holds, unknown, violated, type Case, type Finding } from '../case.ts'
import type { LineOf } from '../../journal/event.ts'

/** What a node that lost may have become by the time at which the roles are bound; `ejected` cannot be told before the end. */
const lost = ['panicked', 'off'] as const

/**
 * A row that binds its roles to the survivor and the loser of a race speaks of a node that lost. That it lost is the
 * cluster's doing and has to be proved by what became of it until the lab itself started it anew; that the lab called it the
 * loser is not evidence. Says nothing where the row binds no loser.
 */
export function boundLosersLost(run: Case): Finding | undefined {
  const binds = run.started.scenario.steps.flatMap((step) => (step.do === 'bind' ? [step] : []))
  const losers = binds.flatMap(({ roles }, index) =>
    Object.entries(roles).flatMap(([role, as]) => (as === 'loser' ? [{ role, index }] : [])),
  )
  if (losers.length === 0) return undefined
  const bound = ofType(run.lines, 'roles')
  return all(
    losers.map(({ role, index }) => {
      const line = bound[index]
      const node = line?.roles[role]
      return line && node !== undefined
        ? lostBefore(run, node, line)
        : unknown(`the role ${role} was not bound: the row did not come that far`)
    }),
    '',
  )
}

function lostBefore(run: Case, node: string, bound: LineOf<'roles'>): Finding {
  const restart = ofType(run.lines, 'operation').find(
    (line) =>
      line.seq > bound.seq && line.step === 'begun' && line.operation === 'restart' && line.nodes.includes(node),
  )
  const until = restart?.seq ?? Infinity
  const lines = run.lines.filter(({ seq }) => seq < until)
  const readings = run.readings.filter(({ seq }) => seq < until)
  const found = foldNodes({ ...run.frame, lines, end: bound }, run.clocks, readings).find(({ name }) => name === node)
  if (!found || found.outcome === 'unknown')
    return unknown(`${node} was called the loser, and is not proved to have lost: ${found?.why ?? 'no node'}`, [
      bound.seq,
      ...(found?.events ?? []),
    ])
  if (!lost.some((outcome) => outcome === found.outcome))
    return violated(`${node} was called the loser, and is ${found.outcome} (${found.why})`, [
      bound.seq,
      ...found.events,
    ])
  const late = found.events.filter((seq) => seq > bound.seq)
  return late.length === found.events.length
    ? unknown(`${node} was called the loser before it had lost`, [bound.seq, ...found.events])
    : holds(`${node} had lost: ${found.outcome} (${found.why})`, [...found.events, bound.seq])
}
