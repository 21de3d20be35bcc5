import { createHash } from 'node:crypto'
import { agentConfig, agentPlace } from '../../../labs/stacks/reference/agent-config.ts'
import type { StackChoice } from '../../../labs/stacks/stack.ts'
import { bundleAgent } from '../../agent/bundle.ts'
import type { StackHosts } from '../stack-driver.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** Is the reference cluster on a host the one that is wanted: this program, this configuration? A cluster that another policy was given is not. */
export async function isInstalled(
  hosts: StackHosts,
  host: string,
  devices: ReadonlyMap<string, string>,
  choice: StackChoice,
  signal: AbortSignal,
): Promise<boolean> {
  const { sha256: program } = await bundleAgent()
  const configuration = sha256(JSON.stringify(agentConfig(hosts.testbed, host, devices, choice), null, 2))
  const { stdout } = await hosts.run(host, {
    purpose: 'which reference cluster is installed',
    argv: ['sh', '-c', 'sha256sum "$1" "$2" 2>/dev/null; exit 0', 'look', agentPlace.program, agentPlace.configuration],
    timeoutMs: 20_000,
    signal,
  })
  return stdout.includes(program) && stdout.includes(configuration)
}
