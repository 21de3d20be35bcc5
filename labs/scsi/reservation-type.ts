/**
 * The six types of a persistent reservation that are not obsolete, and who may read and write under each.
 * Source: spc4r17 5.7, tables 45 and 46 (commands that a reservation allows); the words are those that sg_persist
 * (sg3_utils) prints, and mpathpersist prints the same ones.
 */

/** Value of the TYPE field; the other ten values of the four bits are obsolete or reserved. */
export type ReservationTypeCode = 1 | 3 | 5 | 6 | 7 | 8

export interface ReservationType {
  readonly code: ReservationTypeCode
  /** the short name of the field */
  readonly short: 'WE' | 'EA' | 'WERO' | 'EARO' | 'WEAR' | 'EAAR'
  /** as sg_persist prints it */
  readonly words: string
  /** what is kept from those who have no access: writing, or reading as well */
  readonly excludes: 'writes' | 'reads-and-writes'
  /** who has full access: the one nexus that reserved, or everybody who is registered */
  readonly access: 'holder' | 'registrants'
  /** whether one nexus holds the reservation, or every registered one (READ RESERVATION then shows key 0) */
  readonly held: 'by-one' | 'by-all-registrants'
}

export const reservationTypes: readonly ReservationType[] = [
  { code: 1, short: 'WE', words: 'Write Exclusive', excludes: 'writes', access: 'holder', held: 'by-one' },
  { code: 3, short: 'EA', words: 'Exclusive Access', excludes: 'reads-and-writes', access: 'holder', held: 'by-one' },
  {
    code: 5,
    short: 'WERO',
    words: 'Write Exclusive, registrants only',
    excludes: 'writes',
    access: 'registrants',
    held: 'by-one',
  },
  {
    code: 6,
    short: 'EARO',
    words: 'Exclusive Access, registrants only',
    excludes: 'reads-and-writes',
    access: 'registrants',
    held: 'by-one',
  },
  {
    code: 7,
    short: 'WEAR',
    words: 'Write Exclusive, all registrants',
    excludes: 'writes',
    access: 'registrants',
    held: 'by-all-registrants',
  },
  {
    code: 8,
    short: 'EAAR',
    words: 'Exclusive Access, all registrants',
    excludes: 'reads-and-writes',
    access: 'registrants',
    held: 'by-all-registrants',
  },
]

const byCode = new Map<number, ReservationType>(reservationTypes.map((type) => [type.code, type]))

/** The type of a code, `undefined` for an obsolete or reserved one. */
export function reservationType(code: number): ReservationType | undefined {
  return byCode.get(code)
}

/** What sg_persist prints for a value (0 to 15) of the TYPE field: the type's words, or `obsolete [n]`. */
export function typeWords(code: number): string {
  return byCode.get(code)?.words ?? `obsolete [${code > 9 ? `0x${code.toString(16)}` : code}]`
}

/** The value of the TYPE field (0 to 15) behind the words that sg_persist printed; `undefined` for any other words. */
export function typeCode(words: string): number | undefined {
  return codeByWords.get(words)
}
const codeByWords = new Map(Array.from({ length: 16 }, (_, code) => [typeWords(code), code]))

/** A nexus, as far as a reservation cares about it. Under an all-registrants type every registrant is a holder. */
export type Standing = 'holder' | 'registrant' | 'unregistered'

/** May a nexus of this standing read the medium under a reservation of this type? */
export function mayRead(type: ReservationType, standing: Standing): boolean {
  return type.excludes === 'writes' || hasFullAccess(type, standing)
}

/** May a nexus of this standing write the medium under a reservation of this type? */
export function mayWrite(type: ReservationType, standing: Standing): boolean {
  return hasFullAccess(type, standing)
}

function hasFullAccess(type: ReservationType, standing: Standing): boolean {
  return standing === 'holder' || (standing === 'registrant' && type.access === 'registrants')
}
