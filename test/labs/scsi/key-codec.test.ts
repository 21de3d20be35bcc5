import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeKey,
  ecxDownKey,
  ecxKey,
  isFenceScsiKey,
  letterKey,
  pgrKey,
  vfKey,
} from '../../../labs/scsi/key-codec.ts'

describe('decodeKey', () => {
  it('reads the keys of vxfen, which cannot be mistaken', () => {
    expect(
      [
        '0x5646444545443030',
        '0x4150475230303030',
        '0x4350475230303139',
        '0x412d2d2d2d2d2d2d',
        '0x4256435300000000',
      ].map((key) => decodeKey(key)),
    ).toEqual([
      { form: 'vxfen-coordination', certainty: 'sure', node: 0, cluster: 'DEED', text: 'VFDEED00' },
      { form: 'vxfen-data', certainty: 'sure', node: 0, text: 'APGR0000' },
      { form: 'vxfen-data', certainty: 'sure', node: 2, text: 'CPGR0019' },
      { form: 'vxfen-letter', certainty: 'sure', node: 0, text: 'A-------' },
      { form: 'vxfen-data', certainty: 'sure', node: 1, text: 'BVCS' },
    ])
  })

  it('says of an ambiguous shape that it is one', () => {
    expect([decodeKey('0xabc001'), decodeKey('0xf9660001'), decodeKey('0xdef0012')]).toEqual([
      { form: 'ecx', certainty: 'possible', node: 1, text: '0xabc001', alsoPossible: ['fence_scsi'] },
      { form: 'fence_scsi', certainty: 'possible', cluster: 'f966', text: '0xf9660001' },
      { form: 'ecx-down', certainty: 'possible', node: 12, text: '0xdef0012', alsoPossible: ['fence_scsi'] },
    ])
  })

  it('claims what the context supports', () => {
    expect([
      decodeKey('0xabc0010', { stack: 'ecx' }),
      decodeKey('0xdef001', { stack: 'ecx' }),
      decodeKey('0xf9660010', { fenceScsiCluster: 'F966', fenceScsiKeyValue: 'id' }),
      decodeKey('0xf9660010', { fenceScsiCluster: 'f966' }),
      decodeKey('0xf96600ab', { fenceScsiCluster: 'f966', fenceScsiKeyValue: 'hash' }),
      // the leading zeros of the cluster's digits are not printed
      decodeKey('0xabc001', { fenceScsiCluster: '00ab', fenceScsiKeyValue: 'hash' }),
    ]).toEqual([
      { form: 'ecx', certainty: 'sure', node: 10, text: '0xabc0010' },
      { form: 'ecx-down', certainty: 'sure', node: 1, text: '0xdef001' },
      { form: 'fence_scsi', certainty: 'sure', node: 10, cluster: 'f966', text: '0xf9660010' },
      { form: 'fence_scsi', certainty: 'sure', cluster: 'f966', text: '0xf9660010' },
      { form: 'fence_scsi', certainty: 'sure', cluster: 'f966', text: '0xf96600ab' },
      { form: 'fence_scsi', certainty: 'sure', cluster: '00ab', text: '0xabc001' },
    ])
  })

  it('does not read a key as a form that the context rules out', () => {
    expect([
      decodeKey('0x0'),
      decodeKey('0xabc001', { stack: 'vxfen' }),
      decodeKey('0xf9660001', { fenceScsiCluster: 'f967' }),
      decodeKey('0xf96600ab', { fenceScsiCluster: 'f966', fenceScsiKeyValue: 'id' }),
      decodeKey('0x5646444545444730'),
      decodeKey('0x2d2d2d2d2d2d2d2d'),
      decodeKey('0x123456789abc'),
    ]).toEqual([
      { form: 'zero', certainty: 'sure', text: '0x0' },
      { form: 'unknown', certainty: 'sure', text: '0xabc001' },
      { form: 'unknown', certainty: 'sure', text: '0xf9660001' },
      { form: 'unknown', certainty: 'sure', text: '0xf96600ab' },
      { form: 'unknown', certainty: 'sure', text: 'VFDEEDG0' },
      { form: 'unknown', certainty: 'sure', text: '--------' },
      { form: 'unknown', certainty: 'sure', text: '0x123456789abc' },
    ])
    expect(() => decodeKey('A-------')).toThrow('is no registration key')
  })
})

describe('making keys', () => {
  it('gives back the node, for every node, and no two nodes the same key', () => {
    const node = fc.nat(63)
    fc.assert(
      fc.property(node, fc.nat(0xffff), fc.nat(9999), (id, cluster, counter) => {
        const digits = cluster.toString(16).toUpperCase().padStart(4, '0')
        expect([letterKey(id), vfKey(cluster, id), pgrKey(id, counter)].map((key) => decodeKey(key))).toMatchObject([
          { form: 'vxfen-letter', certainty: 'sure', node: id },
          { form: 'vxfen-coordination', certainty: 'sure', node: id, cluster: digits },
          { form: 'vxfen-data', certainty: 'sure', node: id },
        ])
      }),
    )
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999 }), (ordinal) => {
        expect([ecxKey(ordinal), ecxDownKey(ordinal)].map((key) => decodeKey(key, { stack: 'ecx' }))).toMatchObject([
          { form: 'ecx', node: ordinal },
          { form: 'ecx-down', node: ordinal },
        ])
      }),
    )
    expect(letterKey(0)).toBe('0x412d2d2d2d2d2d2d')
    expect(vfKey(0xdeed, 0)).toBe('0x5646444545443030')
    expect(new Set(Array.from({ length: 64 }, (_, id) => letterKey(id))).size).toBe(64)
  })

  it('refuses numbers that do not fit', () => {
    const refused = [
      () => letterKey(64),
      () => letterKey(-1),
      () => letterKey(0.5),
      () => vfKey(0x10000, 0),
      () => vfKey(0, 64),
      () => pgrKey(0, 10000),
      () => ecxKey(0),
      () => ecxDownKey(1000),
    ]
    for (const make of refused) expect(make).toThrow(RangeError)
  })
})

describe('isFenceScsiKey', () => {
  it('matches the digits of the cluster', () => {
    expect(
      [
        ['0xf9660001', 'f966'],
        ['F9660001', 'f966'],
        ['0xf9660001', 'f967'],
        ['0xab0001', '00ab'],
        ['0x1f9660001', 'f966'],
        ['no key', 'f966'],
      ].map(([key = '', digits = '']) => isFenceScsiKey(key, digits)),
    ).toEqual([true, true, false, true, false, false])
  })
})
