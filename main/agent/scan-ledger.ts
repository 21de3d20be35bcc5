/** Reads the ledger of one run from the data disk: every block of every region, whatever stands in it. */
import type { DirectFile } from './direct-file.ts'
import type { LedgerContents } from '../../labs/journal/event.ts'
import { examineRegion, type Region, type Slot } from './examine-region.ts'
import { openDirect } from './direct-file.ts'
import { secondsSinceBoot } from './clock.ts'

const CHUNK = 256 * 1024

export interface LedgerPlace {
  readonly device: string
  readonly regionBytes: number
  readonly direct: boolean
  /** the region in which a record's slot is its number, whoever wrote it; absent: there is none */
  readonly sharedRegion?: number
}

/** A node as the ledger knows it: its name, and its number, which is that of its region. */
export interface LedgerNode {
  readonly name: string
  readonly id: number
}

/**
 * Everything in the regions of the nodes and in the shared one: the records of `run` in their places, blocks that are odd,
 * and how many records of other runs there are. A region is read to its end: a record behind a gap of any length is found.
 * @throws the system's error if the disk cannot be read
 */
export async function scanLedger(
  place: LedgerPlace,
  nodes: readonly LedgerNode[],
  run: string,
): Promise<LedgerContents> {
  return reading(place, async (file) => {
    const own: Region[] = []
    for (const { id } of nodes) own.push(await readRegion(file, place, nodes, run, id))
    const shared =
      place.sharedRegion === undefined ? [] : [await readRegion(file, place, nodes, run, place.sharedRegion)]
    const odd = [...own, ...shared].flatMap((region) => region.odd)
    const otherRuns = counted([...own, ...shared].flatMap((region) => region.otherRuns))
    return {
      records: own.flatMap(({ slots }) => slots.map(({ record }) => record)),
      ...(place.sharedRegion !== undefined && {
        shared: shared.flatMap(({ slots }) => slots.map(({ record }) => record)),
      }),
      ...(odd.length > 0 && { odd }),
      ...(otherRuns.length > 0 && { otherRuns }),
    }
  })
}

/** The same, with the host's clock (seconds since its boot) before and after. */
export async function timedScan(place: LedgerPlace, nodes: readonly LedgerNode[], run: string): Promise<TimedContents> {
  const began = secondsSinceBoot()
  const contents = await scanLedger(place, nodes, run)
  return { ...contents, began, ended: secondsSinceBoot() }
}
export type TimedContents = LedgerContents & { readonly began: number; readonly ended: number }

/**
 * The records of this run that stand in their places in one region, for its writer. A region whose first chunk holds none is
 * taken for a new one without reading on: every run begins with such a one, and on an emulated node 8 MiB take seconds.
 * @throws the system's error if the disk cannot be read
 */
export async function scanRegion(
  place: LedgerPlace,
  nodes: readonly LedgerNode[],
  region: number,
  run: string,
): Promise<readonly Slot[]> {
  return reading(place, async (file) => {
    const { slots } = await readRegion(file, place, nodes, run, region, CHUNK)
    return slots.length === 0 ? [] : (await readRegion(file, place, nodes, run, region)).slots
  })
}

async function reading<T>(place: LedgerPlace, read: (file: DirectFile) => Promise<T>): Promise<T> {
  const file = await openDirect(place.device, { size: CHUNK, mode: 'read', direct: place.direct })
  try {
    return await read(file)
  } finally {
    await file.close()
  }
}

/** Reads to the end of the region, or of the disk; or only its first `bytes`. */
async function readRegion(
  file: DirectFile,
  { regionBytes, sharedRegion }: LedgerPlace,
  nodes: readonly LedgerNode[],
  run: string,
  number: number,
  bytes = regionBytes,
): Promise<Region> {
  const region = examineRegion({ number, nodes, run, sharedRegion })
  const start = number * regionBytes
  for (let position = start; position < start + bytes; position += CHUNK) {
    const length = Math.min(CHUNK, start + regionBytes - position)
    const got = await file.read(length, position)
    region.take(file.buffer.subarray(0, got), position - start)
    if (got < length) break
  }
  return region
}

function counted(found: Region['otherRuns']): Region['otherRuns'] {
  const byRun = new Map<string, number>()
  for (const { run, records } of found) byRun.set(run, (byRun.get(run) ?? 0) + records)
  return [...byRun].map(([run, records]) => ({ run, records }))
}
