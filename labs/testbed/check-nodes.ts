import { oneOf } from './did-you-mean.ts'
import { errorAt, repeated, warningAt, type Finding } from './finding.ts'
import { nodesOf, panicWitnesses, type TestbedNode } from './parts.ts'
import type { Testbed } from './testbed.ts'

/** What must hold for the nodes, their ends of the private links, and who watches them. */
export function checkNodes(testbed: Testbed): Finding[] {
  const nodes = nodesOf(testbed)
  const findings = nodes.flatMap((node) => [
    ...linkEnds(testbed, node),
    ...consoleHost(testbed, node),
    ...virtualMachine(testbed, node),
    ...witnesses(node),
  ])
  if (nodes.length < 2) {
    findings.push(
      errorAt(
        ['hosts'],
        `${nodes.length} of them ${nodes.length === 1 ? 'is a node' : 'are nodes'}`,
        'at least 2 nodes',
      ),
    )
  }
  const ids = repeated(
    nodes,
    ({ node }) => `${node.id}`,
    ({ name, node }, first) =>
      errorAt(
        ['hosts', name, 'node', 'id'],
        `${node.id} is the id of ${first.name}, too`,
        'an id of its own for every node',
      ),
  )
  return [...findings, ...ids, ...linkAddresses(nodes), ...links(testbed)]
}

function links(testbed: Testbed): Finding[] {
  const count = Object.keys(testbed.links).length
  if (count === 0) return [errorAt(['links'], 'there is no private link', 'at least one, better two')]
  if (count > 1) return []
  return [
    warningAt(['links'], 'there is one private link', 'two: "one link fails" cannot be told from "all fail" with one'),
  ]
}

function linkEnds(testbed: Testbed, { name, node }: TestbedNode): Finding[] {
  const path = ['hosts', name, 'node', 'links']
  const known = Object.keys(testbed.links)
  const ends = Object.entries(node.links).map(([link, end]) => ({ link, ...end }))
  const unknown = ends
    .filter(({ link }) => !known.includes(link))
    .map(({ link }): Finding => {
      const finding = errorAt([...path, link], `"${link}" is not in links`, oneOf(known, link))
      return { ...finding, at: 'key' }
    })
  const missing = known
    .filter((link) => !Object.hasOwn(node.links, link))
    .map((link) =>
      errorAt([...path, link], 'is missing', `the node's end of ${link}, for a private link joins all nodes`),
    )
  const twice = repeated(
    ends,
    (end) => end.interface,
    (end, first) =>
      errorAt(
        [...path, end.link, 'interface'],
        `${end.interface} carries ${first.link}, too`,
        'an interface of its own for every link',
      ),
  )
  return [...unknown, ...missing, ...twice]
}

function linkAddresses(nodes: readonly TestbedNode[]): Finding[] {
  const ends = nodes.flatMap(({ name, node }) =>
    Object.entries(node.links).map(([link, end]) => ({ name, link, ...end })),
  )
  return repeated(
    ends,
    ({ address }) => address.toLowerCase(),
    ({ name, link, address }, first) =>
      errorAt(
        ['hosts', name, 'node', 'links', link, 'address'],
        `${address} is the address of ${first.name} on ${first.link}, too`,
        'every address once',
      ),
  )
}

function consoleHost(testbed: Testbed, { name, node }: TestbedNode): Finding[] {
  const host = node.console?.host
  if (host === undefined) return []
  const path = ['hosts', name, 'node', 'console', 'host']
  const reached = reachable(testbed).filter((other) => other !== name)
  if (host === name) return [errorAt(path, 'is the node itself, which cannot tell that it panicked', oneOf(reached))]
  return reached.includes(host)
    ? []
    : [errorAt(path, `"${host}" is no host that the lab logs into`, oneOf(reached, host))]
}

function virtualMachine(testbed: Testbed, { name, node }: TestbedNode): Finding[] {
  const host = node.vm?.hypervisor
  if (host === undefined) return []
  const known = Object.keys(testbed.hosts).filter((other) => testbed.hosts[other]?.role.includes('hypervisor'))
  if (known.includes(host)) return []
  return [
    errorAt(
      ['hosts', name, 'node', 'vm', 'hypervisor'],
      `"${host}" is no host with role hypervisor`,
      oneOf(known, host),
    ),
  ]
}

function witnesses({ name, node }: TestbedNode): Finding[] {
  if (panicWitnesses(node).length > 0) return []
  const expected = 'a console, or a vm with events'
  return [
    warningAt(['hosts', name, 'node'], 'nothing can witness a panic of this node: it will stay unproved', expected),
  ]
}

function reachable(testbed: Testbed): string[] {
  return Object.keys(testbed.hosts).filter((name) => testbed.hosts[name]?.transport !== 'none')
}
