import { judge as judgeLines } from '../../../labs/verdicts/judge.ts'
import { judgedRow, rowLine, rowNotes } from '../../../labs/verdicts/judged-row.ts'
import type { Verdict } from '../../../labs/verdicts/verdict.ts'
import { readJournal } from '../../recorder/read-journal.ts'
import { verifyRecording } from '../../recorder/verify-recording.ts'
import { UserError } from '../../load-testbed.ts'
import { exitStatus, type Context, type ExitStatus } from '../context.ts'
import { runDocument } from '../run-document.ts'
import { showRun } from '../show-run.ts'

export const statusOf = (verdict: Verdict): ExitStatus =>
  verdict.verdict === 'pass' || verdict.verdict === 'not-applicable'
    ? exitStatus.passed
    : verdict.verdict === 'fail'
      ? exitStatus.failed
      : exitStatus.inconclusive

/** Judges a recorded run again: from its journal, without any host. */
export async function judge(directory: string, context: Context, json: boolean): Promise<ExitStatus> {
  const journal = await readOrSay(directory, context)
  const verdict = judgeLines(journal.lines)
  if (json) {
    // whoever reads the document with a program sees what a person must know of it
    for (const note of verdict.row ? rowNotes(verdict.row) : []) context.say(note)
    context.print(JSON.stringify([runDocument(journal.lines, verdict, directory)], null, 2))
  } else context.print(showRun(journal.lines, verdict, directory))
  return statusOf(verdict)
}

async function readOrSay(directory: string, context: Context) {
  const journal = await readJournal(directory, context.signal).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error
    throw new UserError(`${directory} holds no recorded run: there is no journal.jsonl in it. Give the folder of a run`)
  })
  for (const { file, line, what } of journal.problems)
    context.say(`${file}${line === undefined ? '' : `:${line}`}: ${what}`)
  if (journal.torn)
    context.say(
      `the last line of the journal is torn (${journal.torn.bytes} bytes): the program was ended while it wrote`,
    )
  return journal
}

/** Is the recording whole and unaltered, and is its verdict what judging gives? Exit status 0: yes; 1: no. */
export async function verify(directory: string, context: Context): Promise<ExitStatus> {
  const { lines } = await readOrSay(directory, { ...context, say: () => undefined })
  const { whole, problems, judgedOtherwise } = await verifyRecording(directory, context.signal)
  for (const { file, line, what } of problems) context.print(`${file}${line === undefined ? '' : `:${line}`}: ${what}`)
  if (judgedOtherwise !== undefined) context.print(`verdict.json: ${judgedOtherwise}`)
  const [first] = lines
  if (first?.type === 'run.started') {
    const row = judgedRow(first)
    context.print([`It is judged by the ${rowLine(row)}.`, ...rowNotes(row)].join('\n'))
  }
  const same = judgedOtherwise === undefined
  const words = same
    ? 'and judging it again gives the same verdict'
    : 'but its verdict is NOT what judging it gives: see the verdict of "fencelab judge"'
  context.print(whole ? `The recording is whole and unaltered, ${words}.` : 'The recording is NOT whole.')
  return whole && same ? 0 : 1
}
