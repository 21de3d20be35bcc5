import fc from 'fast-check'
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { rawLines, readJournal } from '../../../main/recorder/read-journal.ts'
import { recorded } from '../../labs/verdicts/history.ts'
import { bothLinksFail } from '../../labs/verdicts/rows.ts'
import { temporaryFolder, writeRecording } from './recordings.ts'
import { cases } from '../../cases.ts'

describe('readJournal', () => {
  it('gives back what was recorded', async () => {
    const directory = temporaryFolder()
    await writeRecording(directory, bothLinksFail)
    const { lines, ...rest } = await readJournal(directory)
    const bare = lines.map(({ prev: _, ...line }) => (line.type === 'run.ended' ? { ...line, files: {} } : line))
    expect(bare).toEqual(recorded(bothLinksFail).map(({ prev: _, ...line }) => line))
    expect(rest).toEqual({ unknown: [], problems: [] })
  })

  it('tolerates a torn last line and tells of it', async () => {
    const directory = temporaryFolder()
    await writeRecording(directory, bothLinksFail)
    const file = join(directory, 'journal.jsonl')
    const size = readFileSync(file).length
    truncateSync(file, size - 10)
    const journal = await readJournal(directory)
    expect(journal.lines).toHaveLength(bothLinksFail.length - 1)
    expect(journal.torn).toEqual({ line: bothLinksFail.length, bytes: expect.any(Number) })
    expect(journal.problems).toEqual([])
  })

  it('keeps and tells unknown types, and tells what is no event', async () => {
    const directory = temporaryFolder()
    const envelope = (seq: number) => ({ seq, at: 0, prev: '0'.repeat(64) })
    const weather = { ...envelope(3), type: 'weather', degrees: 21 }
    writeFileSync(
      join(directory, 'journal.jsonl'),
      Buffer.concat([
        Buffer.from(`${JSON.stringify({ ...envelope(1), type: 'note', text: 'a' })}\n`),
        Buffer.from(`nonsense\n${JSON.stringify(weather)}\n`),
        Buffer.from([0x22, 0xff, 0x22, 10]),
        Buffer.from(`\n${JSON.stringify({ ...envelope(6), type: 'note' })}\n`),
      ]),
    )
    expect(await readJournal(directory)).toEqual({
      lines: [{ ...envelope(1), type: 'note', text: 'a' }],
      unknown: [{ seq: 3, type: 'weather', value: weather }],
      problems: [
        { file: 'journal.jsonl', line: 2, what: expect.stringMatching(/^not JSON/) },
        { file: 'journal.jsonl', line: 4, what: 'not UTF-8' },
        { file: 'journal.jsonl', line: 5, what: expect.stringMatching(/^not JSON/) },
        { file: 'journal.jsonl', line: 6, what: expect.stringMatching(/^text: /) },
      ],
    })
  })

  it('rejects where there is no journal, and when it is aborted', async () => {
    const directory = temporaryFolder()
    await expect(readJournal(directory)).rejects.toThrow(/ENOENT.*journal\.jsonl/)
    appendFileSync(join(directory, 'journal.jsonl'), 'x\n')
    await expect(readJournal(directory, AbortSignal.abort())).rejects.toThrow(/abort/i)
  })
})

it('rawLines cuts at every newline and nowhere else, over any size of file', async () => {
  const file = join(temporaryFolder(), 'lines')
  const line = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.integer({ min: 60_000, max: 140_000 }).map((size) => new Uint8Array(size).fill(120)),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 5 }), async (parts) => {
      const bytes = Buffer.concat(
        parts.flatMap((part) => [part.map((byte) => (byte === 10 ? 11 : byte)), Uint8Array.of(10)]),
      )
      writeFileSync(file, bytes)
      const read: Uint8Array[] = []
      for await (const raw of rawLines(file)) {
        expect(raw).toMatchObject({ number: read.length + 1, torn: false })
        read.push(raw.bytes, Uint8Array.of(10))
        read.splice(-2, 2, Buffer.concat(read.slice(-2)))
      }
      expect(read).toHaveLength(parts.length)
      expect(Buffer.concat(read).equals(bytes)).toBe(true)
    }),
    { numRuns: cases(40) },
  )
})
