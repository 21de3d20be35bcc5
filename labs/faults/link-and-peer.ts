import type { Testbed } from '../testbed/testbed.ts'

/**
 * Where a node is on a private link, and another node that is on it, too: who can bear out what became of the link.
 * @throws Error where the testbed has no such link of that node, or nobody else on it
 */
export function linkAndPeer(testbed: Testbed, node: string, link: string) {
  const port = testbed.hosts[node]?.node?.links[link]
  if (!port) throw new Error(`node ${node} has no private link ${link} in the testbed`)
  const [peer, peerHost] = Object.entries(testbed.hosts).find(([name, host]) => host.node && name !== node) ?? []
  const peerPort = peerHost?.node?.links[link]
  if (peer === undefined || !peerPort) throw new Error(`no other node is on private link ${link}`)
  return { port, peer, peerPort }
}
