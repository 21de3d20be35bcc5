import * as fc from 'fast-check'
import {
  BLOCK,
  capacityOf,
  decodeRecord,
  encodeRecord,
  offsetOf,
  sharedRegionOf,
} from '../../../main/agent/ledger-block.ts'
import { expect, it } from 'vitest'

const record = fc.record({
  run: fc.string({ maxLength: 60 }),
  node: fc.constantFrom('nodea', 'nodeb'),
  number: fc.integer({ min: 1, max: 1_000_000 }),
  epoch: fc.nat(),
  issued: fc.double({ min: 0, max: 1e9, noNaN: true }).map((value) => value + 0),
  boot: fc.uuid(),
})

it('reads back what was written, whatever was in the block before', () => {
  fc.assert(
    fc.property(record, fc.integer({ min: 0, max: 255 }), (value, before) => {
      const block = Buffer.alloc(BLOCK, before)
      encodeRecord(value, block)
      expect(decodeRecord(block)).toEqual(value)
    }),
  )
})

it('does not take a block with one changed bit for a record', () => {
  fc.assert(
    fc.property(record, fc.nat({ max: BLOCK * 8 - 1 }), (value, bit) => {
      const block = Buffer.alloc(BLOCK)
      encodeRecord(value, block)
      block.writeUInt8(block.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      expect(decodeRecord(block)).toBeNull()
    }),
  )
})

it('knows an empty block from a record', () => {
  expect(decodeRecord(Buffer.alloc(BLOCK))).toBeNull()
})

it('the shared region lies behind all of them', () => {
  expect(sharedRegionOf([{ id: 0 }, { id: 1 }])).toBe(2)
  expect(sharedRegionOf([{ id: 31 }, { id: 4 }])).toBe(32)
})

it('keeps the regions of nodes apart and their first block free', () => {
  const region = 1024 * 1024
  expect(offsetOf(0, 1, region)).toBe(BLOCK)
  expect(offsetOf(1, 1, region)).toBe(region + BLOCK)
  expect(offsetOf(0, capacityOf(region), region) + BLOCK).toBe(region)
})
