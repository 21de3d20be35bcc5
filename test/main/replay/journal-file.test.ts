import { appendFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { JournalFile } from '../../../main/replay/journal-file.ts'
import { lab, recorded } from '../../labs/verdicts/history.ts'
import { temporaryFolder } from '../recorder/recordings.ts'

const line = (seq: number, text = `note ${seq}`) =>
  `${JSON.stringify(recorded(Array.from({ length: seq }, (_, index) => lab(index, { type: 'note', text })))[seq - 1])}\n`

test('reads on from where it was left, and waits for a line that is not whole yet', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'journal.jsonl')
  writeFileSync(file, line(1) + line(2).slice(0, 20))
  const journal = new JournalFile(folder)
  expect((await journal.grow()).lines.map(({ seq }) => seq)).toEqual([1])
  appendFileSync(file, line(2).slice(20) + line(3))
  expect((await journal.grow()).lines.map(({ seq }) => seq)).toEqual([2, 3])
  expect([(await journal.grow()).lines, journal.count]).toEqual([[], 3])
})

test('gives a line as it stands in the file, whatever the letters in it', async () => {
  const folder = temporaryFolder()
  const texts = [line(1, 'ä€𝄞'), line(2, 'x'.repeat(3_000_000)), line(3, 'plain')]
  writeFileSync(join(folder, 'journal.jsonl'), texts.join(''))
  const journal = new JournalFile(folder)
  await journal.grow()
  expect([
    `${await journal.text(1)}\n`,
    `${await journal.text(2)}\n` === texts[1],
    `${await journal.text(3)}\n`,
  ]).toEqual([texts[0], true, texts[2]])
  expect(await journal.texts(2, 9)).toHaveLength(2)
  await expect(journal.text(4)).rejects.toThrow(RangeError)
})

test('a file that is another one is read anew', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'journal.jsonl')
  writeFileSync(file, line(1) + line(2))
  const journal = new JournalFile(folder)
  await journal.grow()
  rmSync(file)
  writeFileSync(file, line(1, 'another'))
  const again = await journal.grow()
  expect([again.anew, again.lines.map((one) => one.type === 'note' && one.text)]).toEqual([true, ['another']])
})

test('what is no event is told with its line, and the reading goes on', async () => {
  const folder = temporaryFolder()
  writeFileSync(
    join(folder, 'journal.jsonl'),
    `${line(1)}{"seq":2}\nnonsense\n${JSON.stringify({ seq: 4, at: 9, prev: '0'.repeat(64), type: 'later.event', x: 1 })}\n`,
  )
  const journal = new JournalFile(folder)
  const { lines, unknown } = await journal.grow()
  expect([lines.length, unknown.map(({ type }) => type), journal.problems.map((problem) => problem.line)]).toEqual([
    1,
    ['later.event'],
    [2, 3],
  ])
})
