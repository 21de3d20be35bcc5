import { realpathSync } from 'node:fs'
import { hostAddresses } from '../../labs/testbed/host-address.ts'
import type { LoadedTestbed } from '../load-testbed.ts'

/**
 * What a lab consists of that only one program may change at a time. Two testbed files are the same lab where they share
 * one of these, whatever the files are called.
 *
 * A virtual lab is its directory. A rack is its LUNs (by WWID), and its nodes and arrays (by address: faults switch them
 * off). Hypervisors and observers may serve several racks at once.
 */
export function labKeys({ testbed, directory }: Pick<LoadedTestbed, 'testbed' | 'directory'>): readonly string[] {
  if (testbed.virtual) return [`lab ${real(directory)}`]
  const hosts = hostAddresses(testbed).flatMap(({ name, ssh }) => {
    const role = testbed.hosts[name]?.role ?? []
    if (ssh === undefined || !(role.includes('node') || role.includes('array'))) return []
    const { address, port, jump = [] } = ssh
    // behind a jump host the same private address may be another machine
    return [
      `host ${[...jump, { address, port }].map((hop) => `${hop.address.toLowerCase()}:${hop.port ?? 22}`).join(' ')}`,
    ]
  })
  return [...Object.values(testbed.luns).map(({ wwid }) => `lun ${wwid}`), ...hosts]
}

/** The same directory under another name is the same lab; one that is not there yet has no other name. */
function real(directory: string): string {
  try {
    return realpathSync(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return directory
    throw error
  }
}
