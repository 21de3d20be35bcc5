/** What a policy asks of things that are neither its disks nor its links: the tie-breaker's address, the fence device. */
import type { AgentConfig } from '../../labs/cluster/config.ts'
import type { EventLog } from './event-log.ts'
import { runLimited } from './run-limited.ts'
import { secondsSinceBoot } from './clock.ts'

/** Longer than `ping -W 1` takes by itself, on a machine that is busy. */
const PING_LIMIT = 5000

export interface Outside {
  /** One echo request. Never rejects: no answer, and no `ping`, are no reply. */
  ping(address: string): Promise<boolean>
  /** Runs the fence command. Never rejects. `ok` only for exit status 0: anything else proves nothing. */
  fence(node: string): Promise<{ readonly node: string; readonly ok: boolean; readonly text: string }>
}

export function createOutside(config: AgentConfig, events: EventLog): Outside {
  return {
    async ping(address) {
      const began = secondsSinceBoot()
      const run = await runLimited(config.ping, ['-n', '-q', '-c', '1', '-W', '1', address], PING_LIMIT)
      events.entry('ping', { address, exit: run.exit, began })
      return run.exit === 0
    },
    async fence(node) {
      const [file, ...words] = fenceCommand(config, node)
      if (file === undefined) return { node, ok: false, text: 'no fence command is configured' }
      const began = secondsSinceBoot()
      const run = await runLimited(file, words, config.timings.fenceTimeout)
      const said = `${run.stderr.trim()} ${run.stdout.trim()}`.trim().split('\n').join('; ').slice(0, 300)
      const text = run.exit === null ? said : `exit ${run.exit}${said ? `: ${said}` : ''}`
      events.entry('fence', { node, exit: run.exit, text, began })
      return { node, ok: run.exit === 0, text }
    },
  }
}

/**
 * The configured command with what is known of the victim put into its arguments: `{node}` its name, `{id}` its number,
 * `{address}` its address on the first private link, `{outlets}` its outlets, separated by commas; `{self}` this node.
 */
export function fenceCommand(config: AgentConfig, node: string): string[] {
  const victim = config.nodes.find((one) => one.name === node)
  if (!victim) return []
  const known: Readonly<Record<string, string>> = {
    node,
    id: String(victim.id),
    address: victim.addresses[config.links[0]?.name ?? ''] ?? '',
    outlets: victim.outlets.join(','),
    self: config.node,
  }
  const filled = (word: string): string => word.replace(/\{(\w+)\}/g, (found, name: string) => known[name] ?? found)
  return (config.parameters.fence?.command ?? []).map(filled)
}
