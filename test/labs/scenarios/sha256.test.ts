import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { sha256 } from '../../../labs/scenarios/sha256.ts'

// lengths around the end of a block, where the padding needs another one
test.each([0, 1, 3, 55, 56, 57, 63, 64, 65, 119, 120, 128, 1000, 70_001])('%i characters', (length) => {
  const text = Array.from({ length }, (_, index) => String.fromCodePoint(32 + ((index * 7919) % 90))).join('')
  expect(sha256(text)).toBe(createHash('sha256').update(text).digest('hex'))
})

test('a text that is not ASCII, by its UTF-8', () => {
  const text = 'Knoten „A“ → 🔒 \ud800 é'
  expect(sha256(text)).toBe(createHash('sha256').update(text, 'utf8').digest('hex'))
})

test('the example of FIPS 180-4', () => {
  expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})
