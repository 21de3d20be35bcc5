import { tryBytes } from '../../sampling/write-try.ts'
import { hostsWithRole, nodesOf } from '../../testbed/parts.ts'
import type { Testbed } from '../../testbed/testbed.ts'
import { ownPart } from './own-part.ts'

/** where the blocks of controls begin on a coordination point: behind any label or partition table */
const controlStart = 1024 * 1024
/** nodes have the numbers 0 to 31; observers follow */
const firstObserver = 32

/** Bytes of the data disk that belong to one node: its records, and a block before them that holds none. */
export const regionBytesOf = ({ stack }: Pick<Testbed, 'stack'>): number =>
  (ownPart(stack).ledger.records + 1) * tryBytes

/**
 * The block of the data disk on which a host tries to write: the first one of a region of the ledger, which holds no record.
 * A node has that of its own region, the first observer that of the region behind those of all nodes. Undefined for any other
 * host: it has none.
 * @returns bytes from the start of the disk
 */
export function tryBlockOf(testbed: Testbed, host: string): number | undefined {
  const nodes = nodesOf(testbed)
  const own = nodes.find(({ name }) => name === host)
  if (own) return own.node.id * regionBytesOf(testbed)
  if (hostsWithRole(testbed, 'observer')[0]?.name !== host) return undefined
  return (1 + Math.max(...nodes.map(({ node }) => node.id))) * regionBytesOf(testbed)
}

/** The block of a coordination point on which a host shows that its try can succeed: each host has its own. */
export function controlBlockOf(testbed: Testbed, host: string): number {
  const id = nodesOf(testbed).find(({ name }) => name === host)?.node.id
  const observer = hostsWithRole(testbed, 'observer').findIndex(({ name }) => name === host)
  return controlStart + (id ?? firstObserver + Math.max(0, observer)) * tryBytes
}
