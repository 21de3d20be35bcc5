import { createHash } from 'node:crypto'
import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'

/** The files of a recording that have a fixed name. All others are attachments, listed with their hash in run.ended. */
export const journalFile = 'journal.jsonl'
export const verdictFile = 'verdict.json'

/** What the first line gives as the hash of the line before it. */
export const noLineBefore = '0'.repeat(64)

/** sha256 of a text (as UTF-8) or of bytes, in hex. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** sha256 of a file's content in hex, read in pieces: a console log may be large. Throws what the file system throws. */
export function sha256OfFile(file: string): string {
  const hash = createHash('sha256')
  const piece = Buffer.alloc(256 * 1024)
  const descriptor = openSync(file, 'r')
  try {
    for (;;) {
      const size = readSync(descriptor, piece, 0, piece.length, null)
      if (size === 0) return hash.digest('hex')
      hash.update(piece.subarray(0, size))
    }
  } finally {
    closeSync(descriptor)
  }
}

/**
 * Everything in a run's folder, by its path below it with `/`, sorted. `irregular` is what is no regular file (links,
 * devices, pipes): such a thing has no content of its own that a hash could hold. `empty` are the folders
 * below it that hold nothing at all.
 */
export function listRecording(directory: string): {
  readonly regular: string[]
  readonly irregular: string[]
  readonly empty: string[]
} {
  const regular: string[] = []
  const empty: string[] = []
  const irregular: string[] = []
  const visit = (below: string): void => {
    const entries = readdirSync(join(directory, below), { withFileTypes: true })
    if (entries.length === 0 && below !== '') empty.push(below)
    for (const entry of entries) {
      const name = below === '' ? entry.name : `${below}/${entry.name}`
      if (entry.isDirectory()) visit(name)
      else if (entry.isFile()) regular.push(name)
      else irregular.push(name)
    }
  }
  visit('')
  return { regular: regular.sort(), irregular: irregular.sort(), empty: empty.sort() }
}
