/**
 * One record of the ledger as a block of 4096 bytes: magic (8), CRC-32 (4, little endian, of everything after it),
 * length of the text (4), the text (JSON), zeros. Where a record goes: every node has its own region, so no write can
 * overwrite another node's evidence; block 0 of a region stays empty. Behind them there may be a shared region, where a
 * record's slot is its number, as in the log of an application: there a stale writer does overwrite the records of the node
 * that took over, and what was lost can be read back.
 */
import type { LedgerRecord } from '../../labs/journal/event.ts'
import * as v from 'valibot'

export const BLOCK = 4096
const MAGIC = Buffer.from('FLEDGER1', 'latin1')
const HEADER = 16

/** A record with the run it belongs to. */
export interface StoredRecord extends LedgerRecord {
  readonly run: string
}

const storedSchema = v.object({
  run: v.string(),
  node: v.string(),
  number: v.pipe(v.number(), v.integer(), v.minValue(1)),
  epoch: v.pipe(v.number(), v.integer(), v.minValue(0)),
  issued: v.number(),
  boot: v.string(),
})

/** Bytes from the start of the disk. Regions are numbered like their nodes, slots from 1. */
export function offsetOf(region: number, slot: number, regionBytes: number): number {
  return region * regionBytes + slot * BLOCK
}

/** The shared region lies behind those of all nodes. */
export function sharedRegionOf(nodes: readonly { readonly id: number }[]): number {
  return 1 + Math.max(...nodes.map((node) => node.id))
}

/** How many records fit in a region. */
export function capacityOf(regionBytes: number): number {
  return regionBytes / BLOCK - 1
}

/** Fills `block` (4096 bytes). @throws Error if the record's text does not fit */
export function encodeRecord(record: StoredRecord, block: Buffer): void {
  const text = Buffer.from(JSON.stringify(record), 'utf8')
  if (text.length > BLOCK - HEADER) throw new Error(`ledger record of ${text.length} bytes does not fit into a block`)
  block.fill(0)
  MAGIC.copy(block, 0)
  block.writeUInt32LE(text.length, 12)
  text.copy(block, HEADER)
  block.writeUInt32LE(crc32(block.subarray(12)), 8)
}

/** The record in a block; null if there is none or its checksum is wrong. */
export function decodeRecord(block: Buffer): StoredRecord | null {
  if (block.length !== BLOCK || !block.subarray(0, MAGIC.length).equals(MAGIC)) return null
  if (block.readUInt32LE(8) !== crc32(block.subarray(12))) return null
  const length = block.readUInt32LE(12)
  if (length > BLOCK - HEADER) return null
  const read = v.safeParse(storedSchema, JSON.parse(block.toString('utf8', HEADER, HEADER + length)))
  return read.success ? read.output : null
}

const crcTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value >>> 0
})

/** CRC-32 as in IEEE 802.3; zlib has it only from Node 20 on, nodes run Node 18. */
export function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff
  for (const byte of bytes) value = (crcTable[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8)
  return (value ^ 0xffffffff) >>> 0
}
