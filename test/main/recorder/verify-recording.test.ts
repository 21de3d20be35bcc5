import fc from 'fast-check'
import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { judge } from '../../../labs/verdicts/judge.ts'
import { listRecording, sha256 } from '../../../main/recorder/files.ts'
import { readJournal } from '../../../main/recorder/read-journal.ts'
import { verdictText, writeVerdict, type VerdictFile } from '../../../main/recorder/verdict-file.ts'
import { verifyRecording } from '../../../main/recorder/verify-recording.ts'
import { RecordingFailed } from '../../../main/recorder/recording-failed.ts'
import { bothLinksFail, oneLinkFails } from '../../labs/verdicts/rows.ts'
import { temporaryFolder, writeRecording } from './recordings.ts'
import { cases } from '../../cases.ts'

/** These look at whole recordings again and again, on a machine that may be busy with a lab. */
vi.setConfig({ testTimeout: cases(180_000), hookTimeout: 60_000 })

let directory: string
const path = (name: string) => join(directory, name)
const what = async () => (await verifyRecording(directory)).problems.map((problem) => problem.what)

beforeEach(async () => {
  directory = temporaryFolder()
  await writeRecording(directory, bothLinksFail)
})

it('a recording as it was written is whole', async () => {
  expect(await verifyRecording(directory)).toEqual({ whole: true, problems: [] })
  expect(listRecording(directory).regular).toEqual(['console/nodea.log', 'journal.jsonl', 'pr.bin', 'verdict.json'])
})

it('a recording of an inconclusive run is whole too', async () => {
  const other = join(directory, '..', `${directory.split('/').at(-1)}-other`)
  await writeRecording(
    other,
    oneLinkFails.filter((entry) => entry.event.type !== 'probe'),
  )
  expect(await verifyRecording(other)).toEqual({ whole: true, problems: [] })
  rmSync(other, { recursive: true })
})

it('finds every change of a byte in every file', async () => {
  const files = listRecording(directory).regular
  const changes = fc.constantFrom(...files).chain((file) =>
    fc.record({
      file: fc.constant(file),
      place: fc.nat(statSync(path(file)).size - 1),
      flip: fc.integer({ min: 1, max: 255 }),
    }),
  )
  await fc.assert(
    fc.asyncProperty(changes, async ({ file, place, flip }) => {
      const before = readFileSync(path(file))
      const after = Buffer.from(before)
      after[place] = (after[place] ?? 0) ^ flip
      writeFileSync(path(file), after)
      const { whole, problems } = await verifyRecording(directory)
      writeFileSync(path(file), before)
      expect(whole).toBe(false)
      expect(problems.length).toBeGreaterThan(0)
    }),
    { numRuns: cases(100) },
  )
  expect((await verifyRecording(directory)).whole).toBe(true)
})

it('finds every byte of verdict.json changed, and every bit of the last line', async () => {
  const check = async (file: string, from: number) => {
    const before = readFileSync(path(file))
    for (let place = from; place < before.length; place += 41) {
      const after = Buffer.from(before)
      after[place] = (after[place] ?? 0) ^ (1 << (place % 8))
      writeFileSync(path(file), after)
      expect((await verifyRecording(directory)).whole, `${file} ${place}`).toBe(false)
    }
    writeFileSync(path(file), before)
  }
  await check('verdict.json', 0)
  const journal = readFileSync(path('journal.jsonl'))
  await check('journal.jsonl', journal.lastIndexOf(10, journal.length - 2) + 1)
})

describe('lines', () => {
  const lines = () => readFileSync(path('journal.jsonl'), 'utf8').trimEnd().split('\n')
  const put = (list: readonly string[]) =>
    writeFileSync(path('journal.jsonl'), list.map((line) => `${line}\n`).join(''))

  it('deleted, doubled, exchanged, or cut away are found, wherever they are', async () => {
    const whole = lines()
    const places = fc.nat(whole.length - 1)
    await fc.assert(
      fc.asyncProperty(
        places,
        places,
        fc.constantFrom('delete', 'double', 'exchange', 'cut'),
        async (one, other, how) => {
          const list = [...whole]
          if (how === 'delete') list.splice(one, 1)
          if (how === 'double') list.splice(other, 0, whole[one] ?? '')
          if (how === 'exchange') [list[one], list[other]] = [whole[other] ?? '', whole[one] ?? '']
          if (how === 'cut') list.length = one
          if (list.join() === whole.join()) return
          put(list)
          expect((await verifyRecording(directory)).whole).toBe(false)
        },
      ),
      { numRuns: cases(60) },
    )
  })

  it('are named with what is wrong', async () => {
    const list = lines()
    put(list.toSpliced(4, 1))
    expect((await verifyRecording(directory)).problems.slice(0, 2)).toEqual([
      { file: 'journal.jsonl', line: 5, what: 'sequence number 6 where 5 must be' },
      {
        file: 'journal.jsonl',
        line: 5,
        what: 'the line before this one is not the one that was there when it was written',
      },
    ])
  })

  it('cut in the middle', async () => {
    const bytes = readFileSync(path('journal.jsonl'))
    for (const size of [0, 1, 1000, bytes.length - 1]) {
      writeFileSync(path('journal.jsonl'), bytes.subarray(0, size))
      expect((await verifyRecording(directory)).whole, `${size} bytes`).toBe(false)
    }
    expect(await what()).toContain('the last line is torn: the run was not finished, or the file was cut')
  })

  it('a new chain through changed lines is found by the seal of the verdict', async () => {
    let prev = '0'.repeat(64)
    const forged = lines().map((line) => {
      const text = JSON.stringify({ ...(JSON.parse(line) as object), prev }).replace(
        'QMP GUEST_PANICKED',
        'somebody told me',
      )
      prev = sha256(text)
      return text
    })
    put(forged)
    expect(await what()).toEqual([
      'was given on a journal with another last line',
      'was given on another journal: its hash is not the same',
    ])
  })
})

