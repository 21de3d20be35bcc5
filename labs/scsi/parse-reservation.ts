/** READ RESERVATION as sg_persist (0.51 of 2015, sg3_utils 1.46 to 1.48) and mpathpersist print it. */
import { normalizeKey } from './key.ts'
import {
  answerLines,
  parseGeneration,
  parseScope,
  withInquiry,
  type Parsed,
  type ReservationAnswer,
} from './listing.ts'
import { reservationType, typeCode, typeWords } from './reservation-type.ts'

const head = /^ {2}PR generation=(0x[0-9a-f]+), (there is NO reservation held ?|Reservation follows:)$/
// sg_persist: '    Key=0x..' and '    scope: LU_SCOPE,  type: ..'
// mpathpersist: '   Key = 0x..' and '  scope = LU_SCOPE, type = ..'
const keyLine = /^ {3,4}Key ?= ?(0x[0-9a-f]{1,16})$/
const scopeLine = /^ {2,4}scope(?::| =) (LU_SCOPE|\d+),? +type(?::| =) (.+)$/

/**
 * Parses the standard output of `sg_persist --in --read-reservation` or `mpathpersist -ir`. `reservation: null` says
 * that the device answered that none is held. Not ok: empty or cut text, or anything that is not understood.
 */
export function parseReservation(text: string): Parsed<ReservationAnswer> {
  const answer = answerLines(text)
  if (!answer.ok) return answer
  const [first = '', second, third, ...rest] = answer.lines
  const [, printedGeneration, statement] = head.exec(first) ?? []
  const generation = parseGeneration(printedGeneration)
  if (generation === undefined || statement === undefined) {
    return { ok: false, reason: `expected the PR generation and whether a reservation is held, got '${first}'` }
  }
  const inquiry = withInquiry(answer.inquiry)
  if (statement !== 'Reservation follows:') {
    return second === undefined
      ? { ok: true, generation, reservation: null, ...inquiry }
      : { ok: false, reason: `says that no reservation is held, and goes on: '${second}'` }
  }

  const key = normalizeKey(keyLine.exec(second ?? '')?.[1] ?? '')
  if (key === undefined) return { ok: false, reason: `expected the reservation's key, got '${second ?? 'the end'}'` }
  const [, printedScope, words = ''] = scopeLine.exec(third ?? '') ?? []
  const scope = parseScope(printedScope)
  const type = typeCode(words)
  if (scope === undefined || type === undefined) {
    return { ok: false, reason: `expected the reservation's scope and type, got '${third ?? 'the end'}'` }
  }
  // only a reservation that every registrant holds names no key; elsewhere these are bytes that never arrived
  if (key === '0x0' && reservationType(type)?.held !== 'by-all-registrants')
    return { ok: false, reason: `names the key 0x0 with type ${typeWords(type)}, which one holder's key belongs to` }
  if (rest.length > 0) return { ok: false, reason: `a reservation was read, and the text goes on: '${rest[0]}'` }
  return { ok: true, generation, reservation: { key, scope, type }, ...inquiry }
}
