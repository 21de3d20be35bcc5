import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { formatProblems } from '../../../labs/testbed/format-problems.ts'
import { readTestbed } from '../../../labs/testbed-file/read-testbed.ts'
import { exampleText, small } from './example.ts'
import { cases } from '../../cases.ts'

type Path = readonly (string | number)[]
const texts = [exampleText('virtual.yaml'), exampleText('rack-example.yaml'), small]

/** All places in a value, the outermost first. */
function placesIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  const inner = Object.entries(value).flatMap(([key, item]) =>
    placesIn(item, [...path, Array.isArray(value) ? Number(key) : key]),
  )
  return path.length === 0 ? inner : [path, ...inner]
}

/** A copy of a value in which one entry is replaced by none, or by others. */
function replaced(value: unknown, path: Path, by: (key: string, old: unknown) => [string, unknown][]): unknown {
  const [head, ...rest] = path
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).flatMap(([key, item]): [string, unknown][] => {
    if (key !== `${head}`) return [[key, item]]
    return rest.length === 0 ? by(key, item) : [[key, replaced(item, rest, by)]]
  })
  return Array.isArray(value) ? entries.map(([, item]) => item) : Object.fromEntries(entries)
}

/** Either a testbed, or problems each of which is at a place of the text that can be shown. Never a throw. */
function mustBeReadOrExplained(text: string): 'valid' | 'refused' {
  const lines = text.split(/\r?\n/)
  const reading = readTestbed(text, 'mutant.yaml', { lab: '/lab' })
  const problems = reading.ok ? reading.warnings : reading.problems
  if (!reading.ok) expect(problems.length).toBeGreaterThan(0)
  for (const { line, column, message, expected, source } of problems) {
    expect(line).toBeGreaterThanOrEqual(1)
    expect(line).toBeLessThanOrEqual(lines.length)
    expect(column).toBeGreaterThanOrEqual(1)
    expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1)
    expect(source.length).toBe((lines[line - 1] ?? '').length)
    expect(message).not.toBe('')
    expect(expected).not.toBe('')
  }
  expect(formatProblems(problems)).not.toContain('undefined')
  return reading.ok ? 'valid' : 'refused'
}

const anyText = fc.constantFrom(...texts)
const places = texts.flatMap((text) => {
  const value: unknown = parse(text)
  return placesIn(value).map((path) => ({ value, path }))
})
const mutant = fc.constantFrom(...places)
const otherValue = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1e21,
    '',
    ' ',
    '-x',
    '~/x',
    '${lab}',
    '${x}/y',
    '0x',
    [],
    [[]],
    {},
    { a: {} },
  ),
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ unit: 'grapheme' }),
)
const otherKey = fc.oneof(
  fc.constantFrom('', 'a', '0', '__proto__', 'constructor', 'toString', 'password', 'null', 'a.b', 'node'),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
)

// Hundreds of readings of a few milliseconds each; the limit is for a busy computer.
const limit = { timeout: 120_000 }

describe('one mutation of a value', limit, () => {
  test('a key is gone', () => {
    fc.assert(
      fc.property(mutant, ({ value, path }) => {
        mustBeReadOrExplained(stringify(replaced(value, path, () => [])))
      }),
      { numRuns: cases(60) },
    )
  })

  test('a value is something else', () => {
    fc.assert(
      fc.property(mutant, otherValue, ({ value, path }, other) => {
        mustBeReadOrExplained(stringify(replaced(value, path, (key) => [[key, other]])))
      }),
      { numRuns: cases(60) },
    )
  })

  test('a key has another name', () => {
    fc.assert(
      fc.property(mutant, otherKey, ({ value, path }, name) => {
        mustBeReadOrExplained(stringify(replaced(value, path, (_key, old) => [[name, old]])))
      }),
      { numRuns: cases(60) },
    )
  })

  test('an unknown key next to any key is never valid', () => {
    const named = new Set(['hosts', 'links', 'luns', 'power'])
    fc.assert(
      fc.property(mutant, ({ value, path }) => {
        // Beside the names that people give, another name is not unknown.
        fc.pre(!path.slice(-2, -1).some((key) => named.has(`${key}`)) && typeof path.at(-1) === 'string')
        const text = stringify(
          replaced(value, path, (key, old) => [
            [key, old],
            ['zzz', 1],
          ]),
        )
        expect(mustBeReadOrExplained(text)).toBe('refused')
      }),
      { numRuns: cases(60) },
    )
  })
})

describe('one mutation of the text', limit, () => {
  test('a line is gone', () => {
    fc.assert(
      fc.property(anyText, fc.nat(), (text, at) => {
        const lines = text.split('\n')
        mustBeReadOrExplained(lines.toSpliced(at % lines.length, 1).join('\n'))
      }),
      { numRuns: cases(60) },
    )
  })

  test('something is typed anywhere', () => {
    const typed = fc.oneof(
      fc.constantFrom(
        '\t',
        '\n',
        '\r',
        ':',
        '- ',
        '{',
        '}',
        '[',
        ']',
        '"',
        "'",
        '#',
        '&a ',
        '*a',
        '!',
        '|',
        '\u0000',
        '\uFEFF',
        '---\n',
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    )
    fc.assert(
      fc.property(anyText, fc.nat(), typed, (text, at, what) => {
        const place = at % (text.length + 1)
        mustBeReadOrExplained(text.slice(0, place) + what + text.slice(place))
      }),
      { numRuns: cases(100) },
    )
  })

  test('the end is missing', () => {
    fc.assert(
      fc.property(anyText, fc.nat(), (text, at) => {
        mustBeReadOrExplained(text.slice(0, at % text.length))
      }),
      { numRuns: cases(60) },
    )
  })

  test('it is no testbed at all', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => {
        expect(mustBeReadOrExplained(text)).toBe('refused')
      }),
      { numRuns: cases(100) },
    )
  })
})
