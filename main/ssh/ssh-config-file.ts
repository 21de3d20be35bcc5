/** What the user's ~/.ssh/config says of a host (ssh_config(5)), as far as it matters for connecting. */
import { readFileSync, readdirSync } from 'node:fs'
import { homedir, userInfo } from 'node:os'
import { basename, dirname, isAbsolute, join } from 'node:path'
import SSHConfig from 'ssh-config'
import { HostError } from '../hosts/host-error.ts'

export interface ConfiguredHost {
  readonly address: string
  readonly port: number
  readonly user: string
  /** IdentityFile, in order; empty where none is configured */
  readonly keys: readonly string[]
  /** IdentityAgent: a socket; null for `none`; undefined where nothing is said */
  readonly agent?: string | null
  readonly onlyTheseKeys: boolean
  /** UserKnownHostsFile; undefined where nothing is said */
  readonly knownHosts?: readonly string[]
  readonly hostKeyAlias?: string
  /** ProxyJump: the hops, the one nearest to us first; each `[user@]host[:port]` with `host` possibly an alias itself */
  readonly jump: readonly Hop[]
}

export interface Hop {
  readonly host: string
  readonly port?: number
  readonly user?: string
}

export interface ConfigPlace {
  /** the configuration file; a missing one is empty */
  readonly file?: string
  readonly home?: string
  readonly environment?: Readonly<Record<string, string | undefined>>
}

/**
 * Reads what `alias` stands for. `Include` is followed; `Match exec` never matches (fencelab runs no commands from it);
 * StrictHostKeyChecking is not read at all: unknown host keys are refused whatever it says.
 *
 * @throws {HostError} `configuration` for ProxyCommand, a wrong port or hop, an Include that ssh reads differently than we can
 */
export function readSshConfig(alias: string, place: ConfigPlace = {}): ConfiguredHost {
  const home = place.home ?? homedir()
  const file = place.file ?? join(home, '.ssh', 'config')
  const environment = place.environment ?? process.env
  const fail = (message: string) => new HostError('configuration', alias, `${file}: ${message}`)
  const lines = withIncludes(file, home, fail)
  const values = new Map<string, readonly string[]>()
  // a value comes as a string, as words, or (repeatable keywords) as a list
  const computed = SSHConfig.parse(lines.join('\n')).compute(alias, { ignoreCase: true, matchExec: false })
  for (const [keyword, value] of Object.entries(computed)) values.set(keyword, [value].flat().map(String))
  const one = (keyword: string) => values.get(keyword)?.[0]

  const localUser = userInfo().username
  const user = one('user') ?? localUser
  const address = (one('hostname') ?? alias).replaceAll(/%([h%])/g, (_all, token) => (token === 'h' ? alias : '%'))
  const port = portOf(one('port') ?? '22')
  if (port === undefined) throw fail(`Port ${one('port')} of ${alias} is no port number`)
  const proxyCommand = values.get('proxycommand')?.join(' ').trim()
  if (proxyCommand !== undefined && proxyCommand.toLowerCase() !== 'none') {
    throw fail(`ProxyCommand of ${alias} is not supported; say the same with ProxyJump`)
  }

  /** Tokens, ~ and ${VARIABLES} of file names (ssh_config(5), TOKENS). */
  const path = (text: string) => {
    const tokens: Record<string, string> = {
      d: home,
      h: address,
      n: alias,
      p: String(port),
      r: user,
      u: localUser,
      '%': '%',
    }
    return text
      .replace(/^~(?=\/|$)/, home)
      .replaceAll(/\$\{(\w+)\}/g, (_all, name: string) => environment[name] ?? '')
      .replaceAll(/%(.)/g, (all, token: string) => tokens[token] ?? all)
  }
  const agentWord = one('identityagent')
  const knownHosts = values.get('userknownhostsfile')
  const alternative = one('hostkeyalias')
  return {
    address,
    port,
    user,
    keys: (values.get('identityfile') ?? []).filter((key) => key.toLowerCase() !== 'none').map(path),
    ...(agentWord !== undefined && { agent: agentOf(agentWord, environment, path) }),
    onlyTheseKeys: one('identitiesonly')?.toLowerCase() === 'yes',
    ...(knownHosts && {
      knownHosts: knownHosts
        .flatMap((text) => text.split(/\s+/))
        .filter((text) => text !== 'none')
        .map(path),
    }),
    ...(alternative !== undefined && { hostKeyAlias: alternative.toLowerCase() }),
    jump: hops(one('proxyjump'), (text) => fail(`ProxyJump of ${alias}: '${text}' is not [user@]host[:port]`)),
  }
}

