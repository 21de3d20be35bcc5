import { lastStatus } from '../../journal/last-status.ts'
import { holds, list, survivors, unknown, violated, type Case, type Finding } from '../case.ts'
import { logRead } from '../log-read.ts'
import { finalStatus } from '../membership.ts'
import { sameLife, takeoversOf } from '../ownership.ts'
import type { Span } from '../../journal/clock.ts'
import type { LineOf } from '../../journal/event.ts'
import type { Write } from '../../journal/ledger.ts'

/**
 * While the group runs on the node that has it in the end, no other node is told that a write of it succeeded, whether that one
 * goes on beside it or was lost to it. Asked is only of the last turn: since that node started the group for the last time, or
 * since the row began where it had the group all the time. Whose an earlier turn was, is not known for sure while a node
 * hangs that still takes the group for its own. A write that was issued before that start was of an earlier turn, however late it was
 * acknowledged. Source: a failover group is online on one node at a time (VCS administrator's guide).
 *
 * Says nothing where the group does not run on exactly one of those who go on: that is group-runs-once-and-writes.
 */
export function onlyTheOwnerWrites(run: Case): Finding | undefined {
  const { injected, end } = run.frame
  const active = survivors(run).flatMap(({ name }) => {
    const status = finalStatus(run, name)
    return status?.active === true ? [status] : []
  })
  const [status] = active
  if (!status || active.length > 1 || !injected || !end) return undefined
  const owner = status.host ?? ''
  const turn = lastTurn(run, status)
  const others = run.ledger.writes.filter(({ node, result }) => node !== owner && result === 'acknowledged')
  if (!turn)
    return unknown(`since when the group runs on ${owner} is not known`, [status.seq, ...others.map(({ seq }) => seq)])
  const proofs = [turn.seq, status.seq]
  const beside = others.filter(({ issued }) => issued !== undefined && issued.earliest > turn.within.latest)
  if (beside.length > 0) {
    const what = `${named(beside)} was acknowledged while the group ran on ${owner}`
    const events = [...proofs, ...beside.map(({ seq }) => seq)]
    // had it lost the group and got it back, its log would tell
    const log = logRead(run, owner, injected, end)
    return log === undefined || log.state === 'holds'
      ? violated(what, [...events, ...(log?.events ?? [])])
      : unknown(`${what}, as far as is known: ${log.text}`, [...events, ...log.events])
  }
  const undated = others.filter(({ issued, completedBy }) => !issued && !(completedBy < turn.within.earliest))
  if (undated.length > 0)
    return unknown(`it is not known whether ${named(undated)} was written while the group ran on ${owner}`, [
      ...proofs,
      ...undated.map(({ seq }) => seq),
    ])
  return holds(`nobody but ${owner} wrote since the group runs there`, proofs)
}

/**
 * Since when the group runs where it does in the end: that node's last start of it in this life, told or known by its first
 * write; the first step of the row where its stack said before that it ran there.
 */
function lastTurn(
  run: Case,
  { host = '', seq }: LineOf<'stack'>,
): { readonly seq: number; readonly within: Span } | undefined {
  const { injected } = run.frame
  const life = { node: host, boot: run.clocks.bootOf(host, seq) }
  const [last] = takeoversOf(run)
    .flatMap(({ by }) => (sameLife(by, life) ? [by] : []))
    .toSorted((one, other) => other.hostAt - one.hostAt)
  if (last || !injected) return last
  const before = lastStatus(
    run.lines.filter((line) => line.seq < injected.seq),
    host,
    run.clocks,
  )
  if (before?.active !== true || !sameLife({ node: host, boot: run.clocks.bootOf(host, before.seq) }, life))
    return undefined
  return { seq: before.seq, within: { earliest: injected.at, latest: injected.at } }
}

/** `write 7 of nodeb`, each, and only the first of many. */
function named(writes: readonly Write[]): string {
  const words = writes.map(({ node, number }) => `write ${number} of ${node}`)
  return words.length > 5 ? `${words.slice(0, 5).join(', ')} and ${words.length - 5} more` : list(words)
}
