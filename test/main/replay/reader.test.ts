import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createReader } from '../../../main/replay/reader.ts'
import { readerClient } from '../../../main/replay/reader-client.ts'
import { bothLinksFail, oneLinkFails } from '../../labs/verdicts/rows.ts'
import { temporaryFolder, writeRecording } from '../recorder/recordings.ts'

const place = (directory: string) => ({ run: 'runs/one', directory, sample: false })
async function recording(entries = bothLinksFail): Promise<string> {
  const directory = join(temporaryFolder(), 'one')
  await writeRecording(directory, entries)
  return directory
}

test('a summary comes from the ends of the journal and the verdict beside it', async () => {
  const directory = await recording()
  const [listed] = await createReader().summaries([place(directory), place(temporaryFolder())])
  expect(listed?.summary).toEqual({
    run: 'runs/one',
    sample: false,
    row: 'both-links-fail',
    title: 'both-links-fail',
    policy: 'coordinator-race',
    testbed: 'test',
    bed: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    wall: '2026-11-22T10:00:00Z',
    state: 'complete',
    check: 'unchecked',
    verdict: 'pass',
    milliseconds: bothLinksFail.at(-1)?.at,
    nodes: [
      { name: 'nodea', id: 0, observed: 'panicked' },
      { name: 'nodeb', id: 1, observed: 'running' },
    ],
    lines: bothLinksFail.length,
  })
})

test('a recording without its end is going on while it grows, a verdict of a later version stays as it is', async () => {
  const directory = await recording()
  const journal = join(directory, 'journal.jsonl')
  const text = readFileSync(journal, 'utf8')
  const verdict = JSON.parse(readFileSync(join(directory, 'verdict.json'), 'utf8')) as object
  writeFileSync(join(directory, 'verdict.json'), JSON.stringify({ ...verdict, verdict: 'not-applicable' }))
  writeFileSync(journal, text.slice(0, text.length - 200))
  const [listed] = await createReader().summaries([place(directory)])
  expect([listed?.summary.state, listed?.summary.verdict]).toEqual(['going', 'not-applicable'])
})

test('opens a run, answers about moments and windows of it, and reads on', async () => {
  const directory = await recording()
  const journal = join(directory, 'journal.jsonl')
  const text = readFileSync(journal, 'utf8')
  const cut = text.split('\n').slice(0, 20).join('\n')
  writeFileSync(journal, `${cut}\n`)
  const reader = createReader()
  const begun = await reader.open(place(directory))
  expect([begun.seq, begun.ended, begun.verdict]).toEqual([20, false, null])
  appendFileSync(journal, text.slice(cut.length + 1))
  expect(await reader.refresh(directory)).toMatchObject({ grew: true, ended: true, seq: bothLinksFail.length })
  expect(await reader.refresh(directory)).toMatchObject({ grew: false })
  const view = await reader.open(place(directory))
  expect([view.ended, view.verdict?.verdict, view.attachments]).toEqual([true, 'pass', ['console/nodea.log', 'pr.bin']])
  expect((await reader.window(directory, { from: 0, to: 5000, cells: 100 }))?.lanes.length).toBeGreaterThan(10)
  expect((await reader.scene(directory, 4600, false))?.nodes.map(({ state }) => state)).toEqual(['panicked', 'running'])
})

test('lists lines by type and by words, in pages', async () => {
  const reader = createReader()
  const directory = await recording()
  const all = await reader.lines(directory, { skip: 0, count: 2000, types: [], words: '' })
  expect([all.total, all.lines.length]).toEqual([bothLinksFail.length, bothLinksFail.length])
  const some = await reader.lines(directory, { skip: 5, count: 3, types: [], words: '' })
  expect([some.total, some.lines]).toEqual([bothLinksFail.length, all.lines.slice(5, 8)])
  const phases = await reader.lines(directory, { skip: 1, count: 2, types: ['phase'], words: '' })
  expect([phases.total, phases.lines.map(({ text }) => text)]).toEqual([6, ['name baseline', 'name inject']])
  const panics = await reader.lines(directory, { skip: 0, count: 10, types: [], words: 'kernel PANIC' })
  expect(panics.lines.map(({ type, host }) => [type, host])).toEqual([['console', 'nodea']])
  expect(panics.types.find(({ type }) => type === 'ledger.write')?.count).toBeGreaterThan(3)
})

