import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Event, Line } from '../../../labs/journal/event.ts'
import { OpenRun } from '../../../main/replay/open-run.ts'
import { skimJournal } from '../../../main/replay/skim-journal.ts'
import { madeUpLines } from '../../fakes/made-up-lab.ts'
import { writeRecording } from '../../fakes/write-recording.ts'
import { recorded, type Entry } from '../../labs/verdicts/history.ts'
import { temporaryFolder } from '../recorder/recordings.ts'
import { cases } from '../../cases.ts'

const seqs = (lines: readonly Line[]) => lines.map(({ seq }) => seq)
function journal(entries: readonly Entry[]): { readonly directory: string; readonly lines: readonly Line[] } {
  const directory = temporaryFolder()
  const lines = recorded(entries)
  writeFileSync(join(directory, 'journal.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  return { directory, lines }
}

/** A line every ten milliseconds. */
const at = (index: number, host: string, event: Event): Entry => ({ at: index * 10, host, hostAt: index / 100, event })
const look = (lun: string, same: number, exit = 0): Event => ({
  type: 'keys',
  lun,
  device: '/dev/sda',
  action: 'keys',
  exit,
  stdout: '',
  stderr: '',
  began: 1,
  ended: 2,
  attempt: 1,
  same,
})
const said = (lun: string, stdout: string): Event => ({
  type: 'keys',
  lun,
  device: '/dev/sda',
  action: 'keys',
  exit: 0,
  stdout,
  stderr: '',
  began: 1,
  ended: 2,
  attempt: 1,
})
const write = (number: number, result: 'acknowledged' | 'refused'): Event => ({
  type: 'ledger.write',
  number,
  epoch: 1,
  issued: 1,
  completed: 2,
  result,
  errno: result === 'refused' ? 5 : 0,
})
const note: Event = { type: 'note', text: 'something happened' }

test('of lines that say the same again one of each kind is taken in each stretch of time', async () => {
  const { directory } = journal([
    at(0, 'nodea', said('coord1', 'keys')),
    ...[1, 2, 3, 4].map((index) => at(index, 'nodea', look('coord1', 1))),
    ...[5, 6].map((index) => at(index, 'nodeb', look('coord1', 1))),
    ...[11, 12, 13].map((index) => at(index, 'nodea', look('coord1', 1))),
  ])
  const { lines, count } = await skimJournal(directory, 100)
  // the first; nodea's look after it; nodeb's; the first of the next hundred milliseconds; and the last of all
  expect([seqs(lines), count]).toEqual([[1, 2, 6, 7, 8, 10], 10])
})

test('where what is said changes, the last that was otherwise and the first that is so are taken', async () => {
  const { directory } = journal([
    ...[0, 1, 2, 3].map((index) => at(index, 'nodea', look('coord1', 1))),
    ...[4, 5].map((index) => at(index, 'nodea', look('coord1', 9))),
    ...[6, 7, 8].map((index) => at(index, 'nodea', look('coord1', 1, 24))),
    ...[0, 1, 2].map((number) => at(9 + number, 'nodea', write(number, 'acknowledged'))),
    ...[3, 4, 5].map((number) => at(9 + number, 'nodea', write(number, 'refused'))),
  ])
  expect(seqs((await skimJournal(directory, 1_000_000)).lines)).toEqual([1, 4, 5, 6, 7, 9, 10, 12, 13, 15])
})

test('around anything that is no repetition every kind is taken, before and after', async () => {
  const { directory } = journal([
    ...[0, 2, 4].flatMap((index) => [
      at(index, 'nodea', look('coord1', 1)),
      at(index + 1, 'nodeb', { type: 'clock', boot: 'boot-b-1', offset: 1, uncertainty: 1 }),
    ]),
    at(6, 'lab', note),
    ...[7, 9, 11].flatMap((index) => [
      at(index, 'nodea', look('coord1', 1)),
      at(index + 1, 'nodeb', { type: 'clock', boot: 'boot-b-1', offset: 1, uncertainty: 1 }),
    ]),
  ])
  expect(seqs((await skimJournal(directory, 1_000_000)).lines)).toEqual([1, 2, 5, 6, 7, 8, 9, 12, 13])
})

test('no panic on a console is passed over, and no text that is written with a backslash', async () => {
  const console = (index: number, text: string) => at(index, 'nodea', { type: 'console', text })
  const { directory } = journal([
    console(0, 'one'),
    console(1, 'two'),
    console(2, 'Kernel panic - not syncing'),
    console(3, 'three'),
    console(4, 'four "quoted"'),
    console(5, 'Panic'),
    console(6, 'six'),
    console(7, 'seven'),
    console(8, 'eight'),
  ])
  expect(seqs((await skimJournal(directory, 1_000_000)).lines)).toEqual([1, 2, 3, 4, 5, 6, 7, 9])
})

test('what is no event is passed over, a line of a later version and half a line are not mistaken', async () => {
  const directory = temporaryFolder()
  const { lines } = journal([
    at(0, 'nodea', look('coord1', 1)),
    at(1, 'nodea', look('coord1', 1)),
    at(2, 'nodea', look('coord1', 1)),
  ])
  const [one, two, three] = lines.map((line) => JSON.stringify(line))
  const later = JSON.stringify({ seq: 4, at: 9, prev: '0'.repeat(64), type: 'later.event', x: 1 })
  writeFileSync(
    join(directory, 'journal.jsonl'),
    `${one}\nnonsense\n${two}\n${later}\n${three?.slice(0, -5)}\n${three}\n${three?.slice(0, 90)}`,
  )
  const skimmed = await skimJournal(directory, 1_000_000)
  expect([seqs(skimmed.lines), skimmed.unknown.map(({ type }) => type), skimmed.count]).toEqual([
    [1, 2, 3],
    ['later.event'],
    6,
  ])
})

test('any journal: what is taken is of the journal, and what is left out lies between two of its kind that say the same', async () => {
  const event = fc.oneof(
    {
      weight: 8,
      arbitrary: fc
        .record({ lun: fc.constantFrom('coord1', 'coord2'), same: fc.constantFrom(1, 2), exit: fc.constantFrom(0, 24) })
        .map(({ lun, same, exit }) => look(lun, same, exit)),
    },
    {
      weight: 4,
      arbitrary: fc
        .record({ number: fc.nat(999), result: fc.constantFrom('acknowledged' as const, 'refused' as const) })
        .map(({ number, result }) => write(number, result)),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom<Event>(
        { type: 'console', text: 'x' },
        { type: 'clock', boot: 'b', offset: 1, uncertainty: 1 },
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Event>(note, said('coord1', 'keys'), {
        type: 'console',
        text: 'Kernel panic - not syncing',
      }),
    },
  )
  const entry = fc.record({ host: fc.constantFrom('nodea', 'nodeb'), event })
  await fc.assert(
    fc.asyncProperty(
      fc.array(entry, { maxLength: 120 }),
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 50, max: 4000 }),
      async (entries, cell, pieceBytes) => {
        const { directory, lines } = journal(entries.map(({ host, event }, index) => at(index, host, event)))
        const skimmed = await skimJournal(directory, cell, pieceBytes)
        const taken = new Set(seqs(skimmed.lines))
        expect(skimmed.lines).toEqual(lines.filter(({ seq }) => taken.has(seq)))
        expect(skimmed.count).toBe(lines.length)
        for (const [index, line] of lines.entries()) {
          if (taken.has(line.seq)) continue
          const kind = kindOf(line)
          expect(kind).toBeDefined()
          const before = lines.slice(0, index).findLast((one) => kindOf(one) === undefined || kindOf(one) === kind)
          const after = lines.slice(index + 1).find((one) => kindOf(one) === undefined || kindOf(one) === kind)
          // neighbours of its kind, with nothing else between, that say the same: so nothing begins or ends with it
          expect([before, after].map((one) => one && [kindOf(one), wordsOf(one)])).toEqual(
            [1, 2].map(() => [kind, wordsOf(line)]),
          )
        }
        for (const kind of new Set(lines.map(kindOf))) {
          // and no stretch of time is without one that was not without any
          const cells = (list: readonly Line[]) =>
            new Set(list.filter((line) => kindOf(line) === kind).map(({ at }) => Math.floor(at / cell)))
          expect(cells(skimmed.lines)).toEqual(cells(lines))
        }
      },
    ),
    { numRuns: cases(200) },
  )
})

/** What may repeat itself, written down apart from the program. */
function kindOf(line: Line): string | undefined {
  switch (line.type) {
    case 'keys':
      return line.same === undefined ? undefined : `keys ${line.host} ${line.lun}`
    case 'ledger.write':
      return `write ${line.host}`
    case 'clock':
      return `clock ${line.host}`
    case 'console':
      return line.text.includes('panic') ? undefined : `console ${line.host}`
    default:
      return undefined
  }
}
function wordsOf(line: Line): unknown {
  if (line.type === 'keys') return [line.exit, line.same]
  return line.type === 'ledger.write' ? [line.result, line.errno] : []
}

test('a first look shows the same lanes, links, nodes and keys as the whole journal', async () => {
  const directory = temporaryFolder()
  writeRecording(directory, madeUpLines({ nodes: 4, luns: 4 }, { events: 20_000, seconds: 600 }))
  const [first, whole] = [new OpenRun(directory), new OpenRun(directory)]
  await first.skim(6000)
  await whole.refresh()
  expect(first.lines.length).toBeLessThan(whole.lines.length / 2)
  const shape = (run: OpenRun) => {
    const shown = run.replay()
    return shown?.lanes.lanes.map(({ id, rows }) => [
      id,
      rows.map(({ name, stretches }) => [name, stretches.map(({ state, text }) => [state, text])]),
    ])
  }
  expect(shape(first)).toEqual(shape(whole))
  const moments = [0, 0.1, 0.29, 0.31, 0.32, 0.5, 0.99].map((part) => part * 600_000)
  const seen = (run: OpenRun) =>
    moments
      .map((at) => run.scene(at, true))
      .map((scene) => [
        scene?.nodes.map(({ name, state }) => [name, state]),
        scene?.links,
        scene?.luns.map(({ name, tables }) => [
          name,
          tables.map(({ viewer, keys, reservation }) => [viewer, keys, reservation]),
        ]),
      ])
  expect(seen(first)).toEqual(seen(whole))
})