describe('files', () => {
  it('changed, missing, added or replaced by links are named', async () => {
    writeFileSync(path('console/nodea.log'), 'all is well\n')
    rmSync(path('pr.bin'))
    mkdirSync(path('deep'))
    writeFileSync(path('deep/new.txt'), '')
    symlinkSync('/etc/hostname', path('link'))
    expect(await verifyRecording(directory)).toEqual({
      whole: false,
      problems: [
        { file: 'link', what: 'not a regular file: nothing can hold its content' },
        { file: 'console/nodea.log', what: 'changed since the run ended' },
        { file: 'pr.bin', what: 'missing: run.ended lists it' },
        { file: 'deep/new.txt', what: 'not part of the recording: run.ended does not list it' },
      ],
    })
  })

  it('no journal, no verdict', async () => {
    rmSync(path('verdict.json'))
    expect(await what()).toEqual([
      'missing: nothing seals the last line of the journal, and no verdict can be compared',
    ])
    rmSync(path('journal.jsonl'))
    expect(await what()).toEqual(['missing: this folder holds no run'])
  })
})

describe('the verdict', () => {
  it('that was put better by somebody, with a right seal, is found by judging again', async () => {
    const { lines } = await readJournal(directory)
    const verdict = judge(lines)
    const { journal } = JSON.parse(readFileSync(path('verdict.json'), 'utf8')) as {
      journal: Parameters<typeof verdictText>[1]
    }
    writeFileSync(path('verdict.json'), verdictText({ ...verdict, verdict: 'fail' }, journal))
    const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
      version: string
    }
    const by = `(verdict.json was written by fencelab ${version}, this is fencelab ${version})`
    // the evidence is as it was: only the verdict is another one
    expect(await verifyRecording(directory)).toEqual({
      whole: true,
      problems: [],
      judgedOtherwise: `judging again gives another verdict: fail was kept, pass it is now ${by}`,
    })
    const otherwise = async () => (await verifyRecording(directory)).judgedOtherwise
    const { nodea, ...others } = verdict.nodes
    writeFileSync(
      path('verdict.json'),
      verdictText({ ...verdict, nodes: { nodea: { ...nodea!, observed: 'off' }, ...others } }, journal),
    )
    expect(await otherwise()).toMatch(/^judging again gives another verdict: kept: nodea off/)
    writeFileSync(path('verdict.json'), verdictText({ ...verdict, reasons: verdict.reasons.slice(1) }, journal))
    expect(await otherwise()).toMatch(/^judging again gives another verdict/)
    writeFileSync(path('verdict.json'), verdictText(verdict, { ...journal, lines: 3 }))
    expect(await what()).toEqual([`was given on 3 lines, the journal has ${lines.length}`])
  })

  it('in the words of another version is the same verdict, in words that this one does not give it is not', async () => {
    const verdict = judge((await readJournal(directory)).lines)
    const { journal } = JSON.parse(readFileSync(path('verdict.json'), 'utf8')) as VerdictFile
    const reasons = verdict.reasons.map((reason) => ({ ...reason, text: `${reason.text}!` }))
    writeFileSync(path('verdict.json'), verdictText({ ...verdict, reasons }, journal, 'fencelab 0.0.9'))
    expect(await verifyRecording(directory)).toEqual({ whole: true, problems: [] })
    writeFileSync(path('verdict.json'), verdictText({ ...verdict, reasons }, journal))
    expect((await verifyRecording(directory)).judgedOtherwise).toMatch(
      /the words or the events of its reasons, of its nodes, or the row that it goes by are not those/,
    )
  })

  it('that says nothing of the row is of an earlier version, one that says another row is not what this one gives', async () => {
    const { row, ...verdict } = judge((await readJournal(directory)).lines)
    const { journal } = JSON.parse(readFileSync(path('verdict.json'), 'utf8')) as VerdictFile
    expect(row?.identity).toBe('unknown name')
    writeFileSync(path('verdict.json'), verdictText(verdict, journal))
    expect(await verifyRecording(directory)).toEqual({ whole: true, problems: [] })
    writeFileSync(path('verdict.json'), verdictText({ ...verdict, row: { ...row!, identity: 'same' } }, journal))
    expect((await verifyRecording(directory)).judgedOtherwise).toMatch(/the row that it goes by/)
    // what another version has by that name is its own affair
    writeFileSync(
      path('verdict.json'),
      verdictText({ ...verdict, row: { ...row!, identity: 'same' } }, journal, 'fencelab 0.0.9'),
    )
    expect(await verifyRecording(directory)).toEqual({ whole: true, problems: [] })
  })

  it('an empty folder does not belong into a recording', async () => {
    mkdirSync(path('more'))
    expect(await what()).toEqual(['an empty folder: not part of the recording'])
  })

  it('that cannot be written is an error that says so', async () => {
    await expect(writeVerdict(path('nowhere'), judge([]))).rejects.toThrow(RecordingFailed)
  })
})
