/**
 * The reference cluster's process on a node.
 *
 *   agent run CONFIG.json [--join]    the daemon, in the foreground
 *   agent ctl SOCKET JSON             one request to the daemon, prints its answer; exit 1 if it says no
 *   agent scan CONFIG.json RUN [T]    the ledger of a run from the data disk, with or without a daemon; not before the host has
 *                                     been up for T seconds
 *   agent read CONFIG.json FOLDER     the same for whoever asks by a file in that folder, until nobody has for an hour
 */
import { runDaemon } from './daemon.ts'
import { readAgentConfig, readScanConfig } from '../../labs/cluster/config.ts'
import { askControl } from './control-socket.ts'
import { readFileSync } from 'node:fs'
import { runReader, scanWhenDue } from './reader.ts'

const CONTROL_LIMIT = 20_000
const IDLE_LIMIT = 3_600_000
const USAGE =
  'usage: agent run CONFIG.json [--join] | agent ctl SOCKET JSON | agent scan CONFIG.json RUN [T] | agent read CONFIG.json FOLDER'

async function main(words: readonly string[]): Promise<number> {
  const [command, first, second, third] = words
  if (command === 'run' && first !== undefined) {
    const config = readAgentConfig(readJson(first))
    const end = await runDaemon(config, {
      join: words.includes('--join'),
      testHooks: process.env['FENCELAB_TEST_HOOKS'] === '1',
      signal: untilTold(),
    })
    return end === 'panicked' ? 70 : 0
  }
  if (command === 'ctl' && first !== undefined && second !== undefined) {
    const answer = await askControl(first, second, CONTROL_LIMIT)
    process.stdout.write(`${JSON.stringify(answer)}\n`)
    return answer.ok ? 0 : 1
  }
  if (command === 'scan' && first !== undefined && second !== undefined) {
    const notBefore = Number(third ?? 0)
    if (Number.isNaN(notBefore)) throw new Error(`scan: ${third} is no number of seconds`)
    const contents = await scanWhenDue(readScanConfig(readJson(first)), second, notBefore)
    process.stdout.write(`${JSON.stringify(contents)}\n`)
    return 0
  }
  if (command === 'read' && first !== undefined && second !== undefined) {
    const options = { requests: second, idleMilliseconds: IDLE_LIMIT, signal: untilTold() }
    await runReader(readScanConfig(readJson(first)), options)
    return 0
  }
  process.stderr.write(`${USAGE}\n`)
  return 2
}

/** Fires when this process is asked to end. */
function untilTold(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => controller.abort())
  return controller.signal
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'))
}

main(process.argv.slice(2)).then(
  // A write that hangs in the kernel must not keep a daemon that is done.
  (status) => process.exit(status),
  (error: unknown) => {
    process.stderr.write(`agent: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(1)
  },
)
