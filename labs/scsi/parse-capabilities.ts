/** REPORT CAPABILITIES as sg_persist (0.51 of 2015, sg3_utils 1.46 to 1.48) and mpathpersist print it. */
import { answerLines, withInquiry, type Inquiry, type Parsed } from './listing.ts'
import { reservationTypes, type ReservationTypeCode } from './reservation-type.ts'

/** spc4r17 6.13.4. A field that the tool did not print, or prints wrongly, is absent: it is unknown, not 0. */
export interface Capabilities {
  /** RLR_C, which sg_persist 0.51 (2015) did not print yet */
  readonly replaceLost?: boolean
  /** CRH */
  readonly compatibleReservationHandling: boolean
  /** SIP_C */
  readonly specifyInitiatorPorts: boolean
  /** ATP_C */
  readonly allTargetPorts: boolean
  /** PTPL_C; absent for mpathpersist, which prints 1 there for any capability at all */
  readonly persistThroughPowerLoss?: boolean
  /** PTPL_A */
  readonly persistThroughPowerLossActive: boolean
  /** value of the ALLOW COMMANDS field */
  readonly allowCommands: number
  /** supported types; absent where the device does not fill the mask in (TMV 0) */
  readonly types?: readonly ReservationTypeCode[]
  readonly inquiry?: Inquiry
}

const line = /^ {2}(?:(.+?)\(([A-Z_]+)\)|(Allow Commands)): (\d+)$/
const typeLine = /^ {6}(.+): (\d+)$/
const codeByWords = new Map(reservationTypes.map((type) => [type.words, type.code]))

/**
 * Parses the standard output of `sg_persist --in --report-capabilities`, or of `mpathpersist -ic` if `tool` says so
 * (the text does not tell which printed it). Not ok: empty or cut text, or anything that is not understood.
 */
export function parseCapabilities(
  text: string,
  tool: 'sg_persist' | 'mpathpersist' = 'sg_persist',
): Parsed<Capabilities> {
  const answer = answerLines(text)
  if (!answer.ok) return answer
  const [first, ...rest] = answer.lines
  if (first !== 'Report capabilities response:')
    return { ok: false, reason: `expected capabilities, got '${first ?? ''}'` }

  const fields = new Map<string, number>()
  let masked = rest.length
  for (const [index, printed] of rest.entries()) {
    if (printed === '    Support indicated in Type mask:') {
      masked = index
      break
    }
    const [, , short, plain, value] = line.exec(printed) ?? []
    const name = short ?? plain
    if (name === undefined) return { ok: false, reason: `is not understood: '${printed}'` }
    fields.set(name, Number(value))
  }
  for (const name of ['CRH', 'SIP_C', 'ATP_C', 'PTPL_C', 'TMV', 'Allow Commands', 'PTPL_A']) {
    if (!fields.has(name)) return { ok: false, reason: `does not report ${name}` }
  }

  const types = parseTypeMask(rest.slice(masked + 1))
  if (!types.ok) return types
  const hasMask = fields.get('TMV') === 1
  if (hasMask !== masked < rest.length) return { ok: false, reason: 'the type mask is missing, or not announced' }
  if (hasMask && types.count !== 6) return { ok: false, reason: `the type mask has ${types.count} of its 6 lines` }
  const flag = (name: string) => fields.get(name) !== 0
  return {
    ok: true,
    ...(fields.has('RLR_C') ? { replaceLost: flag('RLR_C') } : {}),
    compatibleReservationHandling: flag('CRH'),
    specifyInitiatorPorts: flag('SIP_C'),
    allTargetPorts: flag('ATP_C'),
    ...(tool === 'mpathpersist' ? {} : { persistThroughPowerLoss: flag('PTPL_C') }),
    persistThroughPowerLossActive: flag('PTPL_A'),
    allowCommands: fields.get('Allow Commands') ?? 0,
    ...(hasMask ? { types: types.types } : {}),
    ...withInquiry(answer.inquiry),
  }
}

/** mpathpersist prints the bit itself (128, 64, ...) where sg_persist prints 1. */
function parseTypeMask(lines: readonly string[]): Parsed<{ types: readonly ReservationTypeCode[]; count: number }> {
  const seen = new Map<ReservationTypeCode, boolean>()
  for (const printed of lines) {
    const [, words = '', value] = typeLine.exec(printed) ?? []
    const code = codeByWords.get(words)
    if (code === undefined)
      return { ok: false, reason: `the type mask has a line that is not understood: '${printed}'` }
    seen.set(code, value !== '0')
  }
  const types = [...seen].filter(([, supported]) => supported).map(([code]) => code)
  return { ok: true, types: types.sort((a, b) => a - b), count: seen.size }
}
