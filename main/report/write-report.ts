import { randomUUID } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { UserError } from '../load-testbed.ts'
import { journalFile } from '../recorder/files.ts'

/**
 * Refuses a file that a report must not be written to: one in the folder of a run, or below it (a file that run.ended
 * does not list breaks its seal), whatever links lead there; a folder; one whose folder is not there.
 * @throws UserError with the reason and what to do
 */
export function checkReportPlace(file: string): void {
  let folder: string
  try {
    folder = realpathSync(dirname(resolve(file)))
  } catch (error) {
    throw new UserError(
      `cannot write ${file}: ${(error as Error).message}. Make its folder first, or choose another one`,
    )
  }
  const run = ancestors(folder).find((one) => existsSync(join(one, journalFile)))
  if (run !== undefined) {
    throw new UserError(
      `${file} would lie in ${run}, the folder of a recorded run: another file there breaks its seal. Choose a place outside`,
    )
  }
  if (existsSync(file) && statSync(file).isDirectory())
    throw new UserError(`${file} is a folder. Give the name of a file`)
}

/**
 * Writes a report so that its file is there whole, or as it was before. What is there is replaced; a link is replaced
 * by the file.
 * @throws UserError for a place that is refused, or that cannot be written
 */
export function writeReport(file: string, text: string): void {
  checkReportPlace(file)
  const temporary = join(dirname(resolve(file)), `.fencelab-report-${randomUUID()}`)
  try {
    const descriptor = openSync(temporary, 'wx')
    try {
      writeFileSync(descriptor, text)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    renameSync(temporary, resolve(file))
  } catch (error) {
    rmSync(temporary, { force: true })
    throw new UserError(`cannot write ${file}: ${(error as Error).message}. Make room or choose another place`)
  }
}

function ancestors(folder: string): readonly string[] {
  const above = dirname(folder)
  return above === folder ? [folder] : [folder, ...ancestors(above)]
}
