import { logFollowed } from '../journal/log-followed.ts'
import { ofType } from '../journal/run.ts'
import { all, holds, unknown, type Case, type Finding } from './case.ts'
import { isOlder, type Mark } from './stages.ts'

/**
 * Whether everything that a node's log had from one moment to another stands in the recording (labs/journal/log-followed.ts):
 * only then a line that is not there was not in the log.
 *
 * @returns undefined for a recording from before revision 3: it could not say how far a log was followed
 */
export function logRead(run: Case, node: string, since: Mark, to: Mark): Finding | undefined {
  const followed = logFollowed(run.lines, node, since, to)
  return followed && (followed.whole ? holds : unknown)(followed.text, followed.events)
}

/**
 * The same where a node may have died soon after the second moment, and nobody could ask any more: a log is read in order, so
 * a line of it from after that moment shows that all before it had been read.
 */
export function logReadUntil(run: Case, node: string, since: Mark, to: Mark): Finding | undefined {
  const read = logRead(run, node, since, to)
  if (read === undefined || read.state === 'holds') return read
  const later = ofType(run.lines, 'stack.log').find(
    (line) => line.host === node && line.seq > to.seq && !isOlder(run, line, to),
  )
  return later ? holds(`the log of ${node} goes on after that`, [later.seq]) : read
}

/** What nobody said, in no log: holds only where each of these logs was read to its end. */
export function logsRead(run: Case, nodes: readonly string[], since: Mark, to: Mark): readonly Finding[] {
  const each = nodes.flatMap((node) => logRead(run, node, since, to) ?? [])
  return each.length > 0 ? [all(each, '')] : []
}
