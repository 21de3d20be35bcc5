import { ofType } from './run.ts'
import { logFollowed } from './log-followed.ts'
import type { Clocks, Span } from './clock.ts'
import type { Line, LineOf } from './event.ts'

type Moment = Pick<Line, 'seq' | 'at'>

/**
 * The last that the stack of a node said of itself, among these lines. What one boot of a host said is ordered by that host's
 * own clock, whatever was written down first: a status is read from a file, and a file may be old. No answer has no clock and
 * stands where it was written down: where it comes last of all, it is the last.
 */
export function lastStatus(lines: readonly Line[], node: string, clocks: Clocks): LineOf<'stack'> | undefined {
  const own = ofType(lines, 'stack').filter((line) => line.host === node)
  const last = own.at(-1)
  if (!last?.answered || last.hostAt === undefined) return last
  const boot = clocks.bootOf(node, last.seq)
  return own
    .filter((line) => line.answered && line.hostAt !== undefined && clocks.bootOf(node, line.seq) === boot)
    .reduce((latest, line) => ((line.hostAt ?? 0) >= (latest.hostAt ?? 0) ? line : latest), last)
}

/** milliseconds: how old a status file may be when it is read (main/stacks keeps to the same) */
const fresh = 3000

/**
 * Whether a status tells how it is in the end, and not how it was before: it was written down after `end`, and by the
 * node's own clock it is from then, too. One that is a little older tells it only where the node's log has nothing younger
 * that would have changed it, as far as the log was read. Where the clock of that boot was not measured, the order of the journal stands.
 */
export function isFinalStatus(
  lines: readonly Line[],
  status: LineOf<'stack'>,
  end: Moment | undefined,
  clocks: Clocks,
): boolean {
  if (end === undefined || status.seq <= end.seq || status.host === undefined) return false
  if (status.hostAt === undefined) return true
  const span = clocks.span(status.host, status.hostAt, status)
  if (span === undefined || span.latest >= end.at) return true
  return span.latest >= end.at - fresh && !saysMore(lines, status, clocks) && isLogThere(lines, status.host, span, end)
}

/** That the log has nothing younger is known only where all of it since then was read (not asked before revision 3). */
function isLogThere(lines: readonly Line[], node: string, { earliest }: Span, end: Moment): boolean {
  const since = lines.findLast(({ at }) => at < earliest) ?? { seq: 0 }
  return logFollowed(lines, node, since, end)?.whole ?? true
}

/** Codes of log lines after which a node is something else in the cluster than before, or may be. */
const turns: readonly string[] = [
  ...['cluster-formed', 'joined', 'left', 'not-seeded', 'preexisting-split-brain', 'unclean-stop'],
  ...[
    'peer-lost',
    'membership-change',
    'race-won',
    'race-lost',
    'race-survived',
    'racer-lost',
    'ejected',
    'was-fenced',
  ],
  ...['failed-defender', 'group-started', 'group-stopped', 'panic'],
]

/** The node's log goes on after the status, in the same boot and by its own clock, with something that may have changed it. */
function saysMore(lines: readonly Line[], { host = '', hostAt = 0, seq }: LineOf<'stack'>, clocks: Clocks): boolean {
  return ofType(lines, 'stack.log').some(
    (line) =>
      line.host === host &&
      turns.includes(line.code ?? '') &&
      (line.hostAt ?? 0) > hostAt &&
      clocks.bootOf(host, line.seq) === clocks.bootOf(host, seq),
  )
}
