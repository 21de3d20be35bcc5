/** What LIO says of a LUN's reservations in configfs: the four files of `pr/` that the array's sampler prints. */
import { normalizeKey } from './key.ts'
import { parseGeneration } from './listing.ts'
import { reservationTypes, type ReservationTypeCode } from './reservation-type.ts'
import type { Parsed } from './listing.ts'

/** The array's own view of a LUN. Initiators are written as READ FULL STATUS names them: `iqn...,i,0x00023d000001`. */
export interface ArrayReservations {
  readonly generation: number
  readonly registrations: readonly { readonly initiator: string; readonly key: string }[]
  /** the list filled the page that configfs has for it, so registrations may be missing */
  readonly cut: boolean
  /** `null`: none is held. `scsi-2`: a RESERVE(6) of SPC-2, which carries no key */
  readonly reservation:
    { readonly initiator: string; readonly type: ReservationTypeCode } | { readonly scsi2: string } | null
}

/**
 * configfs gives a file one page (4096 bytes), and LIO stops at the first registration that no longer fits
 * (target_core_configfs.c, target_pr_res_pr_registered_i_pts_show). A line has about 110 bytes; one of the longest names
 * that iSCSI allows has 223 more (RFC 7143 4.2.7.2).
 */
const mayBeCut = 4096 - 384

const generationLine = /^(0x[0-9a-f]{8})$/
const noHolder = 'No SPC-3 Reservation holder'
const holderLine = /^SPC-3 Reservation: \S+ Initiator: (\S+)$/
const scsi2Line = /^SPC-2 Reservation: \S+ Initiator: (\S+)$/
const typeLine = /^SPC-3 Reservation Type: (.+)$/
const registrationLine = /^\S+ Node: (\S+) Key: (0x[0-9a-fA-F]{16}) PRgen: 0x[0-9a-fA-F]{8}$/

/** core_scsi3_pr_dump_type() of target_core_pr.c: 'Access' and capitals, otherwise the words of sg_persist. */
const typeByWords: ReadonlyMap<string, ReservationTypeCode> = new Map(
  reservationTypes.map(({ code, words }) => {
    const [first = '', second] = words.split(', ')
    const kind = first.endsWith('Access') ? first : `${first} Access`
    return [(second === undefined ? kind : `${kind}, ${second}`).toLowerCase(), code]
  }),
)

/** Reads the text of one `array-keys` event. Not ok: a line is missing, or one is not understood. */
export function parseArrayView(text: string): Parsed<ArrayReservations> {
  const [first = '', holder = '', type = '', title, ...rest] = text.replace(/\n$/, '').split('\n')
  const fail = (what: string, got: string | undefined) =>
    ({ ok: false, reason: `expected ${what}, got '${got ?? 'the end'}'` }) as const
  const generation = parseGeneration(generationLine.exec(first)?.[1])
  if (generation === undefined) return fail('the generation', first)
  if (title !== 'SPC-3 PR Registrations:') return fail('the registrations', title)
  const reservation = parseHolder(holder, type)
  if (reservation === undefined) return fail('who holds the reservation, and its type', `${holder} / ${type}`)
  const cut = rest.join('\n').length >= mayBeCut
  const registrations: { initiator: string; key: string }[] = []
  if (rest.length === 1 && rest[0] === 'None') return { ok: true, generation, reservation, registrations, cut: false }
  for (const line of rest) {
    const [, initiator, printed = ''] = registrationLine.exec(line) ?? []
    const key = normalizeKey(printed)
    if (initiator === undefined || key === undefined) return fail('a registration', line)
    registrations.push({ initiator, key })
  }
  if (registrations.length === 0) return fail("a registration or 'None'", undefined)
  return { ok: true, generation, reservation, registrations, cut }
}

function parseHolder(holder: string, type: string): ArrayReservations['reservation'] | undefined {
  const scsi2 = scsi2Line.exec(holder)?.[1]
  if (scsi2 !== undefined) return { scsi2 }
  if (holder === noHolder && type === noHolder) return null
  const initiator = holderLine.exec(holder)?.[1]
  const code = typeByWords.get((typeLine.exec(type)?.[1] ?? '').toLowerCase())
  return initiator === undefined || code === undefined ? undefined : { initiator, type: code }
}
