/** Writer and reader of the ledger on a file, with direct I/O where the file system has it. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { BLOCK, encodeRecord, offsetOf } from '../../../main/agent/ledger-block.ts'
import { mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
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
  const records = await scanLedger({ device, regionBytes: REGION, direct: await hasDirect() }, nodes, 'new')
  const numbers = Array.from({ length: 70 }, (_, index) => index + 1).filter((number) => number !== 3)
  expect(records).toEqual([
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
  expect(await scanLedger({ device, regionBytes: REGION, direct: false }, nodes, 'run')).toHaveLength(written)
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
