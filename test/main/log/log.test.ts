import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { createLog, type LogOptions } from '../../../main/log/log.ts'
import { filesOf, linesOf, temporaryFolder, textOf } from './folder.ts'

const writer = fileURLToPath(new URL('./write-many.ts', import.meta.url))

function opened(options: Partial<LogOptions> = {}) {
  const folder = join(temporaryFolder(), 'state', 'log')
  const complaints: string[] = []
  const log = createLog({ program: 'cli', folder, onUnwritable: (text) => complaints.push(text), ...options })
  return { log, folder, complaints, file: join(folder, 'fencelab.log') }
}

describe('a line', () => {
  test('has the time, the level, the process, the lab, the host and the text', () => {
    const { log, folder } = opened()
    log.write('warning', 'the disk answers late', { lab: 'rack', host: 'nodea', milliseconds: 7 })
    const [line] = linesOf(folder)
    expect(line).toEqual({
      level: 'warning',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as unknown,
      process: 'cli',
      pid: process.pid,
      lab: 'rack',
      host: 'nodea',
      milliseconds: 7,
      text: 'the disk answers late',
    })
  })

  test.each(['error', 'warning', 'info', 'debug'] as const)('of the level %s is written', (level) => {
    const { log, folder } = opened()
    log.write(level, 'x')
    expect(linesOf(folder)).toMatchObject([{ level, text: 'x' }])
  })

  test('stays one line, whatever is in the text', () => {
    const { log, folder } = opened()
    log.write('info', 'one\ntwo\r\n"three" \u2028', { lab: 'a\nb' })
    expect(textOf(folder).split('\n')).toHaveLength(2)
    expect(linesOf(folder)).toMatchObject([{ text: 'one\ntwo\r\n"three" \u2028', lab: 'a\nb' }])
  })

  test('of an error has its stack and its causes, and ends where an error is its own cause', () => {
    const { log, folder } = opened()
    const inner = Object.assign(new Error('inner'), { code: 'ECONNRESET', socket: { big: true } })
    const outer = new TypeError('outer', { cause: inner })
    inner.cause = outer
    log.write('error', 'it broke', { error: outer })
    const [line] = linesOf(folder)
    expect(line).toMatchObject({
      error: {
        name: 'TypeError',
        message: 'outer',
        stack: expect.stringContaining('log.test.ts') as unknown,
        cause: { message: 'inner', code: 'ECONNRESET', cause: { message: 'outer' } },
      },
    })
    expect(JSON.stringify(line)).not.toContain('big')
  })

  test('is shown as text to whoever wants to see it, with what was run and where it broke below', () => {
    const shown: string[] = []
    const { log } = opened({ onLine: (text) => shown.push(text) })
    log.write('warning', 'read keys: exit 5', {
      lab: 'rack',
      host: 'nodea',
      argv: ['sg_persist', '-i', 'a b'],
      stderr: ['it said no'],
    })
    log.write('error', 'bad', { error: new Error('no') })
    expect(shown[0]).toMatch(
      /^\d{4}-\d\d-\d\dT[\d:.]+Z warning rack nodea: read keys: exit 5\n {4}\$ sg_persist -i 'a b'\n {4}it said no$/,
    )
    expect(shown[1]).toMatch(/^\S+ error bad\n {4}Error: no\n {8}at .*log\.test\.ts/)
  })
})

