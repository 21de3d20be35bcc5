import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { journalFile, noLineBefore, sha256 } from '../../main/recorder/files.ts'

/** Writes lines as a journal with its chain of hashes; the field order is the recorder's. Returns how many there are. */
export function writeRecording(folder: string, lines: Iterable<object>): number {
  mkdirSync(folder, { recursive: true })
  const file = openSync(join(folder, journalFile), 'w')
  let prev = noLineBefore
  let count = 0
  let piece = ''
  for (const line of lines) {
    const { seq, at, host, hostAt, ...event } = line as {
      readonly seq: number
      readonly at: number
      readonly host?: string
      readonly hostAt?: number
    }
    const text = JSON.stringify({
      seq,
      at,
      ...(host !== undefined && { host }),
      ...(hostAt !== undefined && { hostAt }),
      prev,
      ...event,
    })
    prev = sha256(text)
    piece += `${text}\n`
    count += 1
    if (piece.length > 4_000_000) {
      writeSync(file, piece)
      piece = ''
    }
  }
  writeSync(file, piece)
  closeSync(file)
  return count
}
