import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import { journalFile, listRecording, verdictFile } from '../recorder/files.ts'

/** A recording as it lies in its folder, without reading it. */
export interface Fingerprint {
  /** another one where any file was written, added, removed or exchanged */
  readonly text: string
  /** when the journal was written last, milliseconds since the epoch */
  readonly changed: number
  /** length of the journal */
  readonly bytes: number
}

/**
 * Name, inode, size, and times of content and of status of every file of a recording: what was found out of the files
 * holds for as long as this stays the same. The time of status cannot be set back by a program. Undefined where the
 * folder holds no journal. @throws Error for a journal or verdict that is not a regular file, and what the file system throws
 */
export function fingerprintOf(directory: string): Fingerprint | undefined {
  const hash = createHash('sha256')
  const { regular, irregular } = listRecording(directory)
  // to open a pipe would wait for ever, and a link leads to what is not of the recording
  const odd = irregular.find((name) => name === journalFile || name === verdictFile)
  if (odd !== undefined) throw new Error(`${join(directory, odd)} is not a regular file`)
  let journal: Fingerprint | undefined
  for (const name of [...regular, ...irregular]) {
    const { dev, ino, size, mtimeMs, ctimeMs } = lstatSync(join(directory, name))
    hash.update(`${name}\0${dev} ${ino} ${size} ${mtimeMs} ${ctimeMs}\n`)
    if (name === journalFile) journal = { text: '', changed: mtimeMs, bytes: size }
  }
  return journal && { ...journal, text: hash.digest('hex') }
}
