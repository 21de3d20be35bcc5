import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fencelab-log-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Every file of a log, the oldest first. */
export const filesOf = (folder: string): readonly string[] =>
  readdirSync(folder).toSorted(
    (one, other) => Number(one === 'fencelab.log') - Number(other === 'fencelab.log') || (one < other ? -1 : 1),
  )

/** All that is written there. */
export const textOf = (folder: string): string =>
  filesOf(folder)
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('')

export const linesOf = (folder: string): readonly Readonly<Record<string, unknown>>[] =>
  textOf(folder)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
