/**
 * Prints answers exactly as sg_persist (sg3_utils 1.46 to 1.48) does, so that a simulated device speaks the text that
 * a real one does and everything behind the parsers is the same for both.
 */
import { typeWords } from './reservation-type.ts'
import type { FullStatus, FullStatusEntry, Inquiry, KeyTable, ReservationAnswer, Scope } from './listing.ts'
import { formatTransportId } from './transport-id.ts'

/** What `sg_persist --in --read-keys` prints; with the two inquiry lines if the table has an inquiry. */
export function formatKeys(table: KeyTable): string {
  const count = table.keys.length
  const statement =
    count === 0
      ? 'there are NO registered reservation keys'
      : count === 1
        ? '1 registered reservation key follows:'
        : `${count} registered reservation keys follow:`
  return text(table.inquiry, [
    `  PR generation=${hex(table.generation)}, ${statement}`,
    ...table.keys.map((key) => `    ${key}`),
  ])
}

/** What `sg_persist --in --read-reservation` prints. */
export function formatReservation(answer: ReservationAnswer): string {
  const { generation, reservation } = answer
  if (reservation === null) {
    return text(answer.inquiry, [`  PR generation=${hex(generation)}, there is NO reservation held`])
  }
  return text(answer.inquiry, [
    `  PR generation=${hex(generation)}, Reservation follows:`,
    `    Key=${reservation.key}`,
    `    ${scopeAndType(reservation)}`,
  ])
}

/** What `sg_persist --in --read-full-status` prints. */
export function formatFullStatus(status: FullStatus): string {
  return text(status.inquiry, [
    `  PR generation=${hex(status.generation)}`,
    ...(status.entries.length === 0 ? ['  No full status descriptors'] : status.entries.flatMap(entryLines)),
  ])
}

function entryLines(entry: FullStatusEntry): readonly string[] {
  return [
    `    Key=${entry.key}`,
    ...(entry.allTargetPorts
      ? ['      All target ports bit set']
      : ['      All target ports bit clear', `      Relative port address: ${hex(entry.relativePort ?? 0)}`]),
    ...(entry.holds === undefined
      ? ['      not reservation holder']
      : ['      << Reservation holder >>', `      ${scopeAndType(entry.holds)}`]),
    ...(entry.transport === undefined ? [] : formatTransportId(entry.transport)),
  ]
}

function scopeAndType({ scope, type }: { readonly scope: Scope; readonly type: number }): string {
  return scope === 'LU_SCOPE'
    ? `scope: LU_SCOPE,  type: ${typeWords(type)}`
    : `scope: ${scope}  type: ${typeWords(type)}`
}

function text(inquiry: Inquiry | undefined, lines: readonly string[]): string {
  const head = inquiry === undefined ? [] : inquiryLines(inquiry)
  return [...head, ...lines].map((line) => `${line}\n`).join('')
}

/** The fields of standard INQUIRY data (SPC-4) are padded with blanks to 8, 16 and 4 characters. */
function inquiryLines({ vendor, product, revision, peripheral }: Inquiry): readonly string[] {
  return [
    `  ${vendor.padEnd(8)}  ${product.padEnd(16)}  ${revision.padEnd(4)}`,
    `  Peripheral device type: ${peripheral}`,
  ]
}

function hex(value: number): string {
  return `0x${value.toString(16)}`
}
