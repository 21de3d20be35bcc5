import type { AgentConfigInput } from '../../cluster/config.ts'
import type { ParametersInput } from '../../cluster/parameters.ts'
import { assertNever } from '../../assert-never.ts'
import type { StackChoice } from '../stack.ts'
import { lunsFor, nodesOf } from '../../testbed/parts.ts'
import type { Testbed } from '../../testbed/testbed.ts'
import { chosenCluster, type ChosenCluster } from './chosen-cluster.ts'
import { fenceMethod } from './check-part.ts'
import { nodeKeys } from './keys.ts'
import { ownPart } from './own-part.ts'
import { whyNoSuchCluster } from './policies.ts'
import { regionBytesOf } from './try-blocks.ts'

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
  /** process id of the reader on a host that is no node */
  reader: '/run/fencelab/reader.pid',
} as const

/**
 * What the agent on `host` is told.
 * @param devices LUN name to block device on that host
 * @param host a node, or a host that only reads the ledger (then `node` names the first node and is not used)
 * @param choice another cluster than the testbed's own
 * @throws Error if the testbed lacks what the policy needs, or the host a device
 */
export function agentConfig(
  testbed: Testbed,
  host: string,
  devices: ReadonlyMap<string, string>,
  choice?: StackChoice,
): AgentConfigInput {
  const why = whyNoSuchCluster(testbed, choice)
  if (why !== undefined) throw new Error(why)
  const nodes = nodesOf(testbed)
  const stack = ownPart(testbed.stack)
  const chosen = chosenCluster(stack, choice)
  const device = (lun: string) => {
    const found = devices.get(lun)
    if (found === undefined) throw new Error(`${host} has no device for LUN ${lun}`)
    return { name: lun, device: found }
  }
  const points = chosen.policy === 'coordinator-race' ? lunsFor(testbed, 'coordination') : []
  return {
    cluster: stack.cluster,
    policy: chosen.policy,
    node: nodes.find(({ name }) => name === host)?.name ?? nodes[0]?.name ?? host,
    nodes: nodes.map(({ name, node }) => ({
      name,
      id: node.id,
      keys: configuredKeys(testbed, node.id, chosen),
      addresses: Object.fromEntries(Object.entries(node.links).map(([link, port]) => [link, port.address])),
      ...(node.outlets && { outlets: node.outlets.map(({ unit, outlet }) => `${unit}/${outlet}`) }),
    })),
    links: Object.keys(testbed.links).map((name) => {
      const port = nodes.find((one) => one.name === host)?.node.links[name]
      return { name, ...(port && { interface: port.interface }) }
    }),
    coordination: points.map(({ name }) => device(name)),
    data: lunsFor(testbed, 'data').map(({ name }) => device(name)),
    ...(stack.group.preferred !== undefined && { preferred: stack.group.preferred }),
    timings: { ...chosen.times },
    parameters: parametersOf(chosen),
    logFile: agentPlace.log,
    socket: agentPlace.socket,
    statusFile: agentPlace.status,
    requests: agentPlace.requests,
    ledger: { writesPerSecond: stack.ledger.writesPerSecond, regionBytes: regionBytesOf(testbed) },
  }
}

/** Every node has keys in its configuration; those that its policy does not use go nowhere. */
function configuredKeys(testbed: Testbed, id: number, { policy }: ChosenCluster) {
  const used = nodeKeys(testbed.stack, id, policy)
  const unused = nodeKeys(testbed.stack, id, 'coordinator-race')
  return { coordination: used.coordination || unused.coordination, data: used.data || unused.data }
}

/** Only what the policy looks at: the rest of the testbed's may be meant for rows of another one. */
function parametersOf({ policy, parameters }: ChosenCluster): ParametersInput {
  const { seed, tieBreaker, variant, reservationType, rounds, panicOnRefusal } = parameters
  switch (policy) {
    case 'coordinator-race':
      return { ...(seed !== undefined && { seed }) }
    case 'ping-tiebreak':
      return { ...(tieBreaker !== undefined && { tieBreaker }) }
    case 'attacker-defender':
      return {
        ...(variant !== undefined && { variant }),
        ...(reservationType !== undefined && { reservationType }),
        ...(rounds !== undefined && { rounds }),
      }
    case 'external-fencing': {
      const method = fenceMethod(parameters)
      const command = method && parameters.fence?.[method]
      return {
        ...(command && { fence: { command: [...command] } }),
        ...(panicOnRefusal !== undefined && { panicOnRefusal }),
      }
    }
    case 'reserve-release':
      return {}
    default:
      return assertNever(policy, 'policy')
  }
}
