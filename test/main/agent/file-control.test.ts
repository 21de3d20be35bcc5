import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Answer, Request } from '../../../main/agent/control-socket.ts'
import { serveFiles } from '../../../main/agent/file-control.ts'
import { until } from '../../../main/until.ts'

let directory: string
let requests: string
let statusFile: string
let heard: Request[]
let troubles: unknown[]
let end: () => void
let handle: (request: Request) => Promise<Answer>
let status: () => object

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fencelab-control-'))
  requests = join(directory, 'requests')
  statusFile = join(directory, 'status')
  heard = []
  troubles = []
  let count = 0
  status = () => ({ count: (count += 1) })
  handle = async (request) => {
    heard.push(request)
    return { ok: true, number: heard.length }
  }
  end = serveFiles({
    status: { file: statusFile, now: () => status() },
    requests,
    handle: (request) => handle(request),
    onTrouble: (error) => troubles.push(error),
  })
})
afterEach(() => {
  end()
  rmSync(directory, { recursive: true, force: true })
})
const soon = (condition: () => boolean) =>
  until(condition, { signal: AbortSignal.timeout(15_000), everyMilliseconds: 10 })
/** as the lab's shell does it */
const ask = async (name: string, text: string): Promise<unknown> => {
  writeFileSync(join(requests, `${name}.new`), text)
  renameSync(join(requests, `${name}.new`), join(requests, `${name}.request`))
  await soon(() => existsSync(join(requests, `${name}.answer`)))
  const answer = JSON.parse(readFileSync(join(requests, `${name}.answer`), 'utf8')) as unknown
  rmSync(join(requests, `${name}.answer`))
  return answer
}

test('requests are answered, once each, and nothing is left lying about', async () => {
  const answers = await Promise.all([ask('one', '{"ledger": "start", "run": "run-1"}'), ask('two', '{"do": "status"}')])
  expect(answers.map((answer) => (answer as Answer).ok)).toEqual([true, true])
  expect(heard.map((request) => JSON.stringify(request)).sort()).toEqual([
    '{"do":"status"}',
    '{"ledger":"start","run":"run-1"}',
  ])
  expect([readdirSync(requests), troubles]).toEqual([[], []])
})

test.each(['', 'nonsense', '{"do": "dance"}', '{"ledger": "start"}'])('%j is refused with a reason', async (text) => {
  expect(await ask('bad', text)).toEqual({
    ok: false,
    error: expect.stringMatching(/JSON|not a request of this agent/) as string,
  })
  expect(heard).toEqual([])
})

test('what fails is an answer, too', async () => {
  handle = () => Promise.reject(new Error('no such disk'))
  expect(await ask('one', '{"scan": "run-1"}')).toEqual({ ok: false, error: 'no such disk' })
})

test('a request that is being written is left alone', async () => {
  writeFileSync(join(requests, 'half.new'), '{"do": "sta')
  await ask('one', '{"do": "status"}')
  expect([readdirSync(requests), heard.length]).toEqual([['half.new'], 1])
})

test('a slow request does not hold up the others', async () => {
  let release: (answer: Answer) => void = () => undefined
  handle = (request) =>
    'scan' in request ? new Promise((resolve) => (release = resolve)) : Promise.resolve({ ok: true })
  const slow = ask('slow', '{"scan": "run-1"}')
  expect(await ask('quick', '{"do": "status"}')).toEqual({ ok: true })
  release({ ok: true, records: [] })
  expect(await slow).toEqual({ ok: true, records: [] })
})

test('the status is rewritten again and again, whole every time, for its owner alone to ask through', async () => {
  await soon(() => existsSync(statusFile))
  const read = () => (JSON.parse(readFileSync(statusFile, 'utf8')) as { count: number }).count
  const first = read()
  await soon(() => read() > first)
  expect(statSync(requests).mode & 0o777).toBe(0o700)
})

test('trouble with the files is told and does not end it', async () => {
  status = () => {
    throw new Error('no status')
  }
  await soon(() => troubles.length > 0)
  rmSync(requests, { recursive: true })
  await soon(() => troubles.some((error) => (error as NodeJS.ErrnoException).code === 'ENOENT'))
})

test('ended, it answers no more', async () => {
  end()
  writeFileSync(join(requests, 'late.request'), '{"do": "status"}')
  const before = heard.length
  // longer than several of its looks
  await new Promise((resolve) => setTimeout(resolve, 400))
  expect([heard.length - before, readdirSync(requests)]).toEqual([0, ['late.request']])
})
