import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { readLine, type Problem } from '../recorder/read-journal.ts'
import { QuickLines } from '../recorder/quick-line.ts'
import { journalFile } from '../recorder/files.ts'
import { readLines } from './read-lines.ts'
import type { Line } from '../../labs/journal/event.ts'
import type { UnknownLine } from '../../labs/journal/schema.ts'

/** What a refreshing brought. */
export interface Grown {
  readonly lines: readonly Line[]
  readonly unknown: readonly UnknownLine[]
  /** the file is another one than before: everything is to be read anew, and `lines` are all of it */
  readonly anew: boolean
}

/**
 * A journal that may still grow, read from where it was left. Keeps where each line lies, so that one can be shown as it
 * stands in the file; a last line without its newline waits until it is whole.
 */
export class JournalFile {
  readonly problems: Problem[] = []
  readonly #quick = new QuickLines()
  readonly #file: string
  /** where each line begins; one more than there are lines */
  #starts: number[] = [0]
  #inode: number | undefined

  constructor(directory: string) {
    this.#file = join(directory, journalFile)
  }

  /** number of whole lines */
  get count(): number {
    return this.#starts.length - 1
  }

  /** Reads what was added. Rejects where the file cannot be read. */
  async grow(signal?: AbortSignal): Promise<Grown> {
    const handle = await open(this.#file)
    try {
      const { size, ino } = await handle.stat()
      const anew = this.#inode !== undefined && (ino !== this.#inode || size < this.#end())
      if (anew) {
        this.#starts = [0]
        this.problems.length = 0
      }
      this.#inode = ino
      const lines: Line[] = []
      const unknown: UnknownLine[] = []
      const take = (piece: Buffer, from: number, to: number) => {
        this.#starts.push(this.#end() + to + 1 - from)
        const line = this.#quick.read(piece, from, to)
        if (line) return lines.push(line)
        const read = readLine({ number: this.count, bytes: piece.subarray(from, to), torn: false })
        if (read.kind === 'invalid') return this.problems.push({ file: journalFile, line: this.count, what: read.what })
        return read.kind === 'line' ? lines.push(read.line) : unknown.push(read.line)
      }
      await readLines(handle, { from: this.#end(), to: size, ...(signal && { signal }) }, take)
      return { lines, unknown, anew }
    } finally {
      await handle.close()
    }
  }

  /** One line as it stands in the file. @throws RangeError where there is no such line */
  async text(number: number): Promise<string> {
    const [text] = await this.texts(number, number)
    if (text === undefined) throw new RangeError(`the journal has no line ${number}`)
    return text
  }

  /** Lines as they stand in the file, both ends included. */
  async texts(first: number, last: number): Promise<readonly string[]> {
    const from = this.#starts[first - 1]
    const to = this.#starts[Math.min(last, this.count)]
    if (first < 1 || from === undefined || to === undefined || to <= from) return []
    const handle = await open(this.#file)
    try {
      const { buffer } = await handle.read(Buffer.alloc(to - from), 0, to - from, from)
      return buffer.toString('utf8').split('\n').slice(0, -1)
    } finally {
      await handle.close()
    }
  }

  #end(): number {
    return this.#starts.at(-1) ?? 0
  }
}
