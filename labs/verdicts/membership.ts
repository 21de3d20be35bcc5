import { isFinalStatus, lastStatus } from '../journal/last-status.ts'
import { ofType } from '../journal/run.ts'
import type { LineOf } from '../journal/event.ts'
import { holds, list, survivors, unknown, violated, type Case, type Finding } from './case.ts'
import { isOlder } from './stages.ts'

/**
 * That those who go on are members with one another in the end, as each of them says, and that the failover group does not run
 * on two of them. Nodes that go on each for itself are two clusters with one disk, however well their keys look.
 */
export function membersWithOneAnother(run: Case): readonly Finding[] {
  const members = survivors(run)
  const inTheEnd = (name: string) => finalStatus(run, name)
  const active = members.flatMap(({ name }) => inTheEnd(name) ?? []).filter((status) => status.active)
  const twice =
    active.length > 1
      ? [
          violated(
            `the group runs on ${list(active.map(({ host = '' }) => host))}`,
            active.map(({ seq }) => seq),
          ),
        ]
      : []
  const each = members.map(({ name }) => {
    const status = inTheEnd(name)
    if (!status) return unknown(`${name}: its stack did not answer at the end`)
    if (!status.members) return unknown(`${name}: its stack does not say who is a member`, [status.seq])
    const missing = members.filter((other) => !status.members?.includes(other.name))
    if (missing.length > 0)
      return violated(`${name} is no member with ${missing.map((other) => other.name).join(', ')} any more`, [
        status.seq,
      ])
    return holds(`${name} is a member with all who go on`, [status.seq])
  })
  return [...twice, ...each]
}

/** The last that a node's stack said of itself in the end, by the node's own clock; undefined where it did not answer then. */
export function finalStatus(run: Case, node: string): LineOf<'stack'> | undefined {
  const status = lastStatus(run.lines, node, run.clocks)
  return status?.answered && isFinalStatus(run.lines, status, run.frame.end, run.clocks) ? status : undefined
}

/** What a node's stack said since the row began that only one says that is not, or not any more, a member. */
export function wasOut(run: Case, node: string): readonly number[] {
  const since = run.frame.injected
  return ofType(run.lines, 'stack')
    .filter((line) => line.host === node && ['joining', 'stopped', 'left'].includes(line.state ?? ''))
    .filter((line) => since !== undefined && line.seq > since.seq && !isOlder(run, line, since))
    .map(({ seq }) => seq)
}
