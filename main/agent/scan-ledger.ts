/** Reads the ledger of one run from the data disk. */
import { BLOCK, decodeRecord } from './ledger-block.ts'
import type { DirectFile } from './direct-file.ts'
import type { LedgerRecord } from '../../labs/journal/event.ts'
import type { StoredRecord } from './ledger-block.ts'
import { openDirect } from './direct-file.ts'

const CHUNK = 256 * 1024

export interface LedgerPlace {
  readonly device: string
  readonly regionBytes: number
  readonly direct: boolean
  /** the region in which a record's slot is its number, whoever wrote it; absent: there is none */
  readonly sharedRegion?: number
}

export interface LedgerContents {
  /** from the regions of the nodes, by node and number */
  readonly records: readonly LedgerRecord[]
  /** what stands in the slots of the shared region */
  readonly shared?: readonly LedgerRecord[]
}

/** A record and where it stands in its region, from 1. */
export interface Slot {
  readonly slot: number
  readonly record: StoredRecord
}

/**
 * Every record of `run` whose checksum is right, in the region of the node that wrote it, or anywhere in the shared one.
 * @throws the system's error if the disk cannot be read
 */
export async function scanLedger(
  place: LedgerPlace,
  nodes: readonly { readonly name: string; readonly id: number }[],
  run: string,
): Promise<LedgerContents> {
  return reading(place, async (file) => {
    const records: LedgerRecord[] = []
    for (const node of nodes) {
      const slots = await readRegion(file, place, node.id, run)
      records.push(...slots.filter(({ record }) => record.node === node.name).map(withoutRun))
    }
    if (place.sharedRegion === undefined) return { records }
    const shared = await readRegion(file, place, place.sharedRegion, run)
    // Whose number is not its slot was not put there by a writer of this run.
    return { records, shared: shared.filter(({ slot, record }) => record.number === slot).map(withoutRun) }
  })
}

/**
 * The slots of a node's own region.
 * @throws the system's error if the disk cannot be read
 */
export async function scanRegion(place: LedgerPlace, region: number, run: string): Promise<readonly Slot[]> {
  return reading(place, (file) => readRegion(file, place, region, run))
}

async function reading<T>(place: LedgerPlace, read: (file: DirectFile) => Promise<T>): Promise<T> {
  const file = await openDirect(place.device, { size: CHUNK, mode: 'read', direct: place.direct })
  try {
    return await read(file)
  } finally {
    await file.close()
  }
}

/** A region is read until a whole chunk holds no record of the run. */
async function readRegion(file: DirectFile, place: LedgerPlace, region: number, run: string): Promise<Slot[]> {
  const slots: Slot[] = []
  const start = region * place.regionBytes
  for (let position = start; position < start + place.regionBytes; position += CHUNK) {
    const length = Math.min(CHUNK, start + place.regionBytes - position)
    const got = await file.read(length, position)
    const found = slotsIn(file.buffer.subarray(0, got), (position - start) / BLOCK, run)
    slots.push(...found)
    if (found.length === 0 || got < length) break
  }
  return slots
}

function slotsIn(bytes: Buffer, first: number, run: string): Slot[] {
  const slots: Slot[] = []
  for (let at = 0; at + BLOCK <= bytes.length; at += BLOCK) {
    const record = decodeRecord(bytes.subarray(at, at + BLOCK))
    if (record?.run === run) slots.push({ slot: first + at / BLOCK, record })
  }
  return slots
}

function withoutRun({ record }: Slot): LedgerRecord {
  const { node, number, epoch, issued, boot } = record
  return { node, number, epoch, issued, boot }
}
