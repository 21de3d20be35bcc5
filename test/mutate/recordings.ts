import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'
import type { Line } from '../../labs/journal/event.ts'
import { parseLine } from '../../labs/journal/schema.ts'
import { chained } from './chain.ts'

/**
 * One passing recording of every row of the table, made on the virtual lab: the lines of all of them one after the other,
 * each recording from its `run.started` on. Only the hashes are left out, which follow from the lines.
 */
export const archive = fileURLToPath(new URL('../../labs/samples/table.jsonl.br', import.meta.url))

/** The stored recordings by the name of their row. @throws Error for a line that is no event of this version */
export function storedRecordings(file = archive): ReadonlyMap<string, readonly Line[]> {
  const found = new Map<string, Line[]>()
  let current: Line[] = []
  for (const text of brotliDecompressSync(readFileSync(file)).toString('utf8').split('\n')) {
    if (text === '') continue
    const read = parseLine({ prev: '0'.repeat(64), ...(JSON.parse(text) as object) })
    if (read.kind !== 'line')
      throw new Error(
        `${file} holds a line that this version does not know: ${read.kind === 'invalid' ? read.what : read.line.type}`,
      )
    if (read.line.type === 'run.started') {
      current = []
      found.set(read.line.scenario.name, current)
    }
    current.push(read.line)
  }
  return new Map([...found].map(([row, lines]) => [row, chained(lines)]))
}

/** Writes the archive anew; returns its size in bytes. */
export function storeRecordings(recordings: ReadonlyMap<string, readonly Line[]>, file = archive): number {
  const lines = [...recordings.values()].flat().map(({ prev: _, ...line }) => JSON.stringify(line))
  const text = Buffer.from(`${lines.join('\n')}\n`)
  const packed = brotliCompressSync(text, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
    },
  })
  writeFileSync(file, packed)
  return packed.length
}
