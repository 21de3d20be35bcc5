/** Lists say what is so: one bad thing hides none of the others, and nothing is called good before it was verified. */
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import * as v from 'valibot'
import { runs as contract, type RunSummary } from '../../../preload/contract/runs.ts'
import { Collections } from '../../../main/services/collections.ts'
import { createEngine, type Engine } from '../../../main/services/engine.ts'
import { salvaged } from '../../../main/services/json-file.ts'
import { interfaceStateSchema } from '../../../preload/contract/system.ts'
import { bothLinksFail } from '../../labs/verdicts/rows.ts'
import { playingDriver } from '../../fakes/playing-driver.ts'
import { writeRecording } from '../recorder/recordings.ts'

const call = { signal: new AbortController().signal, progress: () => undefined }
let home: string
let engine: Engine
let told: string[]
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'fencelab-lists-'))
  vi.stubEnv('XDG_STATE_HOME', join(home, 'state'))
  engine = createEngine({
    driver: playingDriver({ lines: [] }),
    collections: new Collections(join(home, 'runs'), join(home, 'samples')),
    testbeds: { builtIn: join(home, 'builtin'), own: join(home, 'own'), known: join(home, 'known.json'), home },
    stateFile: join(home, 'interface.json'),
  })
  told = []
  engine.hub.subscribe({}, ({ topic }) => told.push(topic))
})
afterEach(async () => {
  await engine.close()
  vi.unstubAllEnvs()
  rmSync(home, { recursive: true, force: true })
})
const list = async () => {
  const found = await engine.services.runs.list({}, call)
  // what a window would refuse would leave it with nothing
  expect(v.safeParse(contract.list.output, found).success).toBe(true)
  return found
}
const one = async (run: string): Promise<RunSummary | undefined> =>
  (await list()).runs.find((found) => found.run === run)
const record = (name: string) => writeRecording(join(home, 'runs', name), bothLinksFail)
const checked = (run: string, check: RunSummary['check']) =>
  vi.waitFor(async () => {
    expect((await one(run))?.check).toBe(check)
    return (await one(run)) as RunSummary
  }, 10_000)

