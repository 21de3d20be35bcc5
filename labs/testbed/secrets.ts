import type { Path, YamlEntry } from './yaml-source.ts'

/**
 * Secrets do not belong into a testbed file: the whole file is copied into every recording, and recordings are handed
 * on. Found are keys that are named like a secret, private keys, URLs with a password, and options of commands by which
 * well-known tools take one.
 */
export interface SecretFound {
  readonly path: Path
  /** where it stands: first character, and the one after the last */
  readonly range: readonly [number, number]
  readonly message: string
  readonly expected: string
}

const elsewhere =
  'the name of an environment variable (…Variable: NAME) or keys in the ssh-agent, never the secret itself'
/** `password`, `snmp_community`, `api-key`, `accessToken`; not `communityVariable`, which names a variable. */
const secretKey = /(password|passwd|passphrase|secret|community|token|apikey|privatekey|authkey|privkey|credentials?)$/
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----|^PuTTY-User-Key-File/m
const urlWithPassword = /^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:[^/\s@]+@/i
const secretOption = /^--?(password|passwd|passphrase|community|secret|token)(=|$)|^authorization:/i
/** In what is sent to a power unit: `"password": "x"`, `?token=x`. */
const secretParameter = /(password|passwd|token|secret|api_?key)["']?\s*[:=]/i
/** Short options that take a secret (man pages of ipmitool, fence-agents, snmpset, sshpass, curl), and what to use. */
const shortOptions: readonly { tool: RegExp; option: RegExp; instead: string }[] = [
  { tool: /^ipmitool$/, option: /^-P/, instead: 'ipmitool -f FILE, a file on that host that only its user can read' },
  { tool: /^fence_/, option: /^-p/, instead: '--password-script=FILE on that host' },
  { tool: /^fence_.*snmp/, option: /^-[cP]/, instead: 'the driver apc-snmp with communityVariable' },
  { tool: /^snmp(get|set|walk)$/, option: /^-[cAX]/, instead: 'defCommunity in snmp.conf on that host' },
  { tool: /^sshpass$/, option: /^-p/, instead: 'keys and the ssh-agent' },
  { tool: /^curl$/, option: /^-[uU]/, instead: 'curl --netrc on that host' },
]

/** A line that sets something named like a secret; its value is the group. */
const secretLine = new RegExp(
  '^.*?(?:pass(?:word|wd|phrase)|secret|community|token|(?:api|private|auth|priv)[-_]?key|credentials?|variable)' +
    '["\']?\\s*[:=][ \\t]*(.*)$',
  'gim',
)

/** All secrets among the entries of a file. The messages never repeat them. */
export function findSecrets(entries: readonly YamlEntry[]): SecretFound[] {
  return entries.flatMap(({ path, value, range }) => {
    const found = (message: string, expected = elsewhere): SecretFound[] => [{ path, range, message, expected }]
    if (isSecretKey(`${path.at(-1)}`)) return found('a secret has no place in a testbed file')
    if (typeof value === 'string') {
      if (privateKey.test(value)) return found('this is a private key', 'the path of the key file, or the ssh-agent')
      if (urlWithPassword.test(value)) return found('this URL carries a password', 'a URL without one')
      if (/^(url|body|input)$/.test(`${path.at(-1)}`) && secretParameter.test(value)) {
        return found('this request carries a secret', 'tokenVariable: the name of an environment variable')
      }
    }
    if (Array.isArray(value)) {
      const instead = secretArgument(value.filter((item) => typeof item === 'string'))
      if (instead !== undefined) return found('this command carries a secret in its arguments', instead)
    }
    return []
  })
}

/** Where the whole text shows secrets that no entry shows: a private key in a comment, say. */
export function findPrivateKeyText(text: string): number | undefined {
  const at = text.search(privateKey)
  return at < 0 ? undefined : at
}

function isSecretKey(key: string): boolean {
  return secretKey.test(key.toLowerCase().replace(/[-_. ]/g, ''))
}

function secretArgument(argv: readonly string[]): string | undefined {
  if (argv.some((argument) => secretOption.test(argument)))
    return 'a file or a variable that the tool reads on that host'
  if (argv.some((argument) => urlWithPassword.test(argument))) return 'a URL without a password'
  // The tool need not come first: `sudo -n ipmitool …`, `env X=1 snmpset …`.
  for (const [index, argument] of argv.entries()) {
    const tool = argument.split('/').at(-1) ?? ''
    const known = shortOptions.find((entry) => entry.tool.test(tool))
    if (known && argv.slice(index + 1).some((option) => known.option.test(option))) return known.instead
  }
  return undefined
}

/**
 * The text with everything covered that is, or in a broken file may be, a secret. Same length and line breaks: a place
 * in one is the same place in the other.
 */
export function coverSecrets(text: string, found: readonly SecretFound[]): string {
  let covered = text
  for (const { range } of found) covered = cover(covered, range[0], range[1])
  // Where YAML could not be read there are no entries: go by the look of a line. Variable names are covered as well,
  // for a secret is often put there by mistake.
  for (const match of covered.matchAll(secretLine)) {
    const end = match.index + match[0].length
    covered = cover(covered, end - (match[1]?.length ?? 0), end)
  }
  for (const match of covered.matchAll(/-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?(-----END|$(?![^]))/g)) {
    covered = cover(covered, match.index, match.index + match[0].length)
  }
  return covered
}

function cover(text: string, start: number, end: number): string {
  return text.slice(0, start) + text.slice(start, end).replace(/[^\s]/g, '•') + text.slice(end)
}
