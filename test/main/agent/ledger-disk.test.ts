/** Writer and reader of the ledger on a file, with direct I/O where the file system has it. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { BLOCK, encodeRecord, offsetOf, sharedRegionOf } from '../../../main/agent/ledger-block.ts'
import { mkdtempSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import type { EventLog } from '../../../main/agent/event-log.ts'
import { createLedgerWriter } from '../../../main/agent/ledger-writer.ts'
import { join } from 'node:path'
import { openDirect } from '../../../main/agent/direct-file.ts'
import { scanLedger } from '../../../main/agent/scan-ledger.ts'
import { tmpdir } from 'node:os'

const REGION = 512 * 1024
const nodes = [
  { name: 'nodea', id: 0 },
  { name: 'nodeb', id: 1 },
]
let directory = ''
let device = ''

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fencelab-ledger-'))
  device = join(directory, 'disk')
  writeFileSync(device, Buffer.alloc(2 * REGION))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

async function hasDirect(): Promise<boolean> {
  const file = await openDirect(device, { size: BLOCK, mode: 'read', direct: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EINVAL') return null
      throw error
    },
  )
  await file?.close()
  return file !== null
}

function put(node: { name: string; id: number }, run: string, number: number): void {
  const block = Buffer.alloc(BLOCK)
  encodeRecord({ run, node: node.name, number, epoch: 1, issued: number / 10, boot: 'b' }, block)
  writeSync(openSync(device, 'r+'), block, 0, BLOCK, offsetOf(node.id, number, REGION))
}

function writer(entries: Record<string, unknown>[], onEntry: () => void) {
  const events: EventLog = {
    entry: (kind, fields) => {
      entries.push({ kind, ...fields })
      onEntry()
    },
    log: () => undefined,
    panic: () => undefined,
    close: () => undefined,
  }
  return async (): Promise<ReturnType<typeof createLedgerWriter>> =>
    createLedgerWriter({
      place: { device, regionBytes: REGION, direct: await hasDirect() },
      node: nodes[1] ?? { name: '', id: 0 },
      nodes,
      boot: 'boot-1',
      writesPerSecond: 100,
      events,
      refused: () => undefined,
      failed: () => undefined,
    })
}

it('reads only the records of the run, of the right node, with the right checksum', async () => {
  const [a, b] = nodes
  if (!a || !b) throw new Error('no nodes')
  for (let number = 1; number <= 100; number++) put(a, 'old', number)
  for (let number = 1; number <= 70; number++) put(a, 'new', number)
  put(b, 'new', 1)
  writeSync(openSync(device, 'r+'), Buffer.from('x'), 0, 1, offsetOf(0, 3, REGION) + 20)
  const contents = await scanLedger({ device, regionBytes: REGION, direct: await hasDirect() }, nodes, 'new')
  const numbers = Array.from({ length: 70 }, (_, index) => index + 1).filter((number) => number !== 3)
  expect(contents.shared).toBeUndefined()
  expect(contents.records).toEqual([
    ...numbers.map((number) => ({ node: 'nodea', number, epoch: 1, issued: number / 10, boot: 'b' })),
    { node: 'nodeb', number: 1, epoch: 1, issued: 0.1, boot: 'b' },
  ])
})

it('writes only when there is a run and the group is active, and goes on with the numbers of the run', async () => {
  const entries: Record<string, unknown>[] = []
  let enough: () => void = () => undefined
  const create = writer(entries, () => {
    if (entries.length >= 5) enough()
  })
  const first = await create()
  first.setEpoch(3)
  const five = new Promise<void>((resolve) => (enough = resolve))
  await first.start('run')
  await five
  await first.close()
  const written = entries.length
  expect(entries.map((entry) => [entry['number'], entry['result'], entry['epoch']]).slice(0, 5)).toEqual(
    [1, 2, 3, 4, 5].map((number) => [number, 'acknowledged', 3]),
  )
  const second = await create()
  await second.start('run')
  expect(second.nextNumber()).toBe(written + 1)
  await second.close()
  const { records } = await scanLedger({ device, regionBytes: REGION, direct: false }, nodes, 'run')
  expect(records).toHaveLength(written)
})

it('says so when the region is full, and stops', async () => {
  const [, b] = nodes
  if (!b) throw new Error('no node')
  for (let number = 1; number <= REGION / BLOCK - 1; number++) put(b, 'run', number)
  const texts: string[] = []
  let full: () => void = () => undefined
  const said = new Promise<void>((resolve) => (full = resolve))
  const ledger = createLedgerWriter({
    place: { device, regionBytes: REGION, direct: false },
    node: b,
    nodes,
    boot: 'boot-1',
    writesPerSecond: 100,
    events: {
      entry: () => undefined,
      log: (_level, code) => {
        texts.push(code)
        full()
      },
      panic: () => undefined,
      close: () => undefined,
    },
    refused: () => undefined,
    failed: () => undefined,
  })
  ledger.setEpoch(1)
  await ledger.start('run')
  await said
  expect([texts, ledger.run()]).toEqual([['ledger-full'], null])
  await ledger.close()
})

it('reports a device that cannot be opened', async () => {
  await expect(
    scanLedger({ device: join(directory, 'none'), regionBytes: REGION, direct: true }, nodes, 'run'),
  ).rejects.toThrow('ENOENT')
})

/** A writer on the shared log, and a promise of its next entries. */
async function sharer(index: number) {
  const entries: Record<string, unknown>[] = []
  const logs: string[] = []
  let look: () => void = () => undefined
  const ledger = createLedgerWriter({
    place: { device, regionBytes: REGION, direct: await hasDirect(), sharedRegion: sharedRegionOf(nodes) },
    node: nodes[index] ?? { name: '', id: 0 },
    nodes,
    boot: `boot-${index}`,
    writesPerSecond: 200,
    events: {
      entry: (kind, fields) => {
        entries.push({ kind, ...fields })
        look()
      },
      log: (_level, code) => {
        logs.push(code)
        look()
      },
      panic: () => undefined,
      close: () => undefined,
    },
    refused: () => undefined,
    failed: () => undefined,
  })
  const until = (condition: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      look = () => (condition() ? resolve() : undefined)
      look()
    })
  /** Writes that many records and rests. */
  const write = async (count: number, epoch: number): Promise<void> => {
    const before = entries.length
    ledger.setEpoch(epoch)
    await until(() => entries.length >= before + count)
    ledger.setEpoch(null)
    await ledger.idle()
  }
  return { ledger, entries, logs, until, write }
}

