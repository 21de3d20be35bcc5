import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Cast, castHeader, castLines } from '../../../main/terminals/asciicast.ts'
import { temporaryFolder } from '../recorder/recordings.ts'

test('the header is that of asciicast v3, with the absolute beginning', () => {
  expect(
    JSON.parse(
      castHeader({ columns: 80, rows: 24, title: 'nodea', about: { host: 'nodea' } }, 1_700_000_000_123, '0.1.0'),
    ),
  ).toEqual({
    version: 3,
    term: { cols: 80, rows: 24, type: 'xterm-256color' },
    timestamp: 1_700_000_000,
    title: 'nodea',
    fencelab: { version: '0.1.0', started: '2023-11-14T22:13:20.123Z', host: 'nodea' },
  })
})

test('each line has the time since the one before, and the roundings do not add up', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { minLength: 1, maxLength: 300 }), (steps) => {
      let now = 1000
      const line = castLines(() => now)
      let told = 0
      for (const step of steps) {
        now += step
        const [passed] = JSON.parse(line('o', 'x')) as [number]
        expect(passed).toBeGreaterThanOrEqual(0)
        told += passed * 1000
      }
      expect(Math.abs(told - (now - 1000))).toBeLessThan(1)
    }),
  )
})

test('every kind of line is written, and nothing after the end', () => {
  const file = join(temporaryFolder(), 'deep', 'one.cast')
  const cast = new Cast(file, { columns: 80, rows: 24, title: 't', about: {} }, true, '0')
  cast.add('o', 'a"\r\n\u001b[1mä')
  cast.add('i', 'ls\r')
  cast.add('m', 'phase inject')
  cast.add('r', '100x30')
  cast.add('x', '0')
  cast.close()
  cast.add('o', 'late')
  const [header, ...lines] = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
  expect(header).toMatchObject({ version: 3 })
  expect(lines.map((line) => (line as unknown[]).slice(1))).toEqual([
    ['o', 'a"\r\n\u001b[1mä'],
    ['i', 'ls\r'],
    ['m', 'phase inject'],
    ['r', '100x30'],
    ['x', '0'],
  ])
})
