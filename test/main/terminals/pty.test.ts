/** Local terminals, in the real process that keeps them. */
import { readdirSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { forkPtys } from '../../../main/terminals/fork-ptys.ts'
import { mostOnTheWay, type PtyLine } from '../../../main/terminals/pty-messages.ts'
import { LocalTerminals, type SourceListener } from '../../../main/terminals/terminal-source.ts'

let line: PtyLine
let local: LocalTerminals
beforeEach(() => {
  local = new LocalTerminals(() => (line = forkPtys()))
})
afterEach(() => local.close())

function listener() {
  const seen = { text: '', end: '', lost: false }
  const own: SourceListener = {
    output: (text) => (seen.text += text),
    ended(reason, _, lost) {
      seen.end = reason
      seen.lost = lost
    },
  }
  return { seen, own }
}
const size = { columns: 70, rows: 15 }
const shell = ['/bin/sh', '-c', 'stty size; read line; echo "got $line"; stty size; exit 4']

test('a program runs in a terminal of its own, is written to, and ends', async () => {
  const { seen, own } = listener()
  const source = local.open('t1', shell, size, own)
  await vi.waitFor(() => expect(seen.text).toMatch(/15 70/), 5000)
  source.resize(100, 20)
  source.write('hello\r')
  await vi.waitFor(() => expect(seen.end).toBe('exit 4'), 5000)
  expect(seen.text).toMatch(/got hello\r\n20 100/)
})

test('a program that is not there says so', async () => {
  const { seen, own } = listener()
  local.open('t1', ['/no/such/program'], size, own)
  await vi.waitFor(() => expect(seen.end).not.toBe(''), 5000)
})

test('a flood stops while it is held', async () => {
  const { seen, own } = listener()
  const source = local.open('t1', ['/bin/sh', '-c', 'yes'], size, own)
  await vi.waitFor(() => expect(seen.text.length).toBeGreaterThan(50_000), 5000)
  source.pause()
  const asked = seen.text.length
  await new Promise((resolve) => setTimeout(resolve, 300))
  const held = seen.text.length
  // no more comes than was on the way, and what was read in one piece beyond it
  expect(held - asked).toBeLessThan(mostOnTheWay + 66_000)
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(seen.text.length).toBe(held)
  source.resume()
  await vi.waitFor(() => expect(seen.text.length).toBeGreaterThan(held + 100_000), 5000)
  source.close()
  await vi.waitFor(() => expect(seen.end).not.toBe(''), 5000)
})

test('a crash of that process takes its terminals along and nothing else; the next one starts it anew', async () => {
  const { seen, own } = listener()
  local.open('t1', ['/bin/sh', '-c', 'echo up; sleep 60'], size, own)
  await vi.waitFor(() => expect(seen.text).toMatch(/up/), 5000)
  line.end()
  await vi.waitFor(() => expect(seen.lost).toBe(true), 5000)
  const again = listener()
  local.open('t2', ['/bin/sh', '-c', 'echo again'], size, again.own)
  await vi.waitFor(() => expect(again.seen.text).toMatch(/again/), 5000)
})

test('messages that cannot be sent any more, several of them, end nothing', async () => {
  const { seen, own } = listener()
  const source = local.open('t1', ['/bin/sh', '-c', 'echo $PPID; sleep 60'], size, own)
  await vi.waitFor(() => expect(seen.text).toMatch(/\d+\r\n/), 5000)
  const keeper = Number.parseInt(seen.text)
  process.kill(keeper, 'SIGKILL')
  // while this thread waits, it does not hear that the other process is gone: it writes into a pipe that nobody reads
  const threads = () => readdirSync(`/proc/${keeper}/task`).length
  while (threads() > 1 || !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${keeper}/stat`, 'utf8')))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
  for (const text of ['a', 'b', 'c', 'd']) source.write(text)
  await vi.waitFor(() => expect(seen.lost).toBe(true), 5000)
})

test('the environment of a terminal is the person’s, without what belongs to the programs around it', async () => {
  vi.stubEnv('ELECTRON_RUN_AS_NODE', '1')
  vi.stubEnv('NODE_OPTIONS', '')
  vi.stubEnv('FENCELAB_PROBE', 'mine')
  const { seen, own } = listener()
  local.open('t1', ['/bin/sh', '-c', 'env; echo done'], size, own)
  await vi.waitFor(() => expect(seen.text).toMatch(/done/), 5000)
  vi.unstubAllEnvs()
  expect(seen.text).toMatch(/FENCELAB_PROBE=mine/)
  expect(seen.text).not.toMatch(/ELECTRON_|NODE_|npm_/)
})
