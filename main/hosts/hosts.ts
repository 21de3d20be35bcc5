/** From the addresses in a testbed to transports. */
import { homedir, userInfo } from 'node:os'
import { join } from 'node:path'
import { type ConfigPlace, type ConfiguredHost, readSshConfig } from '../ssh/ssh-config-file.ts'
import type { SshTarget, SshTimes } from '../ssh/ssh-target.ts'
import { type SshTransport, sshTransport } from '../ssh/ssh-transport.ts'
import { HostError } from '../transport/host-error.ts'
import { localTransport } from './local-transport.ts'
import type { Transport } from '../transport/transport.ts'

export interface HostAddress {
  readonly name: string
  readonly transport: 'ssh' | 'local'
  readonly ssh?: SshAddress
  /** root is had through `sudo -n` there; without it the login is taken to be enough */
  readonly sudo?: boolean
}

/** Where and how to log in. What is not said comes from `configAlias`, then from ssh's own defaults. */
export interface SshAddress {
  readonly address?: string
  readonly port?: number
  readonly user?: string
  /** a private key file */
  readonly key?: string
  /** the only file to be asked for the host's key */
  readonly knownHosts?: string
  /** hosts to go through, the one nearest to us first */
  readonly jump?: readonly SshAddress[]
  /** a host in the user's ssh configuration */
  readonly configAlias?: string
}

export interface Hosts {
  readonly all: ReadonlyMap<string, Transport>
  /** @throws {HostError} `configuration` for a name that is no host of the testbed */
  get(name: string): Transport
  /** Closes all, then the jump hosts they went through. */
  close(): Promise<void>
}

export interface HostsOptions {
  readonly times?: Partial<SshTimes>
  readonly config?: ConfigPlace
}

/** A target and the way to it: each hop is reached through the one before. */
export interface Route {
  readonly target: SshTarget
  readonly through: readonly SshTarget[]
}

/** deeper means that hops lead in a circle */
const maximumHops = 8

/**
 * Opens a transport to every host; each starts connecting at once. Hosts behind the same jump host share its connection.
 *
 * @throws {HostError} `configuration` for what cannot be used, before anything is opened
 */
export function openHosts(addresses: readonly HostAddress[], { times = {}, config = {} }: HostsOptions = {}): Hosts {
  const plans = addresses.map((address) => ({
    address,
    route: address.transport === 'ssh' ? routeTo(address.name, address.ssh ?? {}, config) : undefined,
  }))
  const twice = addresses.find((one, index) => addresses.findIndex((other) => other.name === one.name) < index)
  if (twice) throw new HostError('configuration', twice.name, 'there are two hosts of this name in the testbed')

  const jumps = new Map<string, SshTransport>()
  /** The transport of the last hop, made when it is first needed. */
  const jumpTo = (hops: readonly SshTarget[]): SshTransport | undefined => {
    const target = hops.at(-1)
    if (!target) return undefined
    const key = JSON.stringify(hops)
    const present = jumps.get(key)
    if (present) return present
    const before = jumpTo(hops.slice(0, -1))
    const made = sshTransport({ target, times, ...(before && { dial: before.dial }) })
    jumps.set(key, made)
    return made
  }

  const all = new Map<string, Transport>()
  for (const { address, route } of plans) {
    const { name, sudo = false } = address
    if (!route) {
      all.set(name, localTransport({ name, sudo }))
      continue
    }
    const jump = jumpTo(route.through)
    all.set(name, sshTransport({ target: route.target, sudo, times, ...(jump && { dial: jump.dial }) }))
  }
  return {
    all,
    get(name) {
      const found = all.get(name)
      if (found) return found
      throw new HostError('configuration', name, `is no host of the testbed; it has ${[...all.keys()].join(', ')}`)
    },
    async close() {
      await Promise.all([...all.values()].map((transport) => transport.close()))
      // the last hop was made last
      for (const jump of [...jumps.values()].reverse()) await jump.close()
    },
  }
}

/** Resolves an address with the ssh configuration, jump hosts included. Opens nothing. */
export function routeTo(name: string, ssh: SshAddress, config: ConfigPlace = {}, depth = 0): Route {
  if (depth > maximumHops) {
    throw new HostError('configuration', name, `its jump hosts lead in a circle (more than ${maximumHops} hops)`)
  }
  const configured = ssh.configAlias === undefined ? undefined : readSshConfig(ssh.configAlias, config)
  const target = targetOf(name, ssh, configured, config)
  const hops: readonly SshAddress[] =
    ssh.jump ??
    (configured?.jump ?? []).map(({ host, port, user }) => ({
      configAlias: host,
      ...(port !== undefined && { port }),
      ...(user !== undefined && { user }),
    }))
  const through: SshTarget[] = []
  for (const [index, hop] of hops.entries()) {
    const hopName = hop.configAlias ?? hop.address ?? `${name}'s jump host ${index + 1}`
    // `Host *` with a ProxyJump speaks of the jump host too, which is not to be reached through itself
    const itself = targetOf(
      hopName,
      hop,
      hop.configAlias === undefined ? undefined : readSshConfig(hop.configAlias, config),
      config,
    )
    if (itself.address === target.address && itself.port === target.port) continue
    // only the first hop goes its own way: the next ones are reached through the one before
    const route = routeTo(hopName, index === 0 ? hop : { ...hop, jump: [] }, config, depth + 1)
    through.push(...route.through, route.target)
  }
  return { target, through }
}

function targetOf(
  name: string,
  ssh: SshAddress,
  configured: ConfiguredHost | undefined,
  { home = homedir(), environment = process.env }: ConfigPlace,
): SshTarget {
  const address = ssh.address ?? configured?.address
  if (address === undefined) {
    throw new HostError('configuration', name, 'has neither an address nor a configAlias; give one in the testbed')
  }
  const expand = (path: string) => path.replace(/^~(?=\/|$)/, home)
  const keys =
    ssh.key !== undefined
      ? [{ path: expand(ssh.key), required: true }]
      : (configured?.noKeys || configured?.keys.length
          ? configured.keys
          : ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((file) => join(home, '.ssh', file))
        ).map((path) => ({ path, required: false }))
  const agent = configured?.agent === undefined ? defaultAgent(environment) : (configured.agent ?? undefined)
  return {
    name,
    address,
    port: ssh.port ?? configured?.port ?? 22,
    user: ssh.user ?? configured?.user ?? userInfo().username,
    keys,
    ...(agent !== undefined && { agent }),
    onlyTheseKeys: configured?.onlyTheseKeys ?? false,
    knownHosts:
      ssh.knownHosts !== undefined
        ? [expand(ssh.knownHosts)]
        : [...(configured?.knownHosts ?? [join(home, '.ssh', 'known_hosts')]), '/etc/ssh/ssh_known_hosts'],
    ...(configured?.hostKeyAlias !== undefined && { hostKeyAlias: configured.hostKeyAlias }),
  }
}

function defaultAgent(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const socket = environment['SSH_AUTH_SOCK']
  if (socket) return socket
  // the agent that comes with Windows
  return process.platform === 'win32' ? '\\\\.\\pipe\\openssh-ssh-agent' : undefined
}
