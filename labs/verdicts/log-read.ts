import { ofType } from '../journal/run.ts'
import { isOfRevision } from '../journal/revision.ts'
import type { LineOf } from '../journal/event.ts'
import { all, holds, unknown, type Case, type Finding } from './case.ts'
import { isOlder, type Mark } from './stages.ts'

/**
 * Whether everything that a node's log had from one moment to another stands in the recording, so that a line that is not there
 * was not in the log: it was followed from before, without another file in between, and the lab asked after the second moment how
 * long it was, and read it so far (`follow`, `reached`). Lines that had been told by then and are not in the recording break it.
 *
 * @returns undefined for a recording from before revision 3: it could not say how far a log was followed
 */
export function logRead(run: Case, node: string, since: Mark, to: Mark): Finding | undefined {
  if (!isOfRevision(run.started, 3)) return undefined
  const steps = ofType(run.lines, 'follow').filter((line) => line.host === node && line.what === 'stack.log')
  const reached = steps.find(({ step, seq }) => step === 'reached' && seq > to.seq)
  const began = steps.find(({ step }) => step === 'began')
  if (!began || began.seq > since.seq) return unknown(`the log of ${node} was not followed from before`, seen(began))
  if (!reached) return unknown(`the log of ${node} was not read to its end`, [began.seq])
  const another = steps.find(
    ({ step, line, seq }) => step === 'began' && line === 1 && seq > since.seq && seq < reached.seq,
  )
  if (another) return unknown(`the log of ${node} was another file in between`, [began.seq, another.seq])
  const lines = ofType(run.lines, 'stack.log').filter(({ host, seq }) => host === node && seq < reached.seq).length
  return lines < (reached.told ?? Infinity)
    ? unknown(`of the log of ${node}, ${lines} lines are in the recording, and ${reached.told ?? 'more'} were told`, [
        reached.seq,
      ])
    : holds(`the log of ${node} was read to its end`, [began.seq, reached.seq])
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

const seen = (line: LineOf<'follow'> | undefined) => (line ? [line.seq] : [])
