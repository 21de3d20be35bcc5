import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatKeys } from '../../../labs/scsi/format-listing.ts'
import { parseKeys } from '../../../labs/scsi/parse-keys.ts'
import { keyTable } from './listings.ts'

describe('parseKeys', () => {
  it('reads sg_persist: none, one, many, keys that repeat, with the inquiry lines', () => {
    expect(parseKeys('  PR generation=0x0, there are NO registered reservation keys\n')).toEqual({
      ok: true,
      generation: 0,
      keys: [],
    })
    expect(parseKeys('  PR generation=0x5, 1 registered reservation key follows:\n    0xf9660001\n')).toEqual({
      ok: true,
      generation: 5,
      keys: ['0xf9660001'],
    })
    expect(
      parseKeys(
        '  LIO-ORG   FILEIO            4.0 \n  Peripheral device type: disk\n' +
          '  PR generation=0x1f, 4 registered reservation keys follow:\n    0xabc001\n    0x1\n    0xabc001\n    0xffffffffffffffff\n',
      ),
    ).toEqual({
      ok: true,
      generation: 31,
      keys: ['0xabc001', '0x1', '0xabc001', '0xffffffffffffffff'],
      inquiry: { vendor: 'LIO-ORG', product: 'FILEIO', revision: '4.0', peripheral: 'disk' },
    })
  })

  it('reads mpathpersist, which puts a tab after the generation', () => {
    expect(parseKeys('  PR generation=0x3, \t0 registered reservation key.\n')).toEqual({
      ok: true,
      generation: 3,
      keys: [],
    })
    expect(parseKeys('  PR generation=0x4, \t1 registered reservation key follows:\n    0x123abc\n')).toEqual({
      ok: true,
      generation: 4,
      keys: ['0x123abc'],
    })
    expect(parseKeys('  PR generation=0x4, \t2 registered reservation keys follow:\n    0x1\n    0x1\n')).toEqual({
      ok: true,
      generation: 4,
      keys: ['0x1', '0x1'],
    })
  })

  it.each([
    ['', 'the text is empty'],
    ['\n', 'the text is empty'],
    ['  PR generation=0x0, there are NO registered reservation keys', 'its last line has no line feed'],
    ['  PR generation=0x5, 2 registered reservation keys follow:\n    0x1\n', 'announces 2 keys but lists 1'],
    ['  PR generation=0x5, 1 registered reservation key follows:\n    0x1\n    0x2\n', 'announces 1 keys but lists 2'],
    ['  PR generation=0x5, 1 registered reservation key follows:\n', 'announces 1 keys but lists 0'],
    ['  PR generation=0x5, there are NO registered reservation keys\n    0x1\n', 'announces 0 keys but lists 1'],
    ['  PR generation=0x5, 1 registered reservation key follows:\n    0x11112222333344445\n', 'expected a key'],
    ['  PR generation=0x5, 1 registered reservation key follows:\n    A-------\n', 'expected a key'],
    ['  PR generation=0x5, Reservation follows:\n    Key=0x1\n', 'does not say how many keys'],
    ['  PR generation=0x5, there is NO reservation held\n', 'does not say how many keys'],
    ['  PR generation=0x7, 2 registered reservation keys follow:\n    0xabc\n    0x0\n', 'lists the key 0x0'],
    ['  PR generation=0x0\n  No full status descriptors\n', 'expected the PR generation and the number of keys'],
    ['sg_persist failed: Unit attention\n', 'expected the PR generation'],
    [
      'garbage\n  Peripheral device type: disk\n  PR generation=0x0, there are NO registered reservation keys\n',
      'no inquiry line',
    ],
    ['  LIO-ORG   FILEIO            4.0 \n  Peripheral device type: disk\n', 'expected the PR generation'],
  ])('does not take %j for an answer', (text, reason) => {
    expect(parseKeys(text)).toEqual({ ok: false, reason: expect.stringContaining(reason) })
  })

  it('reads back what sg_persist prints for any table', () => {
    fc.assert(
      fc.property(keyTable, (table) => {
        expect(parseKeys(formatKeys(table))).toEqual({ ok: true, ...table })
      }),
    )
  })

  it('never takes a part of an answer for an answer', () => {
    fc.assert(
      fc.property(keyTable, fc.nat(), (table, cut) => {
        const text = formatKeys(table)
        expect(parseKeys(text.slice(0, cut % text.length)).ok).toBe(false)
      }),
    )
  })

  it('never takes garbage for a table without keys', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseKeys(text).ok).toBe(false)
      }),
    )
    // an answer with one of its characters changed: whatever comes out, it is not "no keys"
    const someKeys = keyTable.filter((table) => table.keys.length > 0 && table.inquiry === undefined)
    fc.assert(
      fc.property(someKeys, fc.nat(), fc.string({ minLength: 1, maxLength: 1 }), (table, at, character) => {
        const text = formatKeys(table)
        const index = at % text.length
        const result = parseKeys(text.slice(0, index) + character + text.slice(index + 1))
        expect(result.ok && result.keys.length === 0).toBe(false)
      }),
    )
  })
})
