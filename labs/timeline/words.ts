import { decodeKey } from '../scsi/key-codec.ts'
import { typeWords } from '../scsi/reservation-type.ts'
import type { RunStarted } from '../journal/event.ts'

/** A moment of a run: seconds since it started, to the hundredth. */
export function moment(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`
}

/** A length of time: milliseconds where it is short. */
export function duration(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : moment(milliseconds)
}

/** so many characters of a reason are shown; one that lists a thousand writes is not read by anybody */
const longest = 700

/** A reason's text, cut where it is very long, with how much is left out. */
export function abridged(text: string): string {
  const all = [...text]
  if (all.length <= longest) return text
  return `${all.slice(0, longest).join('')} … (and ${all.length - longest} more characters, see verdict.json)`
}

/** `1 run`, `3 runs`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}

/** The nodes by the keys that they use, in the order of the testbed. */
export function keyOwners(testbed: RunStarted['testbed']): ReadonlyMap<string, string> {
  return new Map(
    testbed.nodes.flatMap(({ name, keys }) => [keys.coordination, keys.data].map((key) => [key, name] as const)),
  )
}

/** A key as what it means, where that is known: `nodea (A-------)`. */
export function keyWords(key: string, owners: ReadonlyMap<string, string>): string {
  const owner = owners.get(key)
  return owner === undefined ? keyText(key) : `${owner} (${keyText(key)})`
}

/** A key's characters where it is text, else its number. A recorded key that is none stays as it is. */
export function keyText(key: string): string {
  if (!/^0x[0-9a-f]{1,16}$/i.test(key)) return key
  const decoded = decodeKey(key)
  return decoded.form === 'unknown' ? key : decoded.text
}

/** A list of keys, with how often each is there where that is more than once (one registration for each path). */
export function keyListWords(keys: readonly string[], owners: ReadonlyMap<string, string>): string {
  if (keys.length === 0) return 'no keys'
  return [...new Set(keys)]
    .map((key) => {
      const times = keys.filter((other) => other === key).length
      return times === 1 ? keyWords(key, owners) : `${keyWords(key, owners)} ×${times}`
    })
    .join(', ')
}

/** A reservation in words; null: none is held. */
export function reservationWords(
  reservation: { readonly key: string; readonly type: number } | null,
  owners: ReadonlyMap<string, string>,
): string {
  if (reservation === null) return 'no reservation'
  return `reserved by ${keyWords(reservation.key, owners)}: ${typeWords(reservation.type)}`
}
