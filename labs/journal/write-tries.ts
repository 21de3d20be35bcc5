import { sgRawMeaning } from '../scsi/exit-status.ts'
import { ofType } from './grouped.ts'
import type { BlockRead, Line, LineOf, SgAnswer, WriteTry } from './event.ts'

/** What became of a write that was tried by a host that has no right to it. */
export interface TriedWrite {
  readonly seq: number
  readonly host: string
  readonly lun: string
  readonly why: WriteTry['why']
  /** accepted: the device said GOOD to one of the commands. refused: RESERVATION CONFLICT. Anything else says nothing */
  readonly answer: 'accepted' | 'refused' | 'unknown'
  /** in words, of the last answer */
  readonly text: string
  /** written: it holds what was sent. changed: it holds something else than before. unknown: it was not read before and after */
  readonly block: 'unchanged' | 'written' | 'changed' | 'unknown'
  /** who read the block */
  readonly reader: string | undefined
}

/** Every write that was tried, in the order of the journal. */
export function foldWriteTries(lines: readonly Line[]): readonly TriedWrite[] {
  return ofType(lines, 'write-try').map((line) => ({
    seq: line.seq,
    host: line.host ?? '',
    lun: line.lun,
    why: line.why,
    answer: answerOf(line.answers),
    text: textOf(line.answers.at(-1)),
    block: blockOf(line),
    reader: line.before?.host === line.after?.host ? line.after?.host : undefined,
  }))
}

/**
 * A unit attention (the command was not carried out) decides nothing; it is followed by a second command, whose answer does.
 * sg_raw ends with the statuses of sg_persist (sg3_utils(8)).
 */
function answerOf(answers: readonly SgAnswer[]): TriedWrite['answer'] {
  const outcomes = answers.map(({ exit, stderr }) => sgRawMeaning(exit, stderr).outcome)
  if (outcomes.includes('good')) return 'accepted'
  const decisive = outcomes.filter((outcome) => outcome !== 'unit-attention')
  return decisive.length === 1 && decisive[0] === 'conflict' ? 'refused' : 'unknown'
}

function textOf(answer: SgAnswer | undefined): string {
  return answer === undefined ? 'it was not sent' : sgRawMeaning(answer.exit, answer.stderr).meaning
}

function blockOf({ before, after, wrote }: LineOf<'write-try'>): TriedWrite['block'] {
  const [was, is] = [sumOf(before), sumOf(after)]
  if (is === undefined) return 'unknown'
  if (is === wrote) return 'written'
  if (was === undefined) return 'unknown'
  return is === was ? 'unchanged' : 'changed'
}

/** A digest counts only where the read succeeded. */
const sumOf = (read: BlockRead | undefined): string | undefined =>
  read !== undefined && sgRawMeaning(read.exit, read.stderr).outcome === 'good' ? read.sha256 : undefined
