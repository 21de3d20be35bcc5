import * as v from 'valibot'
import { address, ipAddress, networkInterface, port } from './address.ts'
import { argumentList, fields, freeText, name, named, oneOrMany, textLike, whole, word, yesOrNo } from './fields.ts'
import { outlets } from './outlet.ts'
import type { PathSchemas } from './places.ts'

/**
 * What a host is to the lab. `node`: cluster member, faults hit it. `observer`: only looks (reads key tables through
 * its own nexus). `array`: storage. `hypervisor`: runs the virtual machines of nodes. `switch`: carries private links.
 * `jump`: the way to other hosts.
 */
export const roles = ['node', 'observer', 'array', 'hypervisor', 'switch', 'jump'] as const
/**
 * How the lab gets onto a host. `local`: it is this computer. `none`: not at all; the host is only named, for its LUNs
 * and power outlets (most real arrays).
 */
export const transports = ['ssh', 'local', 'none'] as const

const account = textLike(/^[^\s-]\S*$/, 'a user name')
/** A user before it would become a part of the name: ssh splits them, and no Host entry is called so. */
const alias = textLike(
  /^[^\s-][^\s*?!@]*$/,
  'the name of a Host entry in ~/.ssh/config (a login name stands beside it, as user)',
)

/** Set for all hosts at once; what a host says itself goes before it. Not applied to a host that has an `alias`. */
export function sshDefaultsSchema(path: PathSchemas) {
  return fields({
    /** login name; absent: the name of whoever runs the lab */
    user: v.exactOptional(account),
    /** absent: 22 */
    port: v.exactOptional(port),
    /** file with the private key, on this computer; absent: the ssh-agent. Never the key's text */
    key: v.exactOptional(path.here),
    /** known_hosts file to verify host keys against, on this computer; absent: ~/.ssh/known_hosts and the system's */
    knownHosts: v.exactOptional(path.here),
  })
}

function sshSchema(path: PathSchemas) {
  return fields({
    ...sshDefaultsSchema(path).entries,
    /** name or address to connect to; needed unless there is an `alias` */
    address: v.exactOptional(address),
    /** another host of this file to go through (which may itself have a `jump`) */
    jump: v.exactOptional(name),
    /** take everything not said here from this Host entry of ~/.ssh/config */
    alias: v.exactOptional(alias),
  })
}

/**
 * Where the kernel's last words can be read. A panic never reaches the node's own log, so this is one of the two
 * witnesses of a panic. Both forms are read on `host`, which must not be the node itself.
 */
function consoleSchema(path: PathSchemas) {
  const host = name
  /** a file that grows with what the serial console prints (a virtual machine's `-serial file:`) */
  const file = fields({ host, file: path.there })
  /** a command that prints the console and does not end: `ipmitool … sol activate`, conserver's `console -s` */
  const command = fields({ host, command: argumentList })
  return v.pipe(
    v.lazy((input): typeof file | typeof command => (has(input, 'command') && !has(input, 'file') ? command : file)),
    v.description('a mapping with host and file, or host and command'),
  )
}

/** The virtual machine that a node is. */
function virtualMachineSchema(path: PathSchemas) {
  const common = {
    /** the host on which its process runs: faults stop it there and its state is read there */
    hypervisor: name,
    /** unix socket on which QEMU's QMP reports events (GUEST_PANICKED): the other witness of a panic */
    events: v.exactOptional(path.there),
    /** another such socket, on which the lab may pull and plug cables (`set_link`); only on the lab's own computer */
    monitor: v.exactOptional(path.there),
  }
  /** the process is found by a file with its number */
  const byPidfile = fields({ ...common, pidfile: path.there })
  /** the process is found by QEMU's `-name guest=…` (libvirt's domain name) */
  const byGuest = fields({ ...common, guest: textLike(/^[^\s,][^,]*$/, "the guest's name, without a comma") })
  return v.pipe(
    v.lazy((input): typeof byPidfile | typeof byGuest =>
      has(input, 'guest') && !has(input, 'pidfile') ? byGuest : byPidfile,
    ),
    v.description('a mapping with hypervisor, pidfile or guest, and events'),
  )
}

function nodeSchema(path: PathSchemas) {
  return v.pipe(
    fields({
      /** the number the stack knows it by (LLT allows 0 to 63): registration keys are made of it, the lowest races */
      id: whole(0, 63, 'a node number'),
      /** its end of every private link of `links` */
      links: named(
        'its end of that link (interface and address)',
        fields({
          /** network interface on the node: what a link fault takes down */
          interface: networkInterface,
          /** address on that interface, which the peers know it by */
          address: ipAddress,
          /** hardware address; libvirt knows a machine's cables by it */
          mac: v.exactOptional(
            textLike(/^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$/, 'a hardware address, like 52:54:00:12:34:56'),
          ),
        }),
      ),
      /** outlets that feed it, all of its power supplies: power faults switch all of them */
      outlets: v.optional(outlets, []),
      console: v.exactOptional(consoleSchema(path)),
      vm: v.exactOptional(virtualMachineSchema(path)),
    }),
    v.description('a mapping with id, links, and what else is known of the node'),
  )
}

const arraySchema = fields({
  /** outlets that feed it */
  outlets: v.optional(outlets, []),
  /** how the array itself can be asked for its reservations, a witness independent of the initiators: LIO's configfs */
  view: v.optional(word(['lio', 'none']), 'none'),
})

/** One host of the testbed. What must hold between its parts is checked in check-hosts.ts. */
export function hostSchema(path: PathSchemas) {
  return v.pipe(
    fields({
      /** one word or a list, for one machine may be several things; a list when read */
      role: oneOrMany(word(roles)),
      transport: v.optional(word(transports), 'ssh'),
      /** only for transport ssh */
      ssh: v.exactOptional(sshSchema(path)),
      /** run commands through `sudo -n` (the login is not root) */
      sudo: v.optional(yesOrNo, false),
      /** address on the storage network: by it an array closes its port to a node */
      address: v.exactOptional(address),
      /** free words for people */
      description: v.exactOptional(freeText),
      /** exactly for role node */
      node: v.exactOptional(nodeSchema(path)),
      /** only for role array */
      array: v.exactOptional(arraySchema),
    }),
    v.description('a mapping with role, ssh, …'),
  )
}

function has(input: unknown, key: string): boolean {
  return typeof input === 'object' && input !== null && Object.hasOwn(input, key)
}
