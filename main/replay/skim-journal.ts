import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { journalFile } from '../recorder/files.ts'
import { QuickLines } from '../recorder/quick-line.ts'
import { readLine } from '../recorder/read-journal.ts'
import type { Line } from '../../labs/journal/event.ts'
import type { UnknownLine } from '../../labs/journal/schema.ts'
import { readLines } from './read-lines.ts'
import { Repetitions, type Kind } from './repetitions.ts'

/** What a long journal holds when one does not look at every repetition. */
export interface Skimmed {
  /** in the order of the journal, with gaps */
  readonly lines: readonly Line[]
  readonly unknown: readonly UnknownLine[]
  /** how many whole lines there are, those that were passed over, too */
  readonly count: number
}

/**
 * Reads a journal without its repetitions, in a fraction of the time: of lines that say the same again, one of each kind
 * in each `cell` of lab time (milliseconds) is taken, and the last before and the first after anything else that
 * happened. What is left out are only looks, acknowledgements, clocks and consoles between others like them. It is for a
 * first look at a long run: nothing is judged by it. Lines that are none are passed over; whoever reads the whole
 * journal tells them. `pieceBytes`: how much of the file is in memory at a time. Rejects where the file cannot be read.
 */
export async function skimJournal(directory: string, cell: number, pieceBytes?: number): Promise<Skimmed> {
  const quick = new QuickLines()
  const lines: Line[] = []
  const unknown: UnknownLine[] = []
  const repetitions = new Repetitions()
  let count = 0
  const take = (bytes: Buffer, from: number, to: number) => {
    const line = quick.read(bytes, from, to)
    if (line) return void lines.push(line)
    const read = readLine({ number: count, bytes: bytes.subarray(from, to), torn: false })
    if (read.kind === 'line') lines.push(read.line)
    else if (read.kind === 'unknown') unknown.push(read.line)
  }
  const takeSkipped = (kind: Kind) => {
    if (kind.bytes) take(kind.bytes, kind.from, kind.to)
    kind.bytes = undefined
  }
  const look = (bytes: Buffer, from: number, to: number) => {
    count += 1
    const kind = repetitions.kindOf(bytes, from, to)
    if (!kind) {
      for (const other of repetitions.kinds) {
        takeSkipped(other)
        other.cell = -1
      }
      return take(bytes, from, to)
    }
    const now = Math.floor(repetitions.at / cell)
    if (kind.cell === now && kind.said === repetitions.said) {
      kind.bytes = bytes
      kind.from = from
      kind.to = to
      return
    }
    // within one cell it is what it said that changed
    if (kind.cell !== -1 && kind.said !== repetitions.said) takeSkipped(kind)
    kind.bytes = undefined
    kind.cell = now
    kind.said = repetitions.said
    take(bytes, from, to)
  }
  const keepSkipped = (piece: Buffer) => {
    for (const kind of repetitions.kinds) {
      if (kind.bytes !== piece) continue
      kind.bytes = Buffer.from(piece.subarray(kind.from, kind.to))
      kind.to -= kind.from
      kind.from = 0
    }
  }
  const handle = await open(join(directory, journalFile))
  try {
    const { size } = await handle.stat()
    await readLines(
      handle,
      { from: 0, to: size, onPiece: keepSkipped, ...(pieceBytes !== undefined && { pieceBytes }) },
      look,
    )
  } finally {
    await handle.close()
  }
  repetitions.kinds.forEach(takeSkipped)
  lines.sort((one, other) => one.seq - other.seq)
  return { lines, unknown, count }
}
