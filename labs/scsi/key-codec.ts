/**
 * Whose key is it? Cluster software puts the node into the key, each in its own way; sg_persist prints all of them as
 * hexadecimal numbers.
 */
import { keyBytes, keyOfBytes, normalizeKey } from './key.ts'

export type KeyForm =
  /** `VF` + cluster id (4 hex digits) + node id (2): coordination points of VCS 5.1 and later */
  | 'vxfen-coordination'
  /** node letter + `PGR` + 4 digits: data disks of VxVM and CVM disk groups */
  | 'vxfen-data'
  /** node letter + 7 dashes: VCS before 5.1 */
  | 'vxfen-letter'
  /** `abc00` + ordinal: SCSI-PR scripts for EXPRESSCLUSTER X */
  | 'ecx'
  /** `def00` + ordinal: a node that lost and is about to go down (Windows scripts for EXPRESSCLUSTER X) */
  | 'ecx-down'
  /** cluster hash (4 hex digits) + node (4): fence_scsi */
  | 'fence_scsi'
  /** key 0: no key */
  | 'zero'
  | 'unknown'

export interface DecodedKey {
  readonly form: KeyForm
  /**
   * `sure`: the form cannot be mistaken, or the context says it is in use. `possible`: the key has the shape and
   * nothing more; nothing may be concluded from it.
   */
  readonly certainty: 'sure' | 'possible'
  /** node id (LLT), node id (corosync, fence_scsi) or ordinal (EXPRESSCLUSTER X, from 1) */
  readonly node?: number
  /** cluster id or cluster hash, hexadecimal without `0x` */
  readonly cluster?: string
  /** other forms whose shape the key has as well, where none is sure */
  readonly alsoPossible?: readonly KeyForm[]
  /** for people: the key's characters where it is text, the number otherwise */
  readonly text: string
}

/** What is known of the stack that made the keys. Without it only forms that cannot be mistaken are sure. */
export interface KeyContext {
  readonly stack?: 'vxfen' | 'ecx' | 'fence_scsi'
  /** the first four hex digits of the md5 of the corosync cluster name */
  readonly fenceScsiCluster?: string
  /** fence_scsi's `key_value`: node ids (its default), or hashes of node names, which carry no node id */
  readonly fenceScsiKeyValue?: 'id' | 'hash'
}

/** The LLT has node ids 0 to 63; their letter is the character 65 + id, so node 0 is `A`. */
const lastNodeId = 63

/** Decodes a key (hexadecimal, with or without `0x`). Throws for text that is no key. */
export function decodeKey(key: string, context: KeyContext = {}): DecodedKey {
  const bytes = keyBytes(key)
  const normal = keyOfBytes(bytes)
  if (normal === '0x0') return { form: 'zero', certainty: 'sure', text: normal }
  const text = printable(bytes)
  const candidates = [
    decodeVxfen(bytes, text ?? normal),
    decodeEcx(normal, context),
    decodeFenceScsi(normal, context),
  ].filter((candidate) => candidate !== undefined)
  const sure = candidates.find((candidate) => candidate.certainty === 'sure')
  if (sure !== undefined) return sure
  const [first, ...others] = candidates
  if (first === undefined) return { form: 'unknown', certainty: 'sure', text: text ?? normal }
  return others.length === 0 ? first : { ...first, alsoPossible: others.map((other) => other.form) }
}

function printable(bytes: readonly number[]): string | undefined {
  return bytes.every((byte) => byte >= 32 && byte < 127) ? String.fromCharCode(...bytes) : undefined
}

/** VCS training text: "the left-most character is the ASCII character corresponding to the LLT node ID". */
function decodeVxfen(bytes: readonly number[], text: string): DecodedKey | undefined {
  const tail = String.fromCharCode(...bytes.slice(1))
  const [, cluster, node] = /^F([0-9A-Fa-f]{4})([0-9A-Fa-f]{2})$/.exec(tail) ?? []
  if (bytes[0] === 0x56 && cluster !== undefined && node !== undefined) {
    return {
      form: 'vxfen-coordination',
      certainty: 'sure',
      node: Number.parseInt(node, 16),
      cluster: cluster.toUpperCase(),
      text,
    }
  }
  const id = (bytes[0] ?? 0) - 65
  if (id < 0 || id > lastNodeId) return undefined
  if (/^PGR\d{4}$/.test(tail)) return { form: 'vxfen-data', certainty: 'sure', node: id, text }
  // disk groups that are not shared: four letters and four NULs
  if (tail === 'VCS\0\0\0\0') {
    return { form: 'vxfen-data', certainty: 'sure', node: id, text: String.fromCharCode(...bytes.slice(0, 4)) }
  }
  if (tail === '-------') return { form: 'vxfen-letter', certainty: 'sure', node: id, text }
  return undefined
}

