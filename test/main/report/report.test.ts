import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { report, type ReportFiles } from '../../../main/cli/commands/report.ts'
import { UserError } from '../../../main/load-testbed.ts'
import { findRuns, readRun } from '../../../main/report/read-runs.ts'
import { writeReport } from '../../../main/report/write-report.ts'
import { verifyRecording } from '../../../main/recorder/verify-recording.ts'
import { bothLinksFail, oneLinkFails } from '../../labs/verdicts/rows.ts'
import { temporaryFolder, writeRecording } from '../recorder/recordings.ts'

async function runsFolder(): Promise<string> {
  const folder = temporaryFolder()
  await writeRecording(join(folder, '1-both'), bothLinksFail)
  await writeRecording(join(folder, '2-one'), oneLinkFails)
  mkdirSync(join(folder, 'notes'))
  writeFileSync(join(folder, 'readme.txt'), '')
  return folder
}

async function run(directory: string, files: ReportFiles, signal = new AbortController().signal) {
  const printed: string[] = []
  const said: string[] = []
  const context = {
    print: (text: string) => void printed.push(text),
    say: (text: string) => void said.push(text),
    onProgress: () => undefined,
    signal,
  }
  const status = await report(directory, files, context)
  return { status, printed, said }
}

describe('fencelab report', () => {
  it('writes what several runs show, beside them, and leaves them whole', async () => {
    const folder = await runsFolder()
    const [html, junit, markdown] = ['r.html', 'r.xml', 'r.md'].map((name) => join(folder, name))
    const { status, printed, said } = await run(folder, { html, junit, markdown })
    expect([status, said]).toEqual([0, []])
    expect(printed).toEqual([
      `html: ${html}`,
      `junit: ${junit}`,
      `markdown: ${markdown}`,
      '2 runs: 2 pass, 0 fail, 0 inconclusive',
    ])
    expect(readFileSync(html ?? '', 'utf8')).toContain('<h2 class="run" id="run-2">')
    expect(readFileSync(junit ?? '', 'utf8')).toContain('tests="2" failures="0" errors="0"')
    expect(readFileSync(markdown ?? '', 'utf8')).toContain('| 2 | one-link-fails | test |')
    for (const one of ['1-both', '2-one']) expect((await verifyRecording(join(folder, one))).whole).toBe(true)
    expect(readdirSync(folder).toSorted()).toEqual([
      '1-both',
      '2-one',
      'notes',
      'r.html',
      'r.md',
      'r.xml',
      'readme.txt',
    ])
  })

  it('takes the folder of one run', async () => {
    const folder = await runsFolder()
    expect((await run(join(folder, '2-one'), { markdown: join(folder, 'r.md') })).printed.at(-1)).toBe(
      '1 run: 1 pass, 0 fail, 0 inconclusive',
    )
  })

  it('calls a recording that was changed inconclusive, and says so', async () => {
    const folder = await runsFolder()
    appendFileSync(join(folder, '1-both', 'console/nodea.log'), '.')
    const { said, printed } = await run(folder, { junit: join(folder, 'r.xml') })
    expect([said, printed.at(-1)]).toEqual([
      ['1-both is not whole: it is inconclusive in the report'],
      '2 runs: 1 pass, 0 fail, 1 inconclusive',
    ])
    expect(readFileSync(join(folder, 'r.xml'), 'utf8')).toContain('console/nodea.log: changed since the run ended')
  })

  it('never writes into the folder of a run', async () => {
    const folder = await runsFolder()
    symlinkSync(join(folder, '1-both', 'console'), join(folder, 'link'))
    for (const place of ['1-both/r.html', '1-both/console/r.html', 'link/r.html', 'notes/../2-one/r.html']) {
      await expect(run(folder, { html: `${folder}/${place}` })).rejects.toThrow(
        /the folder of a recorded run: another file there breaks its seal/,
      )
    }
    for (const one of ['1-both', '2-one']) expect((await verifyRecording(join(folder, one))).whole).toBe(true)
  })

  it('says what is wrong with the words given', async () => {
    const folder = await runsFolder()
    const file = join(folder, 'r')
    await expect(run(folder, {})).rejects.toThrow(/which report\? Give --html FILE/)
    await expect(run(folder, { html: file, junit: `${folder}/notes/../r` })).rejects.toThrow(
      /two reports cannot be written to the same file/,
    )
    await expect(run(join(folder, 'notes'), { html: file })).rejects.toThrow(/holds no recorded run/)
    await expect(run(join(folder, 'nothing'), { html: file })).rejects.toThrow(/there is no folder/)
    await expect(run(join(folder, 'readme.txt'), { html: file })).rejects.toThrow(/is no folder/)
    await expect(run(folder, { html: join(folder, 'notes') })).rejects.toThrow(/is a folder/)
    await expect(run(folder, { html: join(folder, 'nothing/r') })).rejects.toThrow(UserError)
    expect(existsSync(file)).toBe(false)
  })

  it('stops when it is told to', async () => {
    const folder = await runsFolder()
    await expect(
      run(folder, { html: join(folder, 'r.html') }, AbortSignal.abort(new Error('stopped'))),
    ).rejects.toThrow()
    expect(existsSync(join(folder, 'r.html'))).toBe(false)
  })
})

describe('writing a report', () => {
  it('replaces what is there, a link by a file, and leaves nothing else', () => {
    const folder = temporaryFolder()
    const [file, link] = [join(folder, 'r.html'), join(folder, 'link.html')]
    writeReport(file, 'old')
    symlinkSync(file, link)
    writeReport(link, 'new')
    expect([readFileSync(file, 'utf8'), readFileSync(link, 'utf8'), readdirSync(folder).toSorted()]).toEqual([
      'old',
      'new',
      ['link.html', 'r.html'],
    ])
  })

  it('leaves the old file and no other where it cannot be written', () => {
    const folder = temporaryFolder()
    const long = 'x'.repeat(250)
    writeReport(join(folder, long), 'old')
    expect(() => writeReport(join(folder, `${long}xxxxxx`), 'new')).toThrow(/cannot write/)
    expect([readFileSync(join(folder, long), 'utf8'), readdirSync(folder)]).toEqual(['old', [long]])
  })
})

describe('reading runs', () => {
  it('finds them by name, and tells the hashes', async () => {
    const folder = await runsFolder()
    expect(findRuns(folder)).toEqual([join(folder, '1-both'), join(folder, '2-one')])
    const { name, journal, whole, problems, lines } = await readRun(`${join(folder, '1-both')}/`)
    expect({ name, whole, problems, lines: lines.length, counted: journal.lines }).toEqual({
      name: '1-both',
      whole: true,
      problems: [],
      lines: 98,
      counted: 98,
    })
    expect([journal.sha256, journal.lastLine]).toEqual([
      expect.stringMatching(/^[0-9a-f]{64}$/),
      expect.stringMatching(/^[0-9a-f]{64}$/),
    ])
  })
})