describe('folders with recordings', () => {
  test.each([
    ['a file', (place: string) => writeFileSync(place, 'PK'), /is a file, not a folder.*unpack it/],
    ['one that is not there', () => undefined, /there is no folder/],
    ['a link that leads to itself', (place: string) => symlinkSync(place, place), /cannot be read: ELOOP/],
    [
      'a recording itself',
      (place: string) => (mkdirSync(place), writeFileSync(join(place, 'journal.jsonl'), '')),
      /is one recording/,
    ],
  ])('%s is not added, and empties no list', async (_, make, words) => {
    await record('good')
    make(join(home, 'bad'))
    await expect(engine.services.runs.addFolder({ folder: join(home, 'bad') }, call)).rejects.toMatchObject({
      code: 'user',
      message: expect.stringMatching(words) as string,
    })
    const { runs, folders } = await list()
    expect([runs.map(({ run }) => run), folders.length]).toEqual([['runs/good'], 2])
  })

  test('one that becomes unreadable later is told with its reason, and can be taken off', async () => {
    await record('good')
    const folder = join(home, 'more')
    await writeRecording(join(folder, 'run (1)'), bothLinksFail)
    expect(await engine.services.runs.addFolder({ folder }, call)).toEqual({ found: 1 })
    expect((await engine.services.runs.open({ run: 'folder1/run (1)' }, call)).summary.row).toBe('both-links-fail')
    rmSync(folder, { recursive: true })
    writeFileSync(folder, 'now a file')
    const { runs, folders } = await list()
    expect([runs.map(({ run }) => run), folders.at(-1)]).toEqual([
      ['runs/good'],
      { id: 'folder1', folder, added: true, trouble: expect.stringContaining('ENOTDIR') as string },
    ])
    await engine.services.runs.removeFolder({ id: 'folder1' }, call)
    expect((await list()).folders.map(({ id }) => id)).toEqual(['runs', 'samples'])
    await expect(engine.services.runs.removeFolder({ id: 'runs' }, call)).rejects.toMatchObject({ code: 'not-found' })
  })

  test('one unreadable recording is an entry with its reason', async () => {
    await record('good')
    for (const name of ['pipe', 'pipe of a verdict', 'no verdict', 'garbage', 'odd verdict'])
      mkdirSync(join(home, 'runs', name))
    execFileSync('mkfifo', [join(home, 'runs', 'pipe', 'journal.jsonl')])
    writeFileSync(join(home, 'runs', 'pipe of a verdict', 'journal.jsonl'), '')
    execFileSync('mkfifo', [join(home, 'runs', 'pipe of a verdict', 'verdict.json')])
    writeFileSync(join(home, 'runs', 'no verdict', 'journal.jsonl'), '')
    writeFileSync(join(home, 'runs', 'garbage', 'journal.jsonl'), Buffer.from([0, 255, 10, 123, 10]))
    writeFileSync(join(home, 'runs', 'garbage', 'verdict.json'), '[null]')
    await record('odd verdict')
    writeFileSync(join(home, 'runs', 'odd verdict', 'verdict.json'), '{"verdict": {"toString": 1}}')
    const { runs } = await list()
    expect(Object.fromEntries(runs.map(({ run, state, trouble }) => [run, [state, trouble !== undefined]]))).toEqual({
      'runs/good': ['complete', false],
      'runs/pipe': ['unreadable', true],
      'runs/pipe of a verdict': ['unreadable', true],
      'runs/no verdict': ['going', false],
      'runs/garbage': ['going', false],
      'runs/odd verdict': ['complete', false],
    })
    await expect(engine.services.runs.open({ run: 'runs/pipe' }, call)).rejects.toThrow(/is not a regular file/)
  })
})

describe('testbeds', () => {
  test('a broken file, a folder that is none and a bad remembered entry hide no other', async () => {
    mkdirSync(join(home, 'builtin'))
    writeFileSync(join(home, 'builtin', 'odd.yaml'), '*no such anchor')
    mkdirSync(join(home, 'builtin', 'a-folder.yaml'))
    writeFileSync(join(home, 'own'), 'not a folder')
    writeFileSync(join(home, 'known.json'), JSON.stringify({ files: [7, '', null, join(home, 'gone.yaml')] }))
    const { testbeds } = await engine.services.testbeds.list({}, call)
    expect(testbeds.map(({ name, problems }) => [name, problems > 0]).toSorted()).toEqual([
      ['a-folder', true],
      ['gone', true],
      ['odd', true],
      ['own', true],
    ])
  })

  test('remembered settings: the bad ones are forgotten, the others stay', () => {
    const kept = { theme: 7, view: 'runs', dividers: { a: 0.5, b: 9 }, terminal: { fontSize: 1 }, runFilter: [] }
    expect(salvaged(interfaceStateSchema, kept)).toMatchObject({
      theme: 'system',
      view: 'runs',
      dividers: { a: 0.5 },
      terminal: { fontSize: 13 },
      runFilter: {},
    })
    expect([null, 7, [], 'x'].map((value) => salvaged(interfaceStateSchema, value).view)).toEqual(
      Array.from({ length: 4 }, () => 'bench'),
    )
  })

  test('settings in a place that cannot be read are as good as none', async () => {
    mkdirSync(join(home, 'interface.json'))
    expect((await engine.services.system.loadState({}, call)).view).toBe('bench')
  })

  test('a list of what was left that cannot be read does not keep the state of the lab from being told', async () => {
    mkdirSync(join(home, 'state', 'fencelab', 'outstanding'), { recursive: true })
    writeFileSync(join(home, 'state', 'fencelab', 'outstanding', 'x.json'), 'no list')
    const { left, state } = await engine.services.lab.state({}, call)
    expect([state, left.map(({ faults }) => faults[0])]).toEqual([
      'closed',
      [expect.stringContaining('x.json is no list') as string],
    ])
  })
})