/** The scripts put the ordinal behind the digits as decimal text: node 10 is 0xabc0010. */
function decodeEcx(key: string, context: KeyContext): DecodedKey | undefined {
  if (context.stack !== undefined && context.stack !== 'ecx') return undefined
  const [, word, ordinal] = /^0x(abc00|def00)([1-9]\d{0,2})$/.exec(key) ?? []
  if (word === undefined || ordinal === undefined) return undefined
  return {
    form: word === 'abc00' ? 'ecx' : 'ecx-down',
    certainty: context.stack === 'ecx' ? 'sure' : 'possible',
    node: Number(ordinal),
    text: key,
  }
}

/**
 * fence_scsi keys are any 32-bit number. With the cluster's digits known (`fenceScsiCluster`), a key that carries them
 * is sure to be of that cluster; its node is told only where `fenceScsiKeyValue` is `id`, since a hash of a node name
 * may consist of decimal digits too. Without the cluster's digits every key of the shape is a possibility, no more.
 */
function decodeFenceScsi(key: string, context: KeyContext): DecodedKey | undefined {
  if (context.stack !== undefined && context.stack !== 'fence_scsi') return undefined
  const digits = key.slice(2).padStart(8, '0')
  if (digits.length !== 8) return undefined
  const cluster = digits.slice(0, 4)
  const expected = context.fenceScsiCluster?.toLowerCase()
  if (expected !== undefined && cluster !== expected) return undefined
  const last = digits.slice(4)
  const hasNode = context.fenceScsiKeyValue === 'id' && /^\d{4}$/.test(last)
  if (context.fenceScsiKeyValue === 'id' && !hasNode) return undefined
  return {
    form: 'fence_scsi',
    certainty: expected === undefined ? 'possible' : 'sure',
    ...(hasNode ? { node: Number(last) } : {}),
    cluster,
    text: key,
  }
}

/** `A-------` for node 0 (VCS before 5.1; node ids 0 to 63). */
export function letterKey(nodeId: number): string {
  return keyOfBytes([letter(nodeId), ...ascii('-------')])
}

/** `VFDEED00` for cluster 0xDEED, node 0 (VCS 5.1 and later, coordination points; cluster ids 0 to 65535). */
export function vfKey(clusterId: number, nodeId: number): string {
  const cluster = whole(clusterId, 0xffff, 'cluster id').toString(16).padStart(4, '0')
  const node = whole(nodeId, lastNodeId, 'node id').toString(16).padStart(2, '0')
  return keyOfBytes(ascii(`VF${cluster}${node}`.toUpperCase()))
}

/** `CPGR0019` for node 2, counter 19 (data disks; the counter, 0 to 9999, is of the CVM disk group). */
export function pgrKey(nodeId: number, counter: number): string {
  return keyOfBytes([letter(nodeId), ...ascii(`PGR${String(whole(counter, 9999, 'counter')).padStart(4, '0')}`)])
}

/** `0xabc001` for the first server (SCSI-PR scripts for EXPRESSCLUSTER X; ordinals 1 to 999). */
export function ecxKey(ordinal: number): string {
  return ecxKeyOf('abc00', ordinal)
}

/** `0xdef001`, the key that the first server registers once it has lost (the Windows scripts). */
export function ecxDownKey(ordinal: number): string {
  return ecxKeyOf('def00', ordinal)
}

function ecxKeyOf(word: string, ordinal: number): string {
  if (ordinal < 1) throw new RangeError(`ordinal ${ordinal} is out of range: servers are counted from 1`)
  return `0x${word}${whole(ordinal, 999, 'ordinal')}`
}

/**
 * Whether `key` is one of fence_scsi's for the cluster whose md5 begins with `clusterDigits` (4 hex digits): a matcher,
 * for callers that can compute the md5 of the cluster name, which this room cannot.
 */
export function isFenceScsiKey(key: string, clusterDigits: string): boolean {
  const normal = normalizeKey(key)
  return normal !== undefined && decodeFenceScsi(normal, { fenceScsiCluster: clusterDigits }) !== undefined
}

function letter(nodeId: number): number {
  return 65 + whole(nodeId, lastNodeId, 'node id')
}

function ascii(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0))
}

function whole(value: number, last: number, what: string): number {
  if (!Number.isInteger(value) || value < 0 || value > last) {
    throw new RangeError(`${what} ${value} is out of range: expected a whole number from 0 to ${last}`)
  }
  return value
}
