import { secretArgument } from './secret-arguments.ts'
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
/** In what is sent to a power unit: `"password": "x"`, `?token=x`. */
const secretParameter = /(password|passwd|passphrase|community|token|secret|api_?key)["']?\s*[:=]/i
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
