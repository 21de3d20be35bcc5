import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parseLine, type UnknownLine } from '../../labs/journal/schema.ts'
import type { Line } from '../../labs/journal/event.ts'
import { journalFile } from './files.ts'

/** Something wrong in a recording: in which file (its name in the folder), on which line (from 1) where it has lines. */
export interface Problem {
  readonly file: string
  readonly line?: number
  readonly what: string
}

/** One line of text as it stands in the file, without its newline. */
export interface RawLine {
  readonly number: number
  readonly bytes: Buffer
  /** true for a last line without a newline: whoever wrote it was stopped in the middle, or still is at it */
  readonly torn: boolean
}

export interface Journal {
  /** the events that this version knows, in the order of the file */
  readonly lines: readonly Line[]
  /** well-formed lines of types that a newer fencelab wrote */
  readonly unknown: readonly UnknownLine[]
  /** the last line was not finished: its number and how many bytes of it are there */
  readonly torn?: { readonly line: number; readonly bytes: number }
  /** lines that are no events; nothing of them is in `lines` */
  readonly problems: readonly Problem[]
}

/**
 * Reads the journal in a run's folder. A torn last line is tolerated and told; a line that is not UTF-8, not JSON or not
 * an event becomes a problem, and the reading goes on. Rejects where the file cannot be read, or when `signal` aborts.
 */
export async function readJournal(directory: string, signal?: AbortSignal): Promise<Journal> {
  const lines: Line[] = []
  const unknown: UnknownLine[] = []
  const problems: Problem[] = []
  let torn: Journal['torn']
  for await (const raw of rawLines(join(directory, journalFile), signal)) {
    if (raw.torn) {
      torn = { line: raw.number, bytes: raw.bytes.length }
      continue
    }
    const read = readLine(raw)
    if ('what' in read) problems.push({ file: journalFile, line: raw.number, what: read.what })
    else if (read.kind === 'line') lines.push(read.line)
    else unknown.push(read.line)
  }
  return { lines, unknown, problems, ...(torn ? { torn } : {}) }
}

export type ReadLine =
  | { readonly kind: 'line'; readonly line: Line; readonly text: string }
  | { readonly kind: 'unknown'; readonly line: UnknownLine; readonly text: string }
  | { readonly kind: 'invalid'; readonly what: string }

/** Decodes and checks one whole line. */
export function readLine(raw: RawLine): ReadLine {
  const decoded = decode(raw.bytes)
  if (decoded === undefined) return { kind: 'invalid', what: 'not UTF-8' }
  let value: unknown
  try {
    value = JSON.parse(decoded)
  } catch (error) {
    return { kind: 'invalid', what: `not JSON: ${error instanceof Error ? error.message : String(error)}` }
  }
  const parsed = parseLine(value)
  return parsed.kind === 'invalid' ? parsed : { ...parsed, text: decoded }
}

/** The lines of a file as bytes, one after the other, holding no more than a piece and a line in memory. */
export async function* rawLines(file: string, signal?: AbortSignal): AsyncGenerator<RawLine, void, undefined> {
  // opening a pipe that nobody writes to blocks where no signal is heard
  if (!(await stat(file)).isFile()) throw new Error(`${file} is no regular file: a recording has no pipes or devices`)
  const stream = createReadStream(file, signal ? { signal } : {})
  let begun: Buffer[] = []
  let number = 0
  for await (const piece of stream as AsyncIterable<Buffer>) {
    let from = 0
    for (let end = piece.indexOf(10); end !== -1; end = piece.indexOf(10, from)) {
      begun.push(piece.subarray(from, end))
      yield { number: ++number, bytes: Buffer.concat(begun), torn: false }
      begun = []
      from = end + 1
    }
    if (from < piece.length) begun.push(piece.subarray(from))
  }
  if (begun.length > 0) yield { number: number + 1, bytes: Buffer.concat(begun), torn: true }
}

/** Strict: neither a wrong byte nor a byte order mark may be passed over, or two files would read as the same. */
export function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}
