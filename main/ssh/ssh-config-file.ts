/** What the user's ~/.ssh/config says of a host (ssh_config(5)), as far as it matters for connecting. */
import { createHash } from 'node:crypto'
import { homedir, hostname, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { didYouMean } from '../../labs/testbed/did-you-mean.ts'
import { HostError } from '../transport/host-error.ts'
import { evaluateMatch } from './match-criteria.ts'
import { matchPattern } from './match-pattern.ts'
import { includedFiles, maximumDepth, readConfigLines } from './ssh-config-reader.ts'
import type { ConfigLine } from './ssh-config-lines.ts'

export interface ConfiguredHost {
  readonly address: string
  readonly port: number
  readonly user: string
  /** IdentityFile, in order; empty where none is configured */
  readonly keys: readonly string[]
  /** `IdentityFile none`: not even the default key files are offered */
  readonly noKeys?: true
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
  /** the system's file, read after it; absent: /etc/ssh/ssh_config where `file` and `home` are the user's own */
  readonly system?: string
  readonly home?: string
  readonly environment?: Readonly<Record<string, string | undefined>>
}

/**
 * Reads what `alias` stands for, as `ssh -G alias` would say it: the first value of a keyword counts, Include is
 * followed wherever it stands, Host and Match are evaluated. What would need a command to be run or the network to be
 * asked (`Match exec`, `Match localnetwork`, CanonicalizeHostname) is refused where it decides about something that is
 * read here. StrictHostKeyChecking is not read at all: unknown host keys are refused whatever it says.
 *
 * @throws {HostError} `configuration` for what cannot be evaluated, ProxyCommand, a wrong port or hop, a wrong line
 */
export function readSshConfig(alias: string, place: ConfigPlace = {}): ConfiguredHost {
  const home = place.home ?? homedir()
  const file = place.file ?? join(home, '.ssh', 'config')
  const environment = place.environment ?? process.env
  const fail = (message: string, where = file) => new HostError('configuration', alias, `${where}: ${message}`)
  const said = evaluate(alias, { ...place, home, file, environment }, fail)
  const one = (keyword: string) => said.values.get(keyword)?.words[0]
  const localUser = userInfo().username
  const { user, address } = said
  const port = portOf(one('port') ?? '22')
  if (port === undefined) throw fail(`Port ${one('port')} of ${alias} is no port number`)
  if (/^(yes|always)$/i.test(one('canonicalizehostname') ?? '')) {
    throw fail(`CanonicalizeHostname is not supported for ${alias}: write its full name in HostName, and set it to no`)
  }
  const proxyCommand = said.values.get('proxycommand')?.rest.trim()
  if (proxyCommand !== undefined && proxyCommand.toLowerCase() !== 'none') {
    throw fail(`ProxyCommand of ${alias} is not supported; say the same with ProxyJump`)
  }
  const jumpText = said.values.get('proxyjump')?.words.join(' ')
  const hostKeyAlias = one('hostkeyalias')

  /** Tokens, ~ and ${VARIABLES} of file names (ssh_config(5), TOKENS). */
  const path = (text: string): string => {
    const tokens: Record<string, string> = {
      ...commonTokens({ home, alias, localUser }),
      h: address,
      p: String(port),
      r: user,
      j: jumpText ?? '',
      k: hostKeyAlias ?? alias,
      C: createHash('sha1')
        .update(`${hostname()}${address}${port}${user}${jumpText ?? ''}`)
        .digest('hex'),
    }
    return expanded(text, tokens, environment, (what) => fail(`${what} in ${text} is not known`)).replace(
      /^~(?=\/|$)/,
      home,
    )
  }
  const agentWord = one('identityagent')
  const knownHosts = said.values.get('userknownhostsfile')?.words
  const keys = said.identityFiles.filter((key) => key.toLowerCase() !== 'none')
  return {
    address,
    port,
    user,
    keys: keys.map(path),
    ...(keys.length < said.identityFiles.length && keys.length === 0 && { noKeys: true as const }),
    ...(agentWord !== undefined && { agent: agentOf(agentWord, environment, path) }),
    onlyTheseKeys: one('identitiesonly')?.toLowerCase() === 'yes',
    ...(knownHosts && { knownHosts: knownHosts.filter((text) => text.toLowerCase() !== 'none').map(path) }),
    ...(hostKeyAlias !== undefined && { hostKeyAlias: hostKeyAlias.toLowerCase() }),
    jump: hops(jumpText, (text) => fail(`ProxyJump of ${alias}: '${text}' is not [user@]host[:port]`)),
  }
}

/** Keywords that are read, of which the first value counts. */
const readKeywords = new Set([
  'hostname',
  'port',
  'user',
  'identityagent',
  'identitiesonly',
  'userknownhostsfile',
  'hostkeyalias',
  'proxyjump',
  'proxycommand',
  'canonicalizehostname',
  'tag',
])

interface Said {
  readonly address: string
  readonly user: string
  readonly values: ReadonlyMap<string, ConfigLine>
  /** IdentityFile, every one that was said, in order */
  readonly identityFiles: readonly string[]
}

/** Does what follows apply? `unknown` says which Match line leaves that open. */
type Applies = 'yes' | 'no' | { readonly unknown: string }

/** Goes through the files as ssh does (OpenSSH readconf.c), a second time where `Match final` asks for it. */
function evaluate(
  alias: string,
  place: ConfigPlace & { readonly home: string; readonly file: string; readonly environment: Environment },
  fail: (message: string, where?: string) => HostError,
): Said {
  const { home, file, environment } = place
  const localUser = userInfo().username
  const values = new Map<string, ConfigLine>()
  const identityFiles: string[] = []
  let wantsFinal = false

  /** the address after the first pass: the second one finds HostName set (ssh.c) */
  let settled: string | undefined
  const named = (text = values.get('hostname')?.words[0]) =>
    text === undefined
      ? alias
      : text.replaceAll(/%(.?)/g, (all, token) => {
          if (token !== 'h' && token !== '%') throw fail(`${all} in HostName ${text} of ${alias} is not known`)
          return token === 'h' ? alias : '%'
        })
  const host = () => settled ?? named()
  const subject = (final: boolean) => ({
    host: host(),
    originalHost: alias,
    user: values.get('user')?.words[0] ?? localUser,
    localUser,
    tag: values.get('tag')?.words[0] ?? '',
    final,
  })

  function take(line: ConfigLine, applies: Applies): void {
    const { keyword, words } = line
    const meant = mistyped(keyword)
    if (meant !== undefined) {
      throw fail(`line ${line.number}: ssh knows no keyword ${keyword}; did you mean "${meant}"?`, line.file)
    }
    if (applies === 'no' || (keyword !== 'identityfile' && !readKeywords.has(keyword))) return
    // of ProxyJump and ProxyCommand the first one counts
    const rival = { proxyjump: 'proxycommand', proxycommand: 'proxyjump' }[keyword]
    if (keyword === 'hostname' && settled !== undefined) return
    if (values.has(keyword) || (rival !== undefined && values.has(rival))) return
    const at = `line ${line.number}`
    if (applies !== 'yes') {
      const advice = 'fencelab runs nothing and asks nobody to find out; say it under Host'
      throw fail(`${at}: whether ${keyword} applies to ${alias} depends on '${applies.unknown}': ${advice}`, line.file)
    }
    if (words[0] === undefined || words[0] === '') throw fail(`${at}: ${keyword} without a value`, line.file)
    if (keyword !== 'identityfile') values.set(keyword, line)
    else if (!identityFiles.includes(words[0])) identityFiles.push(words[0])
  }

  /** @param applies what the line before the Include left; a file that is included where nothing applies never does */
  function read(path: string, base: string, final: boolean, applies: Applies, depth: number): void {
    if (depth > maximumDepth) throw fail(`Include goes deeper than ${maximumDepth} files`)
    const outer = applies
    const within = <T>(line: ConfigLine | undefined, look: () => T): T => {
      try {
        return look()
      } catch (error) {
        if (error instanceof HostError) throw error
        throw fail(`${line ? `line ${line.number}: ` : ''}${(error as Error).message}`, path)
      }
    }
    /** Under an Include whose own block may not apply, nothing applies for certain. */
    const bounded = (matches: Applies): Applies =>
      outer === 'no' || matches === 'no' ? 'no' : outer === 'yes' ? matches : outer
    let now: Applies = applies
    for (const line of within(undefined, () => readConfigLines(path))) {
      if (line.keyword === 'host') now = bounded(within(line, () => hostApplies(alias, line, final ? host() : alias)))
      else if (line.keyword === 'match') {
        const { matches, wantsFinal: wanted } = within(line, () => evaluateMatch(line.words, subject(final)))
        wantsFinal ||= wanted
        now = bounded(matches === 'unknown' ? { unknown: `Match ${line.rest.trim()}` } : matches)
      } else if (line.keyword === 'include') {
        if (line.words.length === 0) throw fail(`line ${line.number}: Include without a file`, path)
        const tokens = { ...commonTokens({ home, alias, localUser }), h: host(), r: subject(final).user }
        const expand = (text: string) =>
          expanded(text, tokens, environment, (what) => new Error(`${what} in Include ${text} is not known`))
        for (const included of within(line, () => includedFiles(line.words, base, home, expand))) {
          read(included, base, final, now, depth + 1)
        }
      } else take(line, now)
    }
  }

  const systemFile =
    place.system ?? (place.file === undefined && home === homedir() ? '/etc/ssh/ssh_config' : undefined)
  for (const final of [false, true]) {
    if (final && !wantsFinal) break
    if (final) settled = host()
    read(file, join(home, '.ssh'), final, 'yes', 0)
    if (systemFile !== undefined) read(systemFile, dirname(systemFile), final, 'yes', 0)
  }
  return { address: host(), user: subject(true).user, values, identityFiles }
}

/** Keywords of ssh that are not read here and look like one that is. */
const others = new Set([
  'bindaddress',
  'canonicaldomains',
  'canonicalizefallbacklocal',
  'canonicalizemaxdots',
  'canonicalizepermittedcnames',
  'certificatefile',
  'globalknownhostsfile',
  'hostkeyalgorithms',
  'knownhostscommand',
  'localcommand',
  'permitlocalcommand',
  'proxyusefdpass',
  'remotecommand',
  'requesttty',
  'sendenv',
  'setenv',
])

/** ssh refuses a keyword that it does not know; one that is likely mistyped must not be passed over. */
function mistyped(keyword: string): string | undefined {
  const known = [...readKeywords, 'identityfile', 'host', 'match', 'include']
  if (known.includes(keyword) || others.has(keyword)) return undefined
  const near = didYouMean(keyword, known)
  return near !== undefined && Math.abs(near.length - keyword.length) <= 2 ? near : undefined
}

/** One pattern must match, and none that is negated (ssh_config(5), Host). */
function hostApplies(alias: string, { words }: ConfigLine, name: string): Applies {
  if (words.length === 0) throw new SyntaxError(`Host without a pattern, when asked for ${alias}`)
  let applies: Applies = 'no'
  for (const word of words) {
    const negated = word.startsWith('!')
    if (!matchPattern(name, negated ? word.slice(1) : word)) continue
    if (negated) return 'no'
    applies = 'yes'
  }
  return applies
}

type Environment = Readonly<Record<string, string | undefined>>

const commonTokens = (known: { readonly home: string; readonly alias: string; readonly localUser: string }) => ({
  '%': '%',
  d: known.home,
  i: String(userInfo().uid),
  L: hostname().replace(/\..*$/, ''),
  l: hostname(),
  n: known.alias,
  u: known.localUser,
})

/** @throws what `unknown` makes of a token or a variable that has no value */
function expanded(
  text: string,
  tokens: Readonly<Record<string, string>>,
  environment: Environment,
  unknown: (what: string) => Error,
): string {
  return text
    .replaceAll(/\$\{(\w+)\}/g, (all, name: string) => {
      const value = environment[name]
      if (value === undefined) throw unknown(all)
      return value
    })
    .replaceAll(/%(.?)/g, (all, token: string) => {
      const value = tokens[token]
      if (value === undefined) throw unknown(all)
      return value
    })
}

function agentOf(word: string, environment: Environment, path: (text: string) => string): string | null {
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
  const match = /^(?:ssh:\/\/)?(?:(.+)@)?(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d+))?$/.exec(text)
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
