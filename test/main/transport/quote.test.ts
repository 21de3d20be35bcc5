import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { commandLine, quote } from '../../../main/transport/quote.ts'

/** What a real shell makes of the words, in one go. */
const shellWords = (words: readonly string[]) => {
  const out = execFileSync('/bin/sh', ['-c', `printf '%s\\0' ${words.map(quote).join(' ')}`], { encoding: 'utf8' })
  return out.split('\0').slice(0, -1)
}

const word = fc
  .oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({
      unit: fc.constantFrom("'", '"', '\\', '$', '`', '\n', ' ', '*', '!', '~', '=', '-', ';', '&', '|', '(', '#'),
    }),
  )
  .filter((text) => !text.includes('\0'))

describe('quote', () => {
  test('a shell gives every word back to the letter', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), (words) => {
        expect(shellWords(words)).toEqual(words)
      }),
    )
  })

  test('leaves plain words as they are', () => {
    expect(['sg_persist', '--in', '/dev/sdb', 'a=b', '', "it's"].map(quote)).toEqual([
      'sg_persist',
      '--in',
      '/dev/sdb',
      "'a=b'",
      "''",
      "'it'\\''s'",
    ])
  })

  test.each(['a\0b', '\ud800'])('refuses what no command line can carry: %j', (text) => {
    expect(() => quote(text)).toThrow(RangeError)
  })
})

describe('commandLine', () => {
  test('puts sudo and the environment before the command', () => {
    expect(commandLine(['cat', 'a b'])).toBe("cat 'a b'")
    expect(commandLine(['cat', 'a b'], { sudo: true })).toBe("sudo -n -- cat 'a b'")
    expect(commandLine(['cat'], { sudo: true, env: { LC_ALL: 'C', X: 'a b' } })).toBe(
      "sudo -n -- env 'LC_ALL=C' 'X=a b' cat",
    )
  })

  test('a name that is grammar to the shell is still a name', () => {
    expect(commandLine(['if', 'if'])).toBe("'if' if")
  })

  test.each([[[]], [['']], [['-x']], [['A=b', 'c']]])('refuses %j', (argv) => {
    expect(() => commandLine(argv)).toThrow(RangeError)
  })

  test('refuses a variable that is none', () => {
    expect(() => commandLine(['a'], { env: { 'A;b': 'c' } })).toThrow(RangeError)
  })
})
