import type { AgentConfigInput } from '../../cluster/config.ts'
import { lunsFor, nodesOf } from '../../testbed/parts.ts'
import type { Testbed } from '../../testbed/testbed.ts'
import { nodeKeys } from './keys.ts'

/** Where the reference cluster lives on a node. In memory: a reboot leaves nothing of it. */
export const agentPlace = {
  directory: '/run/fencelab',
  program: '/run/fencelab/agent.cjs',
  configuration: '/run/fencelab/agent.json',
  log: '/run/fencelab/agent.log',
  output: '/run/fencelab/agent.out',
  socket: '/run/fencelab/agent.socket',
  status: '/run/fencelab/agent.status',
  requests: '/run/fencelab/requests',
} as const

/**
 * What the agent on `host` is told.
 * @param devices LUN name to block device on that host
 * @param host a node, or a host that only reads the ledger (then `node` names the first node and is not used)
 */
export function agentConfig(testbed: Testbed, host: string, devices: ReadonlyMap<string, string>): AgentConfigInput {
  const nodes = nodesOf(testbed)
  const { stack } = testbed
  const device = (lun: string) => {
    const found = devices.get(lun)
    if (found === undefined) throw new Error(`${host} has no device for LUN ${lun}`)
    return { name: lun, device: found }
  }
  return {
    cluster: stack.cluster,
    policy: stack.policy,
    node: nodes.find(({ name }) => name === host)?.name ?? nodes[0]?.name ?? host,
    nodes: nodes.map(({ name, node }) => ({
      name,
      id: node.id,
      keys: nodeKeys(stack, node.id),
      addresses: Object.fromEntries(Object.entries(node.links).map(([link, port]) => [link, port.address])),
    })),
    links: Object.keys(testbed.links).map((name) => {
      const port = nodes.find((one) => one.name === host)?.node.links[name]
      return { name, ...(port && { interface: port.interface }) }
    }),
    coordination: lunsFor(testbed, 'coordination').map(({ name }) => device(name)),
    data: lunsFor(testbed, 'data').map(({ name }) => device(name)),
    ...(stack.group.preferred !== undefined && { preferred: stack.group.preferred }),
    timings: { ...stack.times },
    logFile: agentPlace.log,
    socket: agentPlace.socket,
    statusFile: agentPlace.status,
    requests: agentPlace.requests,
    ledger: { writesPerSecond: stack.ledger.writesPerSecond },
  }
}
