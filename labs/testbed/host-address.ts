import type { Host, Testbed } from './testbed.ts'

/** How to get onto a host by SSH, with the file's defaults already applied. */
export interface SshAddress {
  /** name or address; for a host that has only an alias, the alias */
  readonly address: string
  readonly port?: number
  readonly user?: string
  /** private key file on this computer */
  readonly key?: string
  readonly knownHosts?: string
  /** hosts to go through, the first one first */
  readonly jump?: readonly SshAddress[]
  /** Host entry of ~/.ssh/config that says what is not said here */
  readonly configAlias?: string
}
export interface HostAddress {
  readonly name: string
  readonly transport: 'ssh' | 'local'
  /** exactly for transport ssh */
  readonly ssh?: SshAddress
  readonly sudo: boolean
}

/** How the lab gets onto a host of the testbed; undefined for one it never logs into (or that is not in the file). */
export function hostAddress(testbed: Testbed, name: string): HostAddress | undefined {
  const host = Object.hasOwn(testbed.hosts, name) ? testbed.hosts[name] : undefined
  if (host === undefined || host.transport === 'none') return undefined
  if (host.transport === 'local') return { name, transport: 'local', sudo: host.sudo }
  return { name, transport: 'ssh', ssh: sshAddress(testbed, host), sudo: host.sudo }
}

/** All hosts that the lab logs into, in the order of the file. */
export function hostAddresses(testbed: Testbed): HostAddress[] {
  return Object.keys(testbed.hosts).flatMap((name) => hostAddress(testbed, name) ?? [])
}

function sshAddress(testbed: Testbed, host: Host): SshAddress {
  const hops = jumpNames(testbed, host).map((name) => direct(testbed, testbed.hosts[name]))
  const own = direct(testbed, host)
  return hops.length === 0 ? own : { ...own, jump: hops }
}

/** Without its jump hosts. An alias stands for a whole entry of ~/.ssh/config: our defaults do not cut into it. */
function direct(testbed: Testbed, host: Host | undefined): SshAddress {
  const { alias, address, user, port, key, knownHosts } = host?.ssh ?? {}
  const own = {
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port }),
    ...(key === undefined ? {} : { key }),
    ...(knownHosts === undefined ? {} : { knownHosts }),
  }
  if (alias === undefined) return { ...testbed.ssh, ...own, address: address ?? '' }
  return { ...own, address: address ?? alias, configAlias: alias }
}

/** The names of the hosts to go through, the first one first. Ends in a circle, too (readTestbed refuses those). */
export function jumpNames(testbed: Testbed, host: Host): string[] {
  const names: string[] = []
  let next = host.ssh?.jump
  while (next !== undefined && !names.includes(next)) {
    names.unshift(next)
    next = Object.hasOwn(testbed.hosts, next) ? testbed.hosts[next]?.ssh?.jump : undefined
  }
  return names
}
