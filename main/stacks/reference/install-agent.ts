import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { StackChoice } from '../../../labs/stacks/stack.ts'
import { agentConfig, agentPlace } from '../../../labs/stacks/reference/agent-config.ts'
import { nodesOf } from '../../../labs/testbed/parts.ts'
import { bundleAgent } from '../../agent/bundle.ts'
import type { StackHosts } from '../stack-driver.ts'
import { readerRuns } from './reader-runs.ts'
import { startMilliseconds } from './request.ts'

/**
 * Puts the agent and its configuration onto a host. What is there already is left alone.
 * @param devices LUN name to block device on that host
 */
export async function installAgent(
  hosts: StackHosts,
  host: string,
  devices: ReadonlyMap<string, string>,
  signal: AbortSignal,
  choice?: StackChoice,
): Promise<void> {
  const configuration = Buffer.from(JSON.stringify(agentConfig(hosts.testbed, host, devices, choice), null, 2))
  const hash = createHash('sha256').update(configuration).digest('hex')
  await Promise.all([
    installProgram(hosts, host, signal),
    put(
      hosts,
      host,
      { purpose: "install the agent's configuration", path: agentPlace.configuration, content: configuration, hash },
      signal,
    ),
  ])
  if (!nodesOf(hosts.testbed).some(({ name }) => name === host)) await startReader(hosts, host, signal)
}

/** Starts the reader of the ledger (main/agent/reader.ts), detached from this connection. An old one is ended first. */
async function startReader(hosts: StackHosts, host: string, signal: AbortSignal): Promise<void> {
  const script = `
program=$1
${readerRuns}
if pid=$(cat "$4" 2>/dev/null) && reader_runs; then
  kill "$pid"; while [ -d "/proc/$pid" ]; do sleep 0.2; done
fi 2>/dev/null
rm -rf "$3"
setsid node --jitless "$1" read "$2" "$3" </dev/null >/dev/null 2>"$5" &
echo $! >"$4"`
  await hosts.run(host, {
    purpose: 'start the reader of the ledger',
    argv: [
      'sh',
      '-c',
      script,
      'start',
      agentPlace.program,
      agentPlace.configuration,
      agentPlace.requests,
      agentPlace.reader,
      agentPlace.output,
    ],
    timeoutMs: startMilliseconds,
    signal,
  })
}

/** The part of it that needs no disks: a node that boots can be given it while it still looks for them. */
export async function installProgram(hosts: StackHosts, host: string, signal: AbortSignal): Promise<void> {
  const { file, sha256 } = await bundleAgent()
  const purpose = "install the reference cluster's agent"
  await put(hosts, host, { purpose, path: agentPlace.program, content: await readFile(file), hash: sha256 }, signal)
}

interface Put {
  readonly purpose: string
  readonly path: string
  readonly content: Uint8Array
  readonly hash: string
}

/** Writes a file on a host, unless it is there already. */
async function put(
  hosts: StackHosts,
  host: string,
  { purpose, path, content, hash }: Put,
  signal: AbortSignal,
): Promise<void> {
  const script =
    'mkdir -p "$(dirname "$1")" && if [ "$(sha256sum "$1" 2>/dev/null | cut -c1-64)" = "$2" ]; then echo present; fi'
  const { stdout } = await hosts.run(host, {
    purpose: `is ${path} there`,
    argv: ['sh', '-c', script, 'look', path, hash],
    timeoutMs: startMilliseconds,
    signal,
  })
  if (stdout.trim() === 'present') return
  await hosts.run(host, {
    purpose,
    argv: ['sh', '-c', 'cat >"$1.new" && mv "$1.new" "$1"', 'put', path],
    stdin: content,
    timeoutMs: startMilliseconds,
    signal,
  })
}
