/** OpenSSH's known_hosts files (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"): which host keys are to be trusted. */
import { createHash, createHmac } from 'node:crypto'

export interface KnownHost {
  readonly marker?: 'revoked' | 'cert-authority'
  /** the first field as it stands: patterns, or one hashed name */
  readonly hosts: string
  readonly type: string
  /** the key's blob, base64 */
  readonly key: string
  readonly file: string
  readonly line: number
}

/** Reads the lines of one file. Lines that are no entries are passed over, as ssh does. */
export function parseKnownHosts(text: string, file: string): readonly KnownHost[] {
  return text.split('\n').flatMap((line, index): KnownHost[] => {
    const fields = line.trim().split(/\s+/)
    if (fields[0] === undefined || fields[0] === '' || fields[0].startsWith('#')) return []
    const marker = fields[0].startsWith('@') ? fields.shift()?.slice(1) : undefined
    const [hosts, type, key] = fields
    if (!hosts || !type || !key) return []
    if (marker !== undefined && marker !== 'revoked' && marker !== 'cert-authority') return []
    return [{ ...(marker && { marker }), hosts, type, key, file, line: index + 1 }]
  })
}

/** The name under which a host is looked up: its port belongs to it unless it is 22. */
export const knownHostName = (host: string, port: number) =>
  port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`

/** Does the entry speak of the host with this name? A negated pattern that matches outweighs all others. */
export function speaksOf(entry: KnownHost, name: string): boolean {
  if (entry.hosts.startsWith('|1|')) {
    const [, , salt = '', hash] = entry.hosts.split('|')
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash
  }
  const patterns = entry.hosts.toLowerCase().split(',')
  const matching = patterns.filter((pattern) => globMatches(pattern.replace(/^!/, ''), name))
  return matching.length > 0 && !matching.some((pattern) => pattern.startsWith('!'))
}

function globMatches(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`).test(name)
}

/** `SHA256:…`, as ssh-keygen -l shows it. */
export const fingerprint = (key: Uint8Array) =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`

/** The type that a key's blob names itself (RFC 4253 6.6: its first string). */
export function keyType(key: Buffer): string {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0
  return key.subarray(4, 4 + length).toString('latin1')
}

export type HostKeyAnswer =
  | { readonly answer: 'known'; readonly entry: KnownHost }
  | { readonly answer: 'revoked'; readonly entry: KnownHost }
  /** the host is known, with another key; `entry` is the one to compare with (of the same type where there is one) */
  | { readonly answer: 'changed'; readonly entry: KnownHost }
  /** `authority`: a certificate authority is named for this host, which fencelab cannot use */
  | { readonly answer: 'unknown'; readonly authority?: KnownHost }

/** Looks a presented key up. A revoked key is refused even where another line knows it. */
export function checkHostKey(entries: readonly KnownHost[], name: string, key: Buffer): HostKeyAnswer {
  const base64 = key.toString('base64')
  const mine = entries.filter((entry) => speaksOf(entry, name))
  const revoked = mine.find((entry) => entry.marker === 'revoked' && entry.key === base64)
  if (revoked) return { answer: 'revoked', entry: revoked }
  const plain = mine.filter((entry) => entry.marker === undefined)
  const same = plain.find((entry) => entry.key === base64)
  if (same) return { answer: 'known', entry: same }
  const other = plain.find((entry) => entry.type === keyType(key)) ?? plain[0]
  if (other) return { answer: 'changed', entry: other }
  const authority = mine.find((entry) => entry.marker === 'cert-authority')
  return { answer: 'unknown', ...(authority && { authority }) }
}

const hostKeyAlgorithms = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
] as const
export type HostKeyAlgorithm = (typeof hostKeyAlgorithms)[number]

/**
 * The algorithms to ask the host for, the types whose key we know first (as ssh does): otherwise a host that is known
 * by its RSA key would show its ed25519 key, and look changed.
 */
export function preferredAlgorithms(entries: readonly KnownHost[], name: string): HostKeyAlgorithm[] {
  const types = new Set(
    entries.filter((entry) => entry.marker === undefined && speaksOf(entry, name)).map((entry) => entry.type),
  )
  const known = (algorithm: HostKeyAlgorithm) => types.has(algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm)
  return [...hostKeyAlgorithms.filter(known), ...hostKeyAlgorithms.filter((algorithm) => !known(algorithm))]
}
