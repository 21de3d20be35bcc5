/** Reads the ledger of one run from the data disk. */
import { BLOCK, decodeRecord } from './ledger-block.ts'
import type { LedgerRecord } from '../../labs/journal/event.ts'
import { openDirect } from './direct-file.ts'

const CHUNK = 256 * 1024

export interface LedgerPlace {
  readonly device: string
  readonly regionBytes: number
  readonly direct: boolean
}

/**
 * Every record of `run` whose checksum is right, by node and number. A region is read until a whole chunk holds no
 * record of the run.
 * @throws the system's error if the disk cannot be read
 */
export async function scanLedger(
  place: LedgerPlace,
  nodes: readonly { readonly name: string; readonly id: number }[],
  run: string,
): Promise<LedgerRecord[]> {
  const file = await openDirect(place.device, { size: CHUNK, mode: 'read', direct: place.direct })
  try {
    const records: LedgerRecord[] = []
    for (const node of nodes) {
      const start = node.id * place.regionBytes
      for (let position = start; position < start + place.regionBytes; position += CHUNK) {
        const length = Math.min(CHUNK, start + place.regionBytes - position)
        const got = await file.read(length, position)
        const found = recordsIn(file.buffer.subarray(0, got), node.name, run)
        records.push(...found)
        if (found.length === 0 || got < length) break
      }
    }
    return records
  } finally {
    await file.close()
  }
}

function recordsIn(bytes: Buffer, node: string, run: string): LedgerRecord[] {
  const records: LedgerRecord[] = []
  for (let at = 0; at + BLOCK <= bytes.length; at += BLOCK) {
    const record = decodeRecord(bytes.subarray(at, at + BLOCK))
    if (!record || record.run !== run || record.node !== node) continue
    const { number, epoch, issued, boot } = record
    records.push({ node, number, epoch, issued, boot })
  }
  return records
}
