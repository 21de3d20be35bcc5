import { join } from 'node:path'
import { isMap, parseDocument } from 'yaml'
import { ContractError } from '../../preload/contract/contract-error.ts'
import type { SshHost } from '../../preload/contract/testbeds.ts'
import { configuredNames } from '../ssh/ssh-config-reader.ts'
import { readSshConfig } from '../ssh/ssh-config-file.ts'

/** The names in ~/.ssh/config that stand for one host each, as ssh would reach them. Patterns are no hosts. */
export function listSshHosts(home: string): { readonly file: string; readonly hosts: readonly SshHost[] } {
  const file = join(home, '.ssh', 'config')
  return { file, hosts: aliases(file, home).map((alias) => describe(alias, file, home)) }
}

function describe(alias: string, file: string, home: string): SshHost {
  try {
    const { address, user, port, jump } = readSshConfig(alias, { home })
    return { alias, address, user, port, jump: jump.map(({ host }) => host) }
  } catch (error) {
    return {
      alias,
      address: '',
      user: '',
      port: 0,
      jump: [],
      error: error instanceof Error ? error.message : String(error),
    }
  }
}

/** The same files that `readSshConfig` follows. @throws ContractError `user` where they cannot be read */
function aliases(file: string, home: string): readonly string[] {
  try {
    return configuredNames({ path: file, base: join(home, '.ssh') }, home)
  } catch (error) {
    throw new ContractError('user', `${file}: ${(error as Error).message}`)
  }
}

/**
 * Puts hosts into a testbed's text, each by its alias, under a name that fits the file; comments and order of what is
 * there stay. @throws ContractError `user` where the text has no mapping to put them into
 */
export function withSshHosts(
  text: string,
  hosts: readonly { readonly alias: string; readonly role: string }[],
): string {
  const document = parseDocument(text)
  if (document.errors.length > 0) throw new ContractError('user', 'the file has errors in its YAML: correct them first')
  if (document.contents !== null && !isMap(document.contents)) throw new ContractError('user', 'the file is no mapping')
  const present = document.get('hosts')
  if (present !== undefined && present !== null && !isMap(present))
    throw new ContractError('user', '"hosts" is no mapping')
  for (const { alias, role } of hosts) {
    const name = freeName(alias, (one) => document.hasIn(['hosts', one]))
    document.setIn(['hosts', name, 'role'], role)
    const ssh = document.createNode({ alias })
    ssh.flow = true
    document.setIn(['hosts', name, 'ssh'], ssh)
  }
  return document.toString({ lineWidth: 0 })
}

/** Names of hosts begin with a letter and have no dots. */
function freeName(alias: string, taken: (name: string) => boolean): string {
  const plain = alias.replace(/[^A-Za-z0-9_-]/g, '-').replace(/^[^A-Za-z]+/, '') || 'host'
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? plain : `${plain}-${number}`
    if (!taken(name)) return name
  }
}
