import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { highWater, lowWater } from '../../../preload/contract/terminals.ts'
import { TerminalSession } from '../../../main/terminals/terminal-session.ts'
import { outputReader } from '../../../renderer/terminals/output-reader.ts'
import { temporaryFolder } from '../recorder/recordings.ts'

const view = Symbol('view')
const other = Symbol('other')
let session: TerminalSession
const source = { write: vi.fn(), resize: vi.fn(), pause: vi.fn(), resume: vi.fn(), close: vi.fn() }
beforeEach(() => {
  vi.clearAllMocks()
  session = new TerminalSession('t1', { title: 'nodea', host: 'nodea' }, { columns: 80, rows: 24 }, () => undefined)
  session.start(source)
})
const flood = (characters: number) => session.output('x'.repeat(characters))

/** A screen that puts the output together. */
const made = () => {
  let screen = ''
  const taken: number[] = []
  const reader = outputReader({
    attach: async (from) => session.since(from),
    write: (text, done) => {
      screen += text
      done()
    },
    clear: () => (screen = ''),
    taken: (upTo) => taken.push(upTo),
  })
  return { reader, taken, shown: () => screen }
}

describe('a flood', () => {
  test('is stopped where a view falls behind, and goes on when it has caught up', () => {
    session.attach(view, () => undefined)
    flood(highWater + 1)
    expect([source.pause.mock.calls.length, source.resume.mock.calls.length]).toEqual([1, 0])
    session.taken(view, highWater - lowWater)
    expect(source.resume).not.toHaveBeenCalled()
    session.taken(view, highWater - lowWater + 2)
    expect(source.resume).toHaveBeenCalledOnce()
  })

  test('is not stopped where nobody looks', () => {
    flood(5 * highWater)
    expect(source.pause).not.toHaveBeenCalled()
  })

  test('is not stopped for a view that hangs, where another takes it in; and the one that hangs is spared', () => {
    let sent = 0
    session.attach(view, () => undefined)
    session.attach(other, (_, text) => (sent += text.length))
    for (let total = 50_000; total <= 2_000_000; total += 50_000) {
      flood(50_000)
      session.taken(view, total)
    }
    expect(source.pause.mock.calls.length).toBe(source.resume.mock.calls.length)
    expect(sent).toBeLessThan(6 * highWater)
  })

  test('goes on when a view that fell far behind another one has the screen to itself', async () => {
    // the other one is quick, and then goes away: what is left was spared, and holds the program back
    const { reader, shown } = made()
    session.attach(view, (from, text) => reader.frame({ from, text }))
    session.attach(other, () => undefined)
    let worked = 0
    for (let total = 50_000; total <= 20 * highWater; total += 50_000) {
      flood(50_000)
      session.taken(other, total)
      // it works through a little at a time
      session.taken(view, (worked += 5_000))
    }
    expect(shown().length).toBeLessThan(20 * highWater)
    session.detach(other)
    expect(source.pause.mock.calls.length).toBeGreaterThan(source.resume.mock.calls.length)
    session.taken(view, shown().length)
    await vi.waitFor(() => expect(shown().length).toBe(1_000_000))
    session.taken(view, 20 * highWater)
    expect(source.pause.mock.calls.length).toBe(source.resume.mock.calls.length)
  })

  test('that comes faster than it can be stopped is not lost on the only view, and goes on', () => {
    let sent = 0
    session.attach(view, (_, text) => (sent += text.length))
    for (let index = 0; index < 100; index += 1) flood(50_000)
    expect([sent, source.pause.mock.calls.length]).toEqual([5_000_000, 1])
    session.taken(view, 5_000_000)
    expect(source.resume).toHaveBeenCalledOnce()
  })

  test('goes on when the only view goes away', () => {
    session.attach(view, () => undefined)
    flood(highWater + 1)
    session.detach(view)
    expect(source.resume).toHaveBeenCalledOnce()
  })
})

test('what was put out can be asked for again; what is no longer kept is said to be gone', () => {
  session.output('hello ')
  session.output('world')
  expect([session.since(0), session.since(6), session.since(11)]).toEqual([
    { from: 0, text: 'hello world', cleared: false },
    { from: 6, text: 'world', cleared: false },
    { from: 11, text: '', cleared: false },
  ])
  flood(1_100_000)
  const { from, text, cleared } = session.since(0)
  expect([from + text.length, text.length, cleared]).toEqual([1_100_011, 1_000_000, true])
})

test('small pieces are gathered into one', async () => {
  const pieces: string[] = []
  session.attach(view, (_, text) => pieces.push(text))
  for (let index = 0; index < 50; index += 1) session.output(`${index} `)
  await vi.waitFor(() => expect(pieces.join('')).toMatch(/49 $/))
  expect(pieces.length).toBeLessThan(4)
})

test('a recording holds what is shown from then on; what is typed only where that was asked for', () => {
  const folder = temporaryFolder()
  const castOf = (input: boolean) => {
    const file = join(folder, `${input}.cast`)
    session.output('before')
    session.record({ file, input, version: '0' })
    session.output('shown')
    session.write('password\r')
    session.resize(90, input ? 30 : 31)
    session.mark('phase inject')
    session.record(undefined)
    session.output('after')
    return readFileSync(file, 'utf8')
      .split('\n')
      .slice(1, -1)
      .map((line) => (JSON.parse(line) as unknown[]).slice(1))
  }
  expect(castOf(false)).toEqual([
    ['o', 'shown'],
    ['r', '90x31'],
    ['m', 'phase inject'],
  ])
  expect(castOf(true)).toEqual([
    ['o', 'shown'],
    ['i', 'password\r'],
    ['r', '90x30'],
    ['m', 'phase inject'],
  ])
})

test('its end is told, and is in the recording', () => {
  const file = join(temporaryFolder(), 'end.cast')
  session.record({ file, input: false, version: '0' })
  session.output('bye')
  session.ended('exit 3', 3, false)
  expect(session.describe()).toMatchObject({ state: 'ended', reason: 'exit 3', recording: null })
  expect(readFileSync(file, 'utf8')).toMatch(/"x","3"\]\n$/)
})

describe('a view puts the output together', () => {
  test('from what was there before and what comes', async () => {
    session.output('one ')
    session.since(0)
    const { reader, shown, taken } = made()
    session.attach(view, (from, text) => reader.frame({ from, text }))
    const attached = reader.attach()
    session.output('two ')
    await attached
    session.output('three')
    session.since(0)
    expect([shown(), taken.at(-1)]).toEqual(['one two three', 13])
  })

  test('and asks for what is missing', async () => {
    const { reader, shown } = made()
    session.output('aaaa')
    session.output('bbbb')
    session.since(0)
    reader.frame({ from: 4, text: 'bbbb' })
    await vi.waitFor(() => expect(shown()).toBe('aaaabbbb'))
    reader.frame({ from: 0, text: 'aaaabb' })
    expect(shown()).toBe('aaaabbbb')
  })

  test('and begins anew where too much was missed', async () => {
    const { reader, shown } = made()
    session.output('old')
    await reader.attach()
    flood(1_100_000)
    reader.frame({ from: 1_100_003, text: '' })
    await vi.waitFor(() => expect(shown().length).toBe(1_000_000))
  })
})
