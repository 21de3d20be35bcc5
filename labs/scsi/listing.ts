/**
 * What the four PERSISTENT RESERVE IN service actions answer, as data, and what their printed forms have in common.
 * A text that is not understood to its last character is never an empty answer: it is `ok: false` with the reason.
 */
import type { TransportId } from './transport-id.ts'

/** An understood answer, or why the text is none. */
export type Parsed<T> = ({ readonly ok: true } & T) | Unparsed
export interface Unparsed {
  readonly ok: false
  readonly reason: string
}

/** The two lines that sg_persist prints before its answer, unless it runs with `--no-inquiry`. */
export interface Inquiry {
  readonly vendor: string
  readonly product: string
  readonly revision: string
  /** `disk`, ... as printed */
  readonly peripheral: string
}

interface Answer {
  readonly inquiry?: Inquiry
}

/** READ KEYS. One key per registered I_T nexus, in the order of the answer; nexuses that share a key repeat it. */
export interface KeyTable extends Answer {
  readonly generation: number
  readonly keys: readonly string[]
}

/** The scope of a reservation: the logical unit, or the value of the field where it is anything else. */
export type Scope = 'LU_SCOPE' | number

/** READ RESERVATION. `key` is `0x0` under an all-registrants type; `type` is the value of the field (0 to 15). */
export interface ReservationAnswer extends Answer {
  readonly generation: number
  readonly reservation: { readonly key: string; readonly scope: Scope; readonly type: number } | null
}

/** READ FULL STATUS: one entry per registered I_T nexus, the only listing that ties a key to an initiator. */
export interface FullStatus extends Answer {
  readonly generation: number
  readonly entries: readonly FullStatusEntry[]
}
export interface FullStatusEntry {
  readonly key: string
  readonly allTargetPorts: boolean
  /** relative target port identifier; not defined where `allTargetPorts` */
  readonly relativePort?: number
  /** set for a holder of the reservation */
  readonly holds?: { readonly scope: Scope; readonly type: number }
  /** the initiator; absent where the tool printed none */
  readonly transport?: TransportId
}

/** The lines of a whole answer. A tool's last line always ends with a line feed; text without one was cut off. */
export function answerLines(text: string): Parsed<{ readonly inquiry?: Inquiry; readonly lines: readonly string[] }> {
  if (text.trim() === '') return { ok: false, reason: 'the text is empty' }
  if (!text.endsWith('\n')) return { ok: false, reason: 'the text breaks off: its last line has no line feed' }
  const lines = text.replaceAll('\r\n', '\n').slice(0, -1).split('\n')
  const peripheral = /^ {2}Peripheral device type: (.+)$/.exec(lines[1] ?? '')?.[1]
  if (peripheral === undefined) return { ok: true, lines }
  const [, vendor, product, revision] = /^ {2}(.{8}) {2}(.{16}) {2}(.{0,4})$/.exec(lines[0] ?? '') ?? []
  if (vendor === undefined || product === undefined || revision === undefined) {
    return { ok: false, reason: `line 1 is no inquiry line: '${lines[0] ?? ''}'` }
  }
  const inquiry = { vendor: vendor.trim(), product: product.trim(), revision: revision.trim(), peripheral }
  return { ok: true, inquiry, lines: lines.slice(2) }
}

/** A PRGENERATION as printed (`0x1f`, 32 bits, spc4r17 6.13.2); `undefined` for anything else. */
export function parseGeneration(text: string | undefined): number | undefined {
  return text !== undefined && /^0x[0-9a-f]{1,8}$/.test(text) ? Number.parseInt(text, 16) : undefined
}

/** An answer's scope as printed: `LU_SCOPE` or a number. */
export function parseScope(text: string | undefined): Scope | undefined {
  if (text === 'LU_SCOPE') return text
  return text !== undefined && /^\d{1,2}$/.test(text) ? Number(text) : undefined
}

/** `{inquiry}` where there is one, nothing else: spreads into an answer. */
export function withInquiry(inquiry: Inquiry | undefined): Answer {
  return inquiry === undefined ? {} : { inquiry }
}
