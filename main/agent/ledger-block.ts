/**
 * One record of the ledger as a block of 4096 bytes: magic (8), SHA-256 (32, of everything after it), length of the text (4,
 * little endian), the text (JSON), zeros. The system's own code computes it: a node without a just-in-time compiler needed
 * 20 ms for a CRC of its own. Where a record goes: every node has its own region, so no write can
 * overwrite another node's evidence; block 0 of a region holds no record: there a host tries at the end whether it may write. Behind them there may be a shared region, where a
 * record's slot is its number, as in the log of an application: there a stale writer does overwrite the records of the node
 * that took over, and what was lost can be read back.
 */
import { createHash } from 'node:crypto'
import type { LedgerRecord } from '../../labs/journal/event.ts'
import * as v from 'valibot'
import { tryMagic } from '../../labs/sampling/write-try.ts'

export const BLOCK = 4096
const MAGIC = Buffer.from('FLEDGER2', 'latin1')
const TRY_MAGIC = Buffer.from(tryMagic, 'latin1')
const SUM = { at: 8, bytes: 32 } as const
const LENGTH_AT = SUM.at + SUM.bytes
const HEADER = LENGTH_AT + 4

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
  block.writeUInt32LE(text.length, LENGTH_AT)
  text.copy(block, HEADER)
  sumOf(block).copy(block, SUM.at)
}

/** The record in a block; null if there is none or its checksum is wrong. */
export function decodeRecord(block: Buffer): StoredRecord | null {
  if (block.length !== BLOCK || !block.subarray(0, MAGIC.length).equals(MAGIC)) return null
  if (!block.subarray(SUM.at, LENGTH_AT).equals(sumOf(block))) return null
  const length = block.readUInt32LE(LENGTH_AT)
  if (length > BLOCK - HEADER) return null
  const read = v.safeParse(storedSchema, JSON.parse(block.toString('utf8', HEADER, HEADER + length)))
  return read.success ? read.output : null
}

/** A block that was meant to be a record, whether or not it is one: torn, or overwritten in part. */
export const looksLikeRecord = (block: Buffer): boolean => block.subarray(0, MAGIC.length).equals(MAGIC)

/** What a host wrote that tried whether it may write (main/engine/observe/write-try.ts). */
export const isTryBlock = (block: Buffer): boolean => block.subarray(0, TRY_MAGIC.length).equals(TRY_MAGIC)

const sumOf = (block: Buffer) => createHash('sha256').update(block.subarray(LENGTH_AT)).digest()
