import { ofType } from './grouped.ts'
import { isOfRevision } from './revision.ts'
import type { Line, LineOf } from './event.ts'

/** Whether all that a log had stands in the recording; why not, or what shows it, in words. */
export interface Followed {
  readonly whole: boolean
  readonly text: string
  readonly events: readonly number[]
}

/**
 * Whether everything that a node's log had from one line of the recording to another stands in it: it was followed from before,
 * without another file in between, and the lab asked after the second line how long it was, and read it so far (`follow`,
 * `reached`). Lines that had been told by then and are not in the recording break it.
 *
 * @param lines from the start of the recording on
 * @returns undefined for a recording from before revision 3: it could not say how far a log was followed
 */
export function logFollowed(
  lines: readonly Line[],
  node: string,
  since: Pick<Line, 'seq'>,
  to: Pick<Line, 'seq'>,
): Followed | undefined {
  const [started] = ofType(lines, 'run.started')
  if (!started || !isOfRevision(started, 3)) return undefined
  const no = (text: string, events: readonly number[]): Followed => ({ whole: false, text, events })
  const steps = ofType(lines, 'follow').filter((line) => line.host === node && line.what === 'stack.log')
  const reached = steps.find(({ step, seq }) => step === 'reached' && seq > to.seq)
  const began = steps.find(({ step }) => step === 'began')
  if (!began || began.seq > since.seq) return no(`the log of ${node} was not followed from before`, seen(began))
  if (!reached) return no(`the log of ${node} was not read to its end`, [began.seq])
  const another = steps.find(
    ({ step, line, seq }) => step === 'began' && line === 1 && seq > since.seq && seq < reached.seq,
  )
  if (another) return no(`the log of ${node} was another file in between`, [began.seq, another.seq])
  const count = ofType(lines, 'stack.log').filter(({ host, seq }) => host === node && seq < reached.seq).length
  return count < (reached.told ?? Infinity)
    ? no(`of the log of ${node}, ${count} lines are in the recording, and ${reached.told ?? 'more'} were told`, [
        reached.seq,
      ])
    : { whole: true, text: `the log of ${node} was read to its end`, events: [began.seq, reached.seq] }
}

const seen = (line: LineOf<'follow'> | undefined) => (line ? [line.seq] : [])