describe('what a list says of a recording', () => {
  test('is not verified at first, and verified a moment later, without being asked', async () => {
    await record('good')
    expect(await one('runs/good')).toMatchObject({ check: 'unchecked', verdict: 'pass' })
    expect(await checked('runs/good', 'whole')).toMatchObject({ verdict: 'pass' })
    await vi.waitFor(() => expect(told).toContain('runs'))
  })

  test.each([
    [
      'a line that was changed',
      (folder: string) => {
        const file = join(folder, 'journal.jsonl')
        writeFileSync(file, readFileSync(file, 'utf8').replace('"acknowledged"', '"refused"     '))
      },
    ],
    ['a file that was added', (folder: string) => writeFileSync(join(folder, 'more.txt'), '')],
    ['a line that was added', (folder: string) => appendFileSync(join(folder, 'journal.jsonl'), '{}\n')],
    [
      'a verdict that was changed',
      (folder: string) => {
        const file = join(folder, 'verdict.json')
        writeFileSync(file, readFileSync(file, 'utf8').replace('"running"', '"unknown"'))
      },
    ],
  ])('%s is no pass, in the list, in the run and in the report alike', async (_, change) => {
    await record('bad')
    await checked('runs/bad', 'whole')
    const journal = join(home, 'runs', 'bad', 'journal.jsonl')
    const before = statSync(journal)
    change(join(home, 'runs', 'bad'))
    // who changes evidence sets its time back
    utimesSync(journal, before.atime, before.mtime)
    expect((await one('runs/bad'))?.check).toBe('unchecked')
    const summary = await checked('runs/bad', 'not-whole')
    expect(summary).toMatchObject({
      verdict: 'inconclusive',
      checkText: expect.stringMatching(/^the recording is not whole: /) as string,
      reason: { rule: 'precondition' },
    })
    const view = await engine.services.runs.open({ run: 'runs/bad' }, call)
    expect([view.summary.check, view.verdict?.verdict, view.verdict?.reasons[0]?.rule]).toEqual([
      'not-whole',
      'inconclusive',
      'precondition',
    ])
    const { text } = await engine.services.runs.report({ runs: ['runs/bad'], form: 'markdown' }, call)
    expect(text).toContain('0 pass, 0 fail, 1 inconclusive')
  })

  test('verifying by hand tells the list at once', async () => {
    await record('bad')
    appendFileSync(join(home, 'runs', 'bad', 'journal.jsonl'), '{}\n')
    expect((await engine.services.runs.verify({ run: 'runs/bad' }, call)).whole).toBe(false)
    expect((await one('runs/bad'))?.check).toBe('not-whole')
  })

  test.each(['html', 'markdown', 'junit'] as const)(
    'a report that leaves runs out says so in it and in its name: %s',
    async (form) => {
      await record('good')
      const some = await engine.services.runs.report({ runs: ['runs/good'], form, of: 3 }, call)
      expect([some.name.startsWith('fencelab-1-of-3-runs.'), some.text.includes('holds 1 of 3 runs')]).toEqual([
        true,
        true,
      ])
      const all = await engine.services.runs.report({ runs: ['runs/good'], form, of: 1 }, call)
      expect([all.name.startsWith('fencelab-good.'), /holds \d+ of/.test(all.text)]).toEqual([true, false])
    },
  )

  test('of another testbed is not said to be of the open one', async () => {
    await record('good')
    const virtual = new URL('../../../labs/testbeds/virtual.yaml', import.meta.url)
    await engine.services.lab.open({ file: virtual.pathname }, call)
    const { here, runs } = await list()
    expect([here !== null, runs[0]?.bed === here]).toEqual([true, false])
  })
})
