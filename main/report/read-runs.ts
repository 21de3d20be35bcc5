import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { Recording } from '../../labs/report/run-report.ts'
import { UserError } from '../load-testbed.ts'
import { journalFile } from '../recorder/files.ts'
import { readJournal } from '../recorder/read-journal.ts'
import { sealOf } from '../recorder/verdict-file.ts'
import { verifyRecording } from '../recorder/verify-recording.ts'

/**
 * Where the runs are that a report about `directory` is about: itself, if it is the folder of a run, else the run
 * folders in it, by name (their names begin with the time).
 * @throws UserError where there is none
 */
export function findRuns(directory: string): readonly string[] {
  let entries: readonly string[]
  try {
    if (!statSync(directory).isDirectory())
      throw new UserError(`${directory} is no folder. Give the folder of a run, or one that holds runs`)
    if (existsSync(join(directory, journalFile))) return [directory]
    entries = readdirSync(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    throw new UserError(`there is no folder ${directory}. Give the folder of a run, or one that holds runs`)
  }
  const runs = entries
    .toSorted()
    .map((name) => join(directory, name))
    .filter((folder) => existsSync(join(folder, journalFile)))
  if (runs.length > 0) return runs
  throw new UserError(`${directory} holds no recorded run: neither it nor a folder in it has a ${journalFile}`)
}

/**
 * Reads a run with all that only its folder can tell: whether it is whole, and the hashes of its journal. A recording
 * that is damaged is read as far as it goes and says what is wrong. Rejects where a file cannot be read, or on abort.
 */
export async function readRun(folder: string, signal?: AbortSignal): Promise<Recording> {
  const journal = await readJournal(folder, signal)
  const { whole, problems, judgedOtherwise } = await verifyRecording(folder, signal)
  const newer: Recording['problems'] = journal.unknown.map(({ seq, type }) => ({
    file: journalFile,
    line: seq,
    what: `an event ${type} that this version does not know`,
  }))
  return {
    name: basename(resolve(folder)),
    lines: journal.lines,
    journal: await sealOf(join(folder, journalFile)),
    whole: whole && newer.length === 0,
    problems: [...problems, ...newer],
    ...(judgedOtherwise !== undefined && { judgedOtherwise }),
  }
}
