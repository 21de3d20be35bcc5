import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keyBytes, keyOfBytes, normalizeKey } from '../../../labs/scsi/key.ts'

describe('normalizeKey', () => {
  it('has one form for every spelling of a key', () => {
    expect(['0x0', '0000', '0XF9660000', 'f9660000', '0x00000000f9660000', '0x2D2d'].map(normalizeKey)).toEqual([
      '0x0',
      '0x0',
      '0xf9660000',
      '0xf9660000',
      '0xf9660000',
      '0x2d2d',
    ])
  })

  it('has no form for what is no key', () => {
    const none = ['', '0x', 'key', '0x1g', ' 0x1', '-0x1', '0x10000000000000000', '0x1\n']
    expect(none.map(normalizeKey)).toEqual(none.map(() => undefined))
  })

  it('keeps the value, all 64 bits of it', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        expect(normalizeKey(value.toString(16).toUpperCase().padStart(16, '0'))).toBe(`0x${value.toString(16)}`)
      }),
    )
  })
})

describe('the bytes of a key', () => {
  it('go there and back', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(255), { minLength: 8, maxLength: 8 }), (bytes) => {
        expect(keyBytes(keyOfBytes(bytes))).toEqual(bytes)
      }),
    )
  })

  it('are refused where they are none', () => {
    expect(() => keyBytes('A-------')).toThrow("'A-------' is no registration key")
    expect(() => keyOfBytes([1, 2, 3])).toThrow('eight bytes')
    expect(() => keyOfBytes([0, 0, 0, 0, 0, 0, 0, 256])).toThrow('eight bytes')
  })
})