async function contents() {
  const place = { device, regionBytes: REGION, direct: false, sharedRegion: sharedRegionOf(nodes) }
  return scanLedger(place, nodes, 'run')
}
const numbersOf = (records: readonly { node: string; number: number }[], node: string): number[] =>
  records.filter((record) => record.node === node).map((record) => record.number)
const upTo = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)

it('the shared log: numbers go on over all nodes, own regions stay without gaps', async () => {
  writeFileSync(device, Buffer.alloc(3 * REGION))
  const a = await sharer(0)
  const b = await sharer(1)
  for (const { ledger } of [a, b]) await ledger.start('run')
  await a.write(70, 1)
  const last = a.entries.length
  const taken = await contents()
  expect(taken.shared).toEqual(taken.records)
  b.ledger.continueAfter(Math.max(...(taken.shared ?? []).map((record) => record.number)))
  await b.write(5, 2)
  const now = await contents()
  const lastOfB = last + b.entries.length
  // Its first record stands in slot 1 of its own region, else nobody would find it behind 70 empty blocks.
  expect(numbersOf(now.records, 'nodea')).toEqual(upTo(1, last))
  expect(numbersOf(now.records, 'nodeb')).toEqual(upTo(last + 1, lastOfB))
  expect((now.shared ?? []).map((record) => record.number)).toEqual(upTo(1, lastOfB))
  for (const { ledger } of [a, b]) await ledger.close()
})

it('a stale writer overwrites what the other was told is written; own regions tell who wrote what', async () => {
  writeFileSync(device, Buffer.alloc(3 * REGION))
  const a = await sharer(0)
  const b = await sharer(1)
  for (const { ledger } of [a, b]) await ledger.start('run')
  await a.write(5, 1)
  const last = a.entries.length
  b.ledger.continueAfter(last)
  await b.write(10, 2)
  await a.write(3, 1)
  const stale = upTo(last + 1, a.entries.length)
  const { records, shared = [] } = await contents()
  expect(numbersOf(shared, 'nodea')).toEqual(upTo(1, a.entries.length))
  const lost = numbersOf(records, 'nodeb').filter((number) => !numbersOf(shared, 'nodeb').includes(number))
  expect(lost).toEqual(stale)
  const acknowledged = b.entries.filter((entry) => entry['result'] === 'acknowledged').map((entry) => entry['number'])
  expect(acknowledged).toEqual(expect.arrayContaining(lost))
  for (const { ledger } of [a, b]) await ledger.close()
})

it('a writer that comes back goes on behind everybody', async () => {
  writeFileSync(device, Buffer.alloc(3 * REGION))
  const a = await sharer(0)
  await a.ledger.start('run')
  await a.write(3, 1)
  await a.ledger.close()
  const b = await sharer(1)
  await b.ledger.start('run')
  await b.write(4, 2)
  await b.ledger.close()
  const again = await sharer(0)
  await again.ledger.start('run')
  expect(again.ledger.nextNumber()).toBe(a.entries.length + b.entries.length + 1)
  await again.write(2, 3)
  await again.ledger.close()
  const { records, shared } = await contents()
  expect(shared).toHaveLength(a.entries.length + b.entries.length + again.entries.length)
  expect(numbersOf(records, 'nodea')).toHaveLength(a.entries.length + again.entries.length)
})

it('a node that may not read yet belongs to the run all the same, and looks before its first write', async () => {
  writeFileSync(device, Buffer.alloc(3 * REGION))
  const a = await sharer(0)
  await a.ledger.start('run')
  await a.write(3, 1)
  await a.ledger.close()
  const b = await sharer(1)
  const aside = `${device}.aside`
  renameSync(device, aside)
  await b.ledger.start('run')
  expect([b.ledger.run(), b.logs]).toEqual(['run', ['ledger-unread']])
  b.ledger.setEpoch(2)
  renameSync(aside, device)
  await b.until(() => b.entries.length >= 2)
  await b.ledger.close()
  expect(b.entries[0]).toMatchObject({ number: a.entries.length + 1, result: 'acknowledged' })
  expect(b.logs).toEqual(['ledger-unread'])
})