describe('the file', () => {
  test('is its owner’s alone, and so is its folder; one that others could read is so no more', () => {
    const { log, folder, file } = opened()
    log.write('info', 'x')
    expect([statSync(folder).mode & 0o777, statSync(file).mode & 0o777]).toEqual([0o700, 0o600])
    chmodSync(file, 0o644)
    log.write('info', 'y')
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  test('is put aside when it is full; so many are kept, and the lines in them are the last ones in their order', () => {
    const { log, folder } = opened({ maxBytes: 1000, kept: 3 })
    for (let number = 0; number < 100; number += 1) log.write('info', 'something', { number })
    const files = filesOf(folder)
    expect(files).toHaveLength(4)
    expect(files.at(-1)).toBe('fencelab.log')
    for (const file of files) {
      const { size, mode } = statSync(join(folder, file))
      expect(size).toBeLessThanOrEqual(1000)
      expect(mode & 0o777).toBe(0o600)
    }
    const numbers = linesOf(folder).map(({ number }) => number)
    expect(numbers.length).toBeGreaterThan(20)
    expect(numbers).toEqual(Array.from(numbers, (_, index) => 100 - numbers.length + index))
  })

  test('takes a line that is longer than a file may get', () => {
    const { log, folder, complaints } = opened({ maxBytes: 100, kept: 9 })
    log.write('info', 'x'.repeat(500))
    log.write('info', 'y')
    expect(linesOf(folder)).toHaveLength(2)
    // and no empty file is put aside for it
    expect(filesOf(folder)).toHaveLength(2)
    expect(complaints).toEqual([])
  })

  test('leaves alone what is not its own', () => {
    const { log, folder } = opened({ maxBytes: 200, kept: 1 })
    log.write('info', 'x')
    writeFileSync(join(folder, 'fencelab-mine.log'), '')
    for (let number = 0; number < 20; number += 1) log.write('info', 'something', { number })
    expect(existsSync(join(folder, 'fencelab-mine.log'))).toBe(true)
  })

  test('that somebody removed is made again', () => {
    const { log, folder, complaints } = opened()
    log.write('info', 'x')
    rmSync(folder, { recursive: true })
    log.write('info', 'y')
    expect(linesOf(folder)).toMatchObject([{ text: 'y' }])
    expect(complaints).toEqual([])
  })

  test('several processes at once lose no line and write none into another', { timeout: 60_000 }, async () => {
    const folder = temporaryFolder()
    const count = 400
    const writers = ['a', 'b', 'c']
    // so small that each of them puts it aside many times, while the others write
    await Promise.all(
      writers.map(async (who) => {
        const { stderr } = await promisify(execFile)(process.execPath, [
          writer,
          folder,
          who,
          `${count}`,
          '2000',
          '9999',
        ])
        expect(stderr).toBe('')
      }),
    )
    expect(filesOf(folder).length).toBeGreaterThan(20)
    const lines = linesOf(folder)
    for (const who of writers) {
      const own = lines.flatMap((line) => (line['who'] === who ? [line['number'] as number] : []))
      expect(own.toSorted((one, other) => one - other)).toEqual(Array.from({ length: count }, (_, index) => index))
    }
  })
})

describe('a log that cannot be written', () => {
  /** below a file there is no folder: also for root, who may write everywhere */
  function hopeless() {
    const inTheWay = join(temporaryFolder(), 'file')
    writeFileSync(inTheWay, '')
    return { ...opened({ folder: join(inTheWay, 'log') }), inTheWay }
  }

  test('is told once, breaks nothing, and is not named', () => {
    const complaints: string[] = []
    const { inTheWay } = hopeless()
    const log = createLog({
      program: 'cli',
      folder: join(inTheWay, 'log'),
      onUnwritable: (text) => complaints.push(text),
    })
    for (let number = 0; number < 3; number += 1) log.write('info', 'x')
    expect(complaints).toEqual([expect.stringMatching(/fencelab\.log cannot be written, and is done without: /)])
    expect([log.file, log.written]).toEqual([undefined, 0])
  })

  test('is written again as soon as it can be', () => {
    const { inTheWay } = hopeless()
    const log = createLog({ program: 'cli', folder: join(inTheWay, 'log'), onUnwritable: () => undefined })
    log.write('info', 'lost')
    rmSync(inTheWay)
    mkdirSync(inTheWay)
    log.write('info', 'kept')
    expect(log.file).toBe(join(inTheWay, 'log', 'fencelab.log'))
    expect(readFileSync(log.file ?? '', 'utf8')).toContain('kept')
  })

  test('is not named any more once it cannot be written', () => {
    const { log, folder, file } = opened()
    log.write('info', 'x')
    expect(log.file).toBe(file)
    rmSync(folder, { recursive: true })
    writeFileSync(folder, '')
    log.write('info', 'y')
    expect(log.file).toBeUndefined()
  })

  test('what cannot be written down does not break anything either', () => {
    const { log, complaints } = opened()
    const odd = {
      get lab(): string {
        throw new Error('no')
      },
    }
    log.write('info', 'x', odd)
    expect(complaints).toHaveLength(1)
  })
})
