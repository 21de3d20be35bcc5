/**
 * The two answers of `sg_persist -n` that the agent reads, strictly: text that is not fully understood is null, never
 * an empty table. Formats: sg_persist of sg3_utils 1.46 to 1.48.
 */
import type { Reservation } from '../../labs/cluster/disk.ts'

/** Keys of `--in --read-keys`, normalised, one per registered nexus; null if the text is not such an answer. */
export function parseKeys(text: string): string[] | null {
  const [head, ...rest] = text.trimEnd().split('\n')
  if (/^ {2}PR generation=0x[0-9a-f]+, there are NO registered reservation keys$/.test(head ?? '')) {
    return rest.length === 0 ? [] : null
  }
  const match = /^ {2}PR generation=0x[0-9a-f]+, (\d+) registered reservation keys? follows?:$/.exec(head ?? '')
  if (!match) return null
  const keys = rest.map((line) => /^ {4}0x([0-9a-f]{1,16})$/.exec(line)?.[1])
  if (keys.length !== Number(match[1]) || keys.some((key) => key === undefined)) return null
  return keys.map((key) => normaliseKey(key ?? ''))
}

/** Reservation of `--in --read-reservation`: `{held: null}` if there is none; null if the text is not such an answer. */
export function parseReservation(text: string): { readonly held: Reservation | null } | null {
  const lines = text.trimEnd().split('\n')
  if (lines.length === 1 && /^ {2}PR generation=0x[0-9a-f]+, there is NO reservation held$/.test(lines[0] ?? '')) {
    return { held: null }
  }
  if (lines.length !== 3 || !/^ {2}PR generation=0x[0-9a-f]+, Reservation follows:$/.test(lines[0] ?? '')) return null
  const key = /^ {4}Key=0x([0-9a-f]{1,16})$/.exec(lines[1] ?? '')?.[1]
  const words = /^ {4}scope: LU_SCOPE, {2}type: (.+)$/.exec(lines[2] ?? '')?.[1]?.trim()
  const type = words === undefined ? undefined : typeCodes[words]
  return key === undefined || type === undefined ? null : { held: { key: normaliseKey(key), type } }
}

const typeCodes: Readonly<Record<string, number>> = {
  'Write Exclusive': 1,
  'Exclusive Access': 3,
  'Write Exclusive, registrants only': 5,
  'Exclusive Access, registrants only': 6,
  'Write Exclusive, all registrants': 7,
  'Exclusive Access, all registrants': 8,
}

function normaliseKey(digits: string): string {
  return `0x${digits.replace(/^0+(?=.)/, '')}`
}
