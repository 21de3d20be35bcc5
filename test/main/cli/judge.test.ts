import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { changed, without, type Entry } from '../../labs/verdicts/history.ts'
import { bothLinksFail, nodeHangs, oneLinkFails } from '../../labs/verdicts/rows.ts'
import { writeRecording } from '../recorder/recordings.ts'
import type { RunDocument } from '../../../main/cli/run-document.ts'
import { fencelab, home } from './cli.ts'

const limit = 60_000
const recording = async (entries: readonly Entry[], name = 'run') => {
  const directory = join(home(), name)
  mkdirSync(directory)
  await writeRecording(directory, entries)
  return directory
}
/** the loser's write is acknowledged after it was ejected */
const writesOn = changed(bothLinksFail, 'ledger.write', (event) =>
  event.result === 'refused' ? { ...event, result: 'acknowledged', errno: 0 } : event,
)
const unverified = without(bothLinksFail, 'fault', ({ event }) => event.type === 'fault' && event.step === 'verified')

test.each<[string, readonly Entry[], number, string]>([
  ['both links fail', bothLinksFail, 0, 'pass'],
  ['one link fails', oneLinkFails, 0, 'pass'],
  ['a node hangs', nodeHangs, 0, 'pass'],
  ['a write after the ejection', writesOn, 1, 'fail'],
  ['a fault that was never verified', unverified, 2, 'inconclusive'],
])('judge: %s', { timeout: limit }, async (_, entries, exit, verdict) => {
  const directory = await recording(entries)
  const [text, json] = await Promise.all([fencelab(['judge', directory]), fencelab(['judge', directory, '--json'])])
  // these rows were made up for tests, and that is said
  const note = expect.stringContaining('it is judged as recorded.') as string
  expect([text.exit, json.exit, text.stderr, json.stderr]).toEqual([exit, exit, '', note])
  expect(text.stdout).toEqual(note)
  // one document, and nothing else
  const [document, ...others] = JSON.parse(json.stdout) as RunDocument[]
  expect(others).toEqual([])
  expect(Object.keys(document ?? {}).sort()).toEqual([
    'dir',
    'judgedRow',
    'nodes',
    'reasons',
    'row',
    'seconds',
    'verdict',
  ])
  expect(document).toMatchObject({ verdict, dir: directory })
  expect(Object.keys(document?.nodes ?? {})).toEqual(['nodea', 'nodeb'])
  expect(
    document?.reasons.every(({ text: reason, events }) => typeof reason === 'string' && Array.isArray(events)),
  ).toBe(true)
  expect(text.stdout).toContain(`Recording: ${directory}`)
  expect(text.stdout).toMatch(new RegExp(`Verdict: .*${verdict}`, 'i'))
})

test('judge shows the row, the roles, and the key tables before and after', { timeout: limit }, async () => {
  const { stdout } = await fencelab(['judge', await recording(bothLinksFail)])
  expect(stdout).toContain('testbed test, 2026-11-22T10:00:00Z; nodea is node A, nodeb is node B')
  const lines = stdout.split('\n')
  const first = lines.findIndex((one) => one.includes('data1 (data)'))
  expect(lines.slice(first, first + 2).map((line) => line.trim().split(/ {2,}/))).toEqual([
    ['data1 (data)', 'before', 'nodea=0xa nodeb=0xb; Write Exclusive, registrants only', 'observer, nodea, nodeb'],
    ['at the end', expect.stringMatching(/^nodeb=0xb/), 'observer, nodeb'],
  ])
})

test('what is no recorded run is refused', { timeout: limit }, async () => {
  const directory = home()
  writeFileSync(join(directory, 'file'), '')
  for (const [command, place] of [
    ['judge', directory],
    ['judge', join(directory, 'nothing')],
    ['judge', join(directory, 'file')],
    ['verify', directory],
  ] as const) {
    expect(await fencelab([command, place])).toEqual({
      exit: 3,
      stdout: '',
      stderr: `fencelab: ${place} holds no recorded run: there is no journal.jsonl in it. Give the folder of a run\n`,
    })
  }
})

