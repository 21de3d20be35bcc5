/** What stands in one region of the ledger, block by block. */
import { BLOCK, decodeRecord, isTryBlock, looksLikeRecord } from './ledger-block.ts'
import type { LedgerOddity, LedgerRecord, OtherRun } from '../../labs/journal/event.ts'
import type { LedgerNode } from './scan-ledger.ts'
import type { StoredRecord } from './ledger-block.ts'

/** A record and where it stands in its region, from 1. */
export interface Slot {
  readonly slot: number
  readonly record: LedgerRecord
}

export interface RegionOptions {
  /** of the region, as the nodes are numbered */
  readonly number: number
  readonly nodes: readonly LedgerNode[]
  readonly run: string
  /** the region in which a record's slot is its number; undefined: the ledger has none */
  readonly sharedRegion: number | undefined
}

export interface Region {
  /** Looks at the next bytes of the region; `from` is where they begin in it, a multiple of the block's size. */
  take(bytes: Buffer, from: number): void
  /** the records of the run that stand in their places, in order */
  readonly slots: readonly Slot[]
  /** blocks that are neither empty nor a record in its place; equal neighbours are one entry */
  readonly odd: readonly LedgerOddity[]
  /** records of other runs: what an earlier run left, or what another cluster writes now. Readings tell them apart: leftovers never grow */
  readonly otherRuns: readonly OtherRun[]
}

const emptyBlock = Buffer.alloc(BLOCK)
/** most of a region is empty: so much of it is ruled out with one comparison */
const emptyStretch = Buffer.alloc(64 * BLOCK)

export function examineRegion({ number: region, nodes, run, sharedRegion }: RegionOptions): Region {
  const slots: Slot[] = []
  const odd: LedgerOddity[] = []
  const others = new Map<string, number>()
  const numbers = new Set<number>()

  function note(slot: number, kind: LedgerOddity['kind'], who?: string): void {
    const last = odd.at(-1)
    if (last && last.kind === kind && last.who === who && (last.to ?? last.slot) === slot - 1) {
      odd[odd.length - 1] = { ...last, to: slot }
    } else odd.push({ region, slot, kind, ...(who !== undefined && { who }) })
  }

  /**
   * The own region is filled from slot 1 on, so a record's slot is at most its number, and is its number where nobody
   * shares the numbers. In the shared region it always is.
   */
  function isInPlace(slot: number, { node, number }: StoredRecord): boolean {
    if (slot === 0 || numbers.has(number)) return false
    if (region === sharedRegion) return slot === number
    const isOwner = nodes.some(({ name, id }) => name === node && id === region)
    return isOwner && (sharedRegion === undefined ? slot === number : slot <= number)
  }

  function examine(block: Buffer, slot: number): void {
    if (block.equals(emptyBlock)) return
    const record = decodeRecord(block)
    if (!record) {
      // The first block of a region belongs to no record: what is tried at the end of a run is tried there.
      if (slot > 0) note(slot, looksLikeRecord(block) ? 'torn' : isTryBlock(block) ? 'misplaced' : 'no-record')
    } else if (record.run !== run) others.set(record.run, (others.get(record.run) ?? 0) + 1)
    else if (!nodes.some(({ name }) => name === record.node)) note(slot, 'foreign', record.node)
    else if (!isInPlace(slot, record)) note(slot, 'misplaced', `${record.node} ${record.number}`)
    else {
      numbers.add(record.number)
      const { node, number, epoch, issued, boot } = record
      slots.push({ slot, record: { node, number, epoch, issued, boot } })
    }
  }

  return {
    take(bytes, from) {
      for (let at = 0; at + BLOCK <= bytes.length; at += BLOCK) {
        const stretch = bytes.subarray(at, at + emptyStretch.length)
        if (at % emptyStretch.length === 0 && stretch.equals(emptyStretch)) at += emptyStretch.length - BLOCK
        else examine(bytes.subarray(at, at + BLOCK), (from + at) / BLOCK)
      }
    },
    slots,
    odd,
    get otherRuns() {
      return [...others].map(([name, records]) => ({ run: name, records }))
    },
  }
}
