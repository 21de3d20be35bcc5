/** What stands in the ledger's regions is seen, wherever it is and whatever it is. */
import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { BLOCK, encodeRecord } from '../../../main/agent/ledger-block.ts'
import { scanLedger, timedScan } from '../../../main/agent/scan-ledger.ts'
import { tryMagic } from '../../../labs/sampling/write-try.ts'

const SLOTS = 640
const REGION = SLOTS * BLOCK
const nodes = [
  { name: 'nodea', id: 0 },
  { name: 'nodeb', id: 1 },
]
let directory = ''
let device = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fencelab-region-'))
  device = join(directory, 'disk')
  writeFileSync(device, Buffer.alloc(3 * REGION))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const place = (shared = false) => ({ device, regionBytes: REGION, direct: false, ...(shared && { sharedRegion: 2 }) })
function putBytes(region: number, slot: number, bytes: Buffer): void {
  const file = openSync(device, 'r+')
  writeSync(file, bytes, 0, bytes.length, region * REGION + slot * BLOCK)
  closeSync(file)
}
function put(region: number, slot: number, node: string, number = slot, run = 'run'): void {
  const block = Buffer.alloc(BLOCK)
  encodeRecord({ run, node, number, epoch: 1, issued: number, boot: 'b' }, block)
  putBytes(region, slot, block)
}
const numbers = (records: readonly { number: number }[]) => records.map(({ number }) => number)

it('sees a record behind a gap, however long, up to the last block', async () => {
  for (const slot of [1, 70, 200, SLOTS - 1]) put(0, slot, 'nodea')
  put(1, 64, 'nodeb')
  const found = await scanLedger(place(), nodes, 'run')
  expect(found.records.map(({ node, number }) => [node, number])).toEqual([
    ...[1, 70, 200, SLOTS - 1].map((slot) => ['nodea', slot]),
    ['nodeb', 64],
  ])
  expect(found.odd).toBeUndefined()
})

it('finds exactly the slots that were written, whichever they are', async () => {
  const slot = fc.integer({ min: 1, max: SLOTS - 1 })
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(slot, { maxLength: 40 }), async (slots) => {
      writeFileSync(device, Buffer.alloc(3 * REGION))
      for (const one of slots) put(0, one, 'nodea')
      const { records } = await scanLedger(place(), nodes, 'run')
      expect(numbers(records)).toEqual(slots.toSorted((a, b) => a - b))
    }),
    { numRuns: 25 },
  )
})

it('tells of torn blocks, of blocks that are no records, and counts equal neighbours once', async () => {
  for (const slot of [1, 2, 3, 4]) put(0, slot, 'nodea')
  putBytes(0, 2, Buffer.alloc(BLOCK))
  const torn = Buffer.alloc(BLOCK / 2, 0x55)
  const file = openSync(device, 'r+')
  for (const slot of [3, 4]) writeSync(file, torn, 0, torn.length, slot * BLOCK + BLOCK / 2)
  closeSync(file)
  putBytes(1, 300, Buffer.from('a partition table, say'))
  const found = await scanLedger(place(), nodes, 'run')
  expect(found).toEqual({
    records: [{ node: 'nodea', number: 1, epoch: 1, issued: 1, boot: 'b' }],
    odd: [
      { region: 0, slot: 3, to: 4, kind: 'torn' },
      { region: 1, slot: 300, kind: 'no-record' },
    ],
  })
})

it('a record in the wrong place is none of its writer, and is told', async () => {
  put(0, 1, 'nodea')
  put(0, 9, 'nodea', 2)
  put(0, 0, 'nodea', 3)
  put(1, 5, 'nodea', 5)
  put(1, 6, 'nodec', 6)
  const found = await scanLedger(place(), nodes, 'run')
  expect(numbers(found.records)).toEqual([1])
  expect(found.odd).toEqual([
    { region: 0, slot: 0, kind: 'misplaced', who: 'nodea 3' },
    { region: 0, slot: 9, kind: 'misplaced', who: 'nodea 2' },
    { region: 1, slot: 5, kind: 'misplaced', who: 'nodea 5' },
    { region: 1, slot: 6, kind: 'foreign', who: 'nodec' },
  ])
})

it('with a shared region, numbers run ahead of slots in the own one, and never behind', async () => {
  put(1, 1, 'nodeb', 71)
  put(1, 2, 'nodeb', 72)
  put(1, 3, 'nodeb', 72)
  put(1, 90, 'nodeb', 80)
  put(2, 71, 'nodeb')
  put(2, 500, 'nodea', 72)
  const found = await scanLedger(place(true), nodes, 'run')
  expect(numbers(found.records)).toEqual([71, 72])
  expect(numbers(found.shared ?? [])).toEqual([71])
  expect(found.odd).toEqual([
    { region: 1, slot: 3, kind: 'misplaced', who: 'nodeb 72' },
    { region: 1, slot: 90, kind: 'misplaced', who: 'nodeb 80' },
    { region: 2, slot: 500, kind: 'misplaced', who: 'nodea 72' },
  ])
})

it('what other runs left is counted, and is not odd; what is tried in the first block is not either', async () => {
  for (let slot = 1; slot <= 9; slot++) put(0, slot, 'nodea', slot, 'yesterday')
  for (let slot = 1; slot <= 4; slot++) put(1, slot, 'nodex', slot, 'somebody')
  put(0, 1, 'nodea')
  putBytes(0, 0, Buffer.from(`${tryMagic}{}`))
  putBytes(1, 400, Buffer.from(`${tryMagic}{}`))
  const found = await scanLedger(place(true), nodes, 'run')
  expect(found.otherRuns).toEqual([
    { run: 'yesterday', records: 8 },
    { run: 'somebody', records: 4 },
  ])
  expect(found.odd).toEqual([{ region: 1, slot: 400, kind: 'misplaced' }])
})

it('a disk that ends within a region is read to its end', async () => {
  put(1, 3, 'nodeb')
  writeFileSync(device, Buffer.alloc(REGION + 8 * BLOCK))
  put(1, 3, 'nodeb')
  const { records, began, ended } = await timedScan(place(), nodes, 'run')
  expect(numbers(records)).toEqual([3])
  expect(began).toBeLessThanOrEqual(ended)
})
