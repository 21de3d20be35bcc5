import { oneOf } from './did-you-mean.ts'
import { errorAt, repeated, warningAt, type Finding } from './finding.ts'
import { jumpNames } from './host-address.ts'
import { hostsWithRole, type NamedHost } from './parts.ts'
import type { Host, Testbed } from './testbed.ts'

/** What must hold between the parts of a host and between hosts: the way onto them. */
export function checkHosts(testbed: Testbed): Finding[] {
  const hosts = Object.entries(testbed.hosts).map(([name, host]) => ({ name, host }))
  const findings = hosts.flatMap((entry) => [
    ...parts(entry),
    ...login(entry),
    ...jump(testbed, entry),
    ...nodeOnlyOverItself(testbed, entry),
  ])
  const twice = repeated(
    hosts,
    ({ host }) => loginKey(testbed, host),
    ({ name }, first) =>
      errorAt(
        ['hosts', name],
        `this is the same login as ${first.name}`,
        'every machine once, with a list of its roles',
      ),
  )
  const observers = hostsWithRole(testbed, 'observer').length
  const unseen = warningAt(
    ['hosts'],
    'no host has the role observer',
    'one that looks at the LUNs and is not hit by faults',
  )
  return [...findings, ...twice, ...(observers === 0 ? [unseen] : [])]
}

function parts({ name, host }: NamedHost): Finding[] {
  const path = ['hosts', name]
  const findings: Finding[] = []
  const has = (role: Host['role'][number]) => host.role.includes(role)
  if (has('node') && !host.node)
    findings.push(errorAt([...path, 'node'], 'is missing', 'id and links, for the role is node'))
  if (!has('node') && host.node) {
    findings.push(errorAt([...path, 'node'], 'stands at a host that is no node', 'role: node, or no such key'))
  }
  if (!has('array') && host.array) {
    findings.push(errorAt([...path, 'array'], 'stands at a host that is no array', 'role: array, or no such key'))
  }
  if (has('node') && (has('hypervisor') || has('observer') || has('jump'))) {
    // The fault would take down what is to see it.
    findings.push(
      errorAt([...path, 'role'], 'a node has a second role that faults would take down with it', 'node alone'),
    )
  }
  if (new Set(host.role).size < host.role.length) {
    findings.push(errorAt([...path, 'role'], 'a role stands here twice', 'every role once'))
  }
  if (host.transport !== 'none') return findings
  const idle = host.role.every((role) => role === 'array' || role === 'switch')
  if (!idle)
    findings.push(errorAt([...path, 'transport'], `none, but as ${host.role.join(', ')} it must be reached`, 'ssh'))
  if (host.array?.view === 'lio') {
    findings.push(errorAt([...path, 'array', 'view'], 'lio is asked over a login, and transport is none', 'none'))
  }
  return findings
}

function login({ name, host }: NamedHost): Finding[] {
  const path = ['hosts', name, 'ssh']
  if (host.transport !== 'ssh') {
    return host.ssh
      ? [errorAt(path, `stands at a host with transport ${host.transport}`, 'transport: ssh, or no such key')]
      : []
  }
  if (host.ssh?.address === undefined && host.ssh?.alias === undefined) {
    return [
      errorAt(path, 'says neither address nor alias', 'ssh: {address: …}, or alias: a Host entry of ~/.ssh/config'),
    ]
  }
  return []
}

function jump(testbed: Testbed, { name, host }: NamedHost): Finding[] {
  const target = host.ssh?.jump
  if (target === undefined) return []
  const path = ['hosts', name, 'ssh', 'jump']
  const others = Object.keys(testbed.hosts).filter(
    (other) => other !== name && testbed.hosts[other]?.transport === 'ssh',
  )
  if (!others.includes(target))
    return [errorAt(path, `"${target}" is no other host with transport ssh`, oneOf(others, target))]
  if (jumpNames(testbed, host).includes(name))
    return [errorAt(path, 'leads in a circle', 'a way that ends at a host without jump')]
  if (testbed.hosts[target]?.role.includes('node')) {
    return [errorAt(path, `"${target}" is a node: its faults would cut the lab off`, 'a host that no fault hits')]
  }
  return []
}

function nodeOnlyOverItself(testbed: Testbed, { name, host }: NamedHost): Finding[] {
  const overLink = Object.entries(host.node?.links ?? {}).find(([, end]) => end.address === host.ssh?.address)
  if (overLink === undefined) return []
  const path = ['hosts', name, 'ssh', 'address']
  return [
    warningAt(
      path,
      `SSH goes over ${overLink[0]}: cutting that link cuts the lab off`,
      'an address on a management network',
    ),
  ]
}

/** Two hosts with the same one are one machine. Behind different jump hosts the same address may be two. */
function loginKey(testbed: Testbed, host: Host): string | undefined {
  if (host.transport === 'local') return 'local'
  if (host.transport === 'none' || !host.ssh) return undefined
  const { address, alias, port = alias === undefined ? testbed.ssh.port : undefined, jump } = host.ssh
  if (address === undefined) return alias === undefined ? undefined : `alias ${alias}`
  return JSON.stringify([address.toLowerCase(), port ?? (alias === undefined ? 22 : null), jump ?? null])
}
