import { existsSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readScanConfig } from '../../../labs/cluster/config.ts'
import { secondsSinceBoot } from '../../../main/agent/clock.ts'
import { BLOCK, encodeRecord, offsetOf } from '../../../main/agent/ledger-block.ts'
import { runReader } from '../../../main/agent/reader.ts'
import { until } from '../../../main/until.ts'

const region = 256 * 1024
let directory: string
let requests: string
let over: AbortController
let reading: Promise<void>

const start = (idleMilliseconds = 600_000) => {
  const device = join(directory, 'disk')
  writeFileSync(device, Buffer.alloc(3 * region))
  const block = Buffer.alloc(BLOCK)
  encodeRecord({ run: 'run-1', node: 'nodeb', number: 1, epoch: 1, issued: 2.5, boot: 'b' }, block)
  writeSync(openSync(device, 'r+'), block, 0, BLOCK, offsetOf(1, 1, region))
  const config = readScanConfig({
    nodes: [
      { name: 'nodea', id: 0 },
      { name: 'nodeb', id: 1 },
    ],
    data: [{ name: 'data1', device }],
    ledger: { writesPerSecond: 5, regionBytes: region, direct: false },
  })
  reading = runReader(config, { requests, idleMilliseconds, signal: over.signal })
}
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fencelab-reader-'))
  requests = join(directory, 'requests')
  over = new AbortController()
})
afterEach(async () => {
  over.abort()
  await reading
  rmSync(directory, { recursive: true, force: true })
})

/** as the lab's shell does it */
async function ask(name: string, request: object): Promise<Record<string, unknown>> {
  writeFileSync(join(requests, `${name}.new`), JSON.stringify(request))
  renameSync(join(requests, `${name}.new`), join(requests, `${name}.request`))
  const answer = join(requests, `${name}.answer`)
  await until(() => existsSync(answer), { signal: AbortSignal.timeout(15_000), everyMilliseconds: 10 })
  return JSON.parse(readFileSync(answer, 'utf8')) as Record<string, unknown>
}

test('reads what stands on the disk, with the host’s clock before and after', async () => {
  start()
  const before = secondsSinceBoot()
  const answer = await ask('one', { scan: 'run-1' })
  const after = secondsSinceBoot()
  expect(answer).toMatchObject({
    ok: true,
    records: [{ node: 'nodeb', number: 1, epoch: 1, issued: 2.5, boot: 'b' }],
  })
  expect(answer['began']).toBeGreaterThanOrEqual(before)
  expect(answer['ended']).toBeGreaterThanOrEqual(answer['began'] as number)
  expect(answer['ended']).toBeLessThanOrEqual(after)
  expect(await ask('two', { scan: 'run-2' })).toMatchObject({ records: [], otherRuns: [{ run: 'run-1', records: 1 }] })
})

test('reads not before the moment it was told', async () => {
  start()
  const notBefore = secondsSinceBoot() + 0.7
  const answer = await ask('one', { scan: 'run-1', notBefore })
  expect(answer['began']).toBeGreaterThanOrEqual(notBefore)
})

test('does nothing else: it is no node of the cluster', async () => {
  start()
  expect(await ask('one', { do: 'join' })).toEqual({
    ok: false,
    error: 'this is a reader of the ledger, and no node of the cluster',
  })
})

test('a disk that cannot be read is an answer, and the next question is one, too', async () => {
  start()
  const disk = join(directory, 'disk')
  renameSync(disk, `${disk}.gone`)
  expect(await ask('one', { scan: 'run-1' })).toMatchObject({ ok: false, error: expect.stringContaining('ENOENT') })
  renameSync(`${disk}.gone`, disk)
  expect(await ask('two', { scan: 'run-1' })).toMatchObject({ ok: true })
})

test('ends by itself when nobody has asked for so long', async () => {
  start(300)
  await ask('one', { scan: 'run-1' })
  await reading
  writeFileSync(join(requests, 'late.request'), '{"scan": "run-1"}')
  expect(existsSync(join(requests, 'late.answer'))).toBe(false)
})

test('ends when its folder is gone: nobody can ask any more', async () => {
  start()
  await ask('one', { scan: 'run-1' })
  rmSync(requests, { recursive: true })
  await reading
})