test('judge --json of what is no run prints the error as a document', { timeout: limit }, async () => {
  const folder = home()
  const { exit, stdout } = await fencelab(['judge', folder, '--json'])
  expect([exit, JSON.parse(stdout)]).toEqual([
    3,
    {
      error: {
        kind: 'user',
        message: `${folder} holds no recorded run: there is no journal.jsonl in it. Give the folder of a run`,
        command: 'judge',
        exit: 3,
      },
    },
  ])
})

test(
  'a journal that breaks off, and one with a line that is none, are inconclusive and say why',
  { timeout: limit },
  async () => {
    const directory = await recording(bothLinksFail)
    const journal = join(directory, 'journal.jsonl')
    const whole = readFileSync(journal, 'utf8')
    writeFileSync(journal, whole.slice(0, -40))
    const torn = await fencelab(['judge', directory, '--json'])
    expect([torn.exit, (JSON.parse(torn.stdout) as RunDocument[])[0]?.verdict]).toEqual([2, 'inconclusive'])
    expect(torn.stderr).toMatch(
      /the last line of the journal is torn \(\d+ bytes\): the program was ended while it wrote/,
    )
    writeFileSync(journal, whole.replace(/^(.*\n){3}/, 'no event\n'))
    const strange = await fencelab(['judge', directory])
    expect([strange.exit, strange.stderr]).toEqual([2, expect.stringContaining('journal.jsonl:1: not JSON')])
  },
)

/** The rows of these recordings were made up for tests, and that is said. */
const madeUp =
  /It is judged by the row both-links-fail \(sha256 [0-9a-f]{12}\), revision 1 of the recording\.\nThis version has no row named both-links-fail: it is judged as recorded\.\nThe recording is of revision 1, .*\n/
const saying = (before: string, after: string): string =>
  expect.stringMatching(new RegExp(`^${before}${madeUp.source}${after}$`)) as string

test('verify: whole, then with one byte changed, then with a file too many', { timeout: limit }, async () => {
  const directory = await recording(bothLinksFail)
  expect(await fencelab(['verify', directory])).toEqual({
    exit: 0,
    stdout: saying('', 'The recording is whole and unaltered, and judging it again gives the same verdict.\\n'),
    stderr: '',
  })
  const console = join(directory, 'console', 'nodea.log')
  const text = readFileSync(console, 'utf8')
  writeFileSync(console, text.replace('panic', 'Panic'))
  expect(await fencelab(['verify', directory])).toEqual({
    exit: 1,
    stdout: saying('console/nodea.log: changed since the run ended\\n', 'The recording is NOT whole.\\n'),
    stderr: '',
  })
  writeFileSync(console, text)
  writeFileSync(join(directory, 'notes.txt'), 'mine')
  expect(await fencelab(['verify', directory])).toMatchObject({
    exit: 1,
    stdout: expect.stringContaining('notes.txt: not part of the recording') as string,
  })
})

test('verify: a journal that somebody wrote on', { timeout: limit }, async () => {
  const directory = await recording(oneLinkFails)
  appendFileSync(join(directory, 'journal.jsonl'), '{"seq":1}\n')
  const { exit, stdout } = await fencelab(['verify', directory])
  expect([exit, stdout]).toEqual([1, expect.stringMatching(/journal\.jsonl:\d+: /)])
})

test('a reader that has seen enough is no error', { timeout: limit }, async () => {
  const directory = await recording(bothLinksFail)
  const entry = new URL('../../../main/cli/bin.mjs', import.meta.url).pathname
  // the reader is gone before a word is written
  const script = `{ "$1" "$2" judge "$3"; echo "$?" >"$3/../status"; } | true`
  const { stderr } = spawnSync('/bin/sh', ['-c', script, 'pipe', process.execPath, entry, directory], {
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  expect(readFileSync(join(directory, '..', 'status'), 'utf8').trim()).toBe('0')
})