function agentOf(
  word: string,
  environment: Readonly<Record<string, string | undefined>>,
  path: (text: string) => string,
): string | null {
  if (word.toLowerCase() === 'none') return null
  if (word === 'SSH_AUTH_SOCK') return environment['SSH_AUTH_SOCK'] ?? null
  if (/^\$\w+$/.test(word)) return environment[word.slice(1)] ?? null
  return path(word)
}

function hops(text: string | undefined, wrong: (hop: string) => Error): readonly Hop[] {
  if (text === undefined || text.toLowerCase() === 'none') return []
  return text.split(',').map((word) => {
    const hop = parseHop(word.trim())
    if (!hop) throw wrong(word)
    return hop
  })
}

/** `[user@]host[:port]` or `ssh://[user@]host[:port]`, an IPv6 address in brackets. */
export function parseHop(text: string): Hop | undefined {
  const match = /^(?:ssh:\/\/)?(?:([^@]+)@)?(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d+))?$/.exec(text)
  const host = match?.[2] ?? match?.[3]
  if (!match || host === undefined) return undefined
  const port = match[4] === undefined ? undefined : portOf(match[4])
  if (match[4] !== undefined && port === undefined) return undefined
  return { host, ...(port !== undefined && { port }), ...(match[1] !== undefined && { user: match[1] }) }
}

function portOf(text: string): number | undefined {
  const port = Number(text)
  return Number.isInteger(port) && port > 0 && port < 65536 ? port : undefined
}

/** deepest Include that ssh follows (readconf.c, READCONF_MAX_DEPTH) */
const maximumDepth = 16

/**
 * The file's lines with every Include put in. After an included file its own Host lines must not go on applying, so the
 * Host or Match line before the Include is said again.
 */
function withIncludes(file: string, home: string, fail: (message: string) => Error, depth = 0): string[] {
  if (depth > maximumDepth) throw fail(`Include goes deeper than ${maximumDepth} files`)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw fail(`cannot be read: ${(error as Error).message}`)
  }
  let section = 'Host *'
  return text.split('\n').flatMap((line) => {
    if (/^\s*(host|match)[\s=]/i.test(line)) section = line
    const include = /^\s*include[\s=]+(.*)$/i.exec(line)
    if (!include) return [line]
    const included = (include[1] ?? '')
      .split(/\s+/)
      .map((word) => word.replace(/^"(.*)"$/, '$1').replace(/^~(?=\/|$)/, home))
      .filter((word) => word !== '')
      .flatMap((word) => matchingFiles(isAbsolute(word) ? word : join(home, '.ssh', word)))
      .flatMap((path) => withIncludes(path, home, fail, depth + 1))
    if (section !== 'Host *' && included.some((one) => /^\s*(host|match)[\s=]/i.test(one))) {
      throw fail(
        `an Include under '${section.trim()}' brings Host or Match lines of its own; move the Include to the top`,
      )
    }
    return [...included, section]
  })
}

/** Wildcards are understood in the last part of the path, where configurations have them (`conf.d/*.conf`). */
function matchingFiles(pattern: string): readonly string[] {
  const last = basename(pattern)
  if (!/[*?]/.test(last)) return [pattern]
  const source = last
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  const expression = new RegExp(`^${source}$`)
  const directory = dirname(pattern)
  let names: string[]
  try {
    names = readdirSync(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  return names
    .filter((name) => expression.test(name) && !name.startsWith('.'))
    .sort()
    .map((name) => join(directory, name))
}
