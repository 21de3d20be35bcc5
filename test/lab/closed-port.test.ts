/** A storage port that is closed takes nothing: not even a write that is under way on a connection that was up. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { storagePortClosed } from '../../labs/faults/storage-port-closed.ts'
import type { GreenLab } from '../../main/engine/ready/green.ts'
import { disk, openTestLab, shell, signal } from './lab.ts'

let green: GreenLab
beforeAll(async () => {
  green = await openTestLab()
})
afterEach(() => green.restore(signal()))
afterAll(() => green.close())

/** Far behind the ledger. */
const block = { whileOpen: '60000', whenClosed: '60001' }
/** Begun, and not waited for: a disk that is out of reach keeps it until the session is given up. Its status goes to a file. */
const writeOnce = `rm -f /tmp/status
head -c 4096 /dev/zero | tr '\\0' X >/tmp/block
{ dd if=/tmp/block of="$1" bs=4096 count=1 seek="$2" oflag=direct; echo $? >/tmp/status; } >/dev/null 2>&1 </dev/null &
`
const write = async (at: string) =>
  shell(green, 'nodea', 'write to the data disk', writeOnce, await disk(green, 'nodea'), at)
const status = () => shell(green, 'nodea', 'how did the write end', 'cat /tmp/status 2>/dev/null; exit 0')
const readOnce = `dd if="$1" bs=4096 count=1 skip="$2" iflag=direct 2>/dev/null | tr -d '\\0' | head -c 4`
const read = async (at: string) =>
  shell(green, 'nodeb', 'read from the data disk', readOnce, await disk(green, 'nodeb'), at)

const ways = {
  "by the arrays' management": async () => void (await shell(green, 'nodeb', 'fence nodea', '/lab/fence port nodea')),
  'by the fault': async () => {
    const { apply } = storagePortClosed.plan(
      green.lab.testbed,
      { node: 'nodea' },
      { id: 'closed-port', deadManSeconds: 60 },
    )
    for (const action of apply.flat()) {
      if (action.kind !== 'command') throw new Error(`${action.purpose}: not by a command`)
      await green.lab.run(action.host, {
        purpose: action.purpose,
        argv: action.argv,
        timeoutMs: 30_000,
        signal: signal(),
      })
    }
  },
}

test.each(Object.entries(ways))('closed %s: nothing more of the node reaches the disk', async (_, close) => {
  await write(block.whileOpen)
  await expect.poll(status, { timeout: 30_000 }).toBe('0')
  expect(await read(block.whileOpen)).toBe('XXXX')
  await close()
  await write(block.whenClosed)
  await expect.poll(status, { timeout: 60_000 }).toBe('1')
  expect(await read(block.whenClosed)).toBe('')
  // the array's own rules have seen it, and dropped it
  const dropped = await shell(
    green,
    'array1',
    'what was dropped',
    'nft list ruleset | sed -n "s/.* saddr 10.77.0.11 counter packets \\([0-9]*\\) .*/\\1/p"',
  )
  expect(Number(dropped)).toBeGreaterThan(0)
})
