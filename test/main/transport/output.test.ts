import fc from 'fast-check'
import { expect, test } from 'vitest'
import { collector, lineSplitter, redactor } from '../../../main/transport/output.ts'

/** Cuts bytes into chunks at arbitrary places. */
const inChunks = (text: string, cuts: readonly number[]) => {
  const bytes = Buffer.from(text)
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b)
  return [...places, bytes.length].map((place, index) => bytes.subarray(places[index - 1] ?? 0, place))
}
const cuts = fc.array(fc.nat(1000))

test('lines are the same however the bytes come', () => {
  const line = fc.string({ unit: 'grapheme' }).filter((text) => !/[\r\n]/.test(text))
  fc.assert(
    fc.property(
      fc.array(line),
      line.filter((text) => text !== ''),
      cuts,
      fc.constantFrom('\n', '\r\n'),
      (lines, last, at, end) => {
        const seen: string[] = []
        const splitter = lineSplitter((one) => seen.push(one))
        for (const chunk of inChunks(lines.map((one) => one + end).join('') + last, at)) splitter.add(chunk)
        splitter.end()
        expect(seen).toEqual([...lines, last])
      },
    ),
  )
})

test('a line without end comes in pieces', () => {
  const seen: string[] = []
  const splitter = lineSplitter((one) => seen.push(one), 4)
  splitter.add(Buffer.from('abcdefghij'))
  expect(seen).toEqual(['abcd', 'efgh'])
  splitter.end()
  expect(seen).toEqual(['abcd', 'efgh', 'ij'])
})

test('collected text is the same however the bytes come; a character is not cut in two', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), cuts, (text, at) => {
      const all = collector()
      for (const chunk of inChunks(text, at)) all.add(chunk)
      expect(all.text()).toBe(text)
    }),
  )
  const cut = collector(4, 0)
  cut.add(Buffer.from('abcä'))
  expect(cut.text()).toBe('abc\n[fencelab: cut here; the command wrote 5 bytes, the first 4 are kept]\n')
})

test('no half of a secret is left, wherever the limit cuts', () => {
  const secret = '0123456789'
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 80 }),
      fc.nat(10),
      fc.integer({ min: 10, max: 30 }),
      (limit, offset, margin) => {
        const cut = collector(limit, margin)
        cut.add(Buffer.from('x'.repeat(offset) + secret.repeat(12)))
        const [kept = ''] = cut.text(redactor([secret])).split('\n[fencelab')
        expect(kept).toMatch(/^x*•*$/)
      },
    ),
  )
})