test('pages count lines of a later version where they stand', async () => {
  const directory = await recording()
  const journal = join(directory, 'journal.jsonl')
  const lines = readFileSync(journal, 'utf8').split('\n')
  lines[3] = JSON.stringify({ seq: 4, at: 9, prev: '0'.repeat(64), type: 'later.event', text: 'new' })
  writeFileSync(journal, lines.join('\n'))
  const { total, lines: found } = await createReader().lines(directory, { skip: 2, count: 3, types: [], words: '' })
  expect([total, found.map(({ seq }) => seq), found[1]?.type]).toEqual([bothLinksFail.length, [3, 4, 5], 'later.event'])
})

test('a read of keys is shown with what sg_persist printed, wherever that stands', async () => {
  const reader = createReader()
  const directory = await recording()
  const { lines } = await reader.lines(directory, { skip: 0, count: 1, types: ['keys'], words: '' })
  const { json, said } = await reader.line(directory, lines[0]?.seq ?? 0)
  expect(JSON.parse(json)).toMatchObject({ type: 'keys', seq: lines[0]?.seq })
  expect(said).toMatch(/registered reservation keys follow/)
})

test('only files of the recording are given out', async () => {
  const reader = createReader()
  const directory = await recording()
  expect(await reader.attachment(directory, 'console/nodea.log')).toEqual({ text: 'Kernel panic - not syncing\n' })
  await expect(reader.attachment(directory, '../one/verdict.json')).rejects.toThrow('no file')
  await expect(reader.attachment(directory, '/etc/passwd')).rejects.toThrow('no file')
})

test('judging again tells whether it is the verdict that is kept', async () => {
  const reader = createReader()
  const directory = await recording()
  expect(await reader.judge(directory)).toMatchObject({ same: true, verdict: { verdict: 'pass' } })
  const kept = readFileSync(join(directory, 'verdict.json'), 'utf8')
  writeFileSync(join(directory, 'verdict.json'), kept.replace('"verdict": "pass"', '"verdict": "fail"'))
  expect(await createReader().judge(directory)).toMatchObject({ same: false })
})

test('several runs make a distribution, reports one document', async () => {
  const reader = createReader()
  const directories = [await recording(), await recording(oneLinkFails)]
  const { statistics, panics } = await reader.statistics(directories)
  expect([statistics.runs, statistics.verdicts, panics.length]).toEqual([
    2,
    { pass: 2, fail: 0, inconclusive: 0, 'not-applicable': 0 },
    1,
  ])
  const html = await reader.report(directories, 'html')
  expect(html).toMatch(/both-links-fail/)
  expect(await reader.report(directories, 'junit')).toMatch(/<testsuites/)
})

const client = readerClient()
afterAll(() => client.close())

test('the reader in its thread gives the same answers, and errors with their codes', async () => {
  const directory = await recording()
  expect(await client.open(place(directory))).toEqual(await createReader().open(place(directory)))
  await expect(client.open(place(join(directory, 'nothing')))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('a long journal is looked at first, and read meanwhile', async () => {
  const directory = await recording()
  const whole = await createReader().open(place(directory))
  const reader = readerClient({ long: 100 })
  try {
    const first = await reader.open(place(directory))
    expect(first).toEqual({ ...whole, reading: true })
    const window = { from: 0, to: 5000, cells: 100 }
    expect((await reader.window(directory, window))?.lanes.map(({ id }) => id)).toEqual(
      (await createReader().window(directory, window))?.lanes.map(({ id }) => id),
    )
    expect((await reader.scene(directory, 4600, false))?.nodes.map(({ state }) => state)).toEqual([
      'panicked',
      'running',
    ])
    expect((await reader.refresh(directory)).grew).toBe(false)
    expect(await reader.open(place(directory))).toEqual(whole)
    expect(await reader.window(directory, window)).toEqual(await createReader().window(directory, window))
  } finally {
    await reader.close()
  }
})

test('a long journal that cannot be read to its end is told when it is opened again', async () => {
  const directory = await recording()
  const reader = readerClient({ long: 100 })
  try {
    expect((await reader.open(place(directory))).reading).toBe(true)
    rmSync(directory, { recursive: true })
    await reader.refresh(directory).catch(() => undefined)
    await expect(reader.open(place(directory))).rejects.toMatchObject({ code: 'ENOENT' })
  } finally {
    await reader.close()
  }
})

test('a folder without a run is none', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'empty'))
  expect(await createReader().summaries([place(join(folder, 'empty'))])).toEqual([])
})
