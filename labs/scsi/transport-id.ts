/**
 * The initiator port of an I_T nexus as READ FULL STATUS names it (SPC-4, TransportID), and the text that
 * sg_persist and mpathpersist make of it.
 */
import { assertNever } from '../assert-never.ts'

export type TransportId =
  /** `isid`: the iSCSI initiator session id, `0x` and twelve hexadecimal digits, where the port's name carries one */
  | { readonly protocol: 'iscsi'; readonly name: string; readonly isid?: string }
  /** `portName`: N_Port name, sixteen hexadecimal digits */
  | { readonly protocol: 'fc'; readonly portName: string }
  /** `address`: sixteen hexadecimal digits */
  | { readonly protocol: 'sas'; readonly address: string }
  /** a protocol that the parser knows nothing about, as it was printed */
  | { readonly protocol: 'other'; readonly text: string }

/** One name for an initiator port, the same for equal ones: `iqn.2026-11.lab:nodea,i,0x00023d000001`, `fc:2100...`. */
export function transportName(transport: TransportId): string {
  switch (transport.protocol) {
    case 'iscsi':
      return transport.isid === undefined ? transport.name : `${transport.name},i,${transport.isid}`
    case 'fc':
      return `fc:${transport.portName}`
    case 'sas':
      return `sas:${transport.address}`
    case 'other':
      return `other:${transport.text}`
    default:
      return assertNever(transport, 'transport')
  }
}

/**
 * Reads the lines below `Transport Id of initiator:` (sg_persist), or the one line that mpathpersist prints instead.
 * Whatever carries no name that is understood whole comes back as `other` with its text: an initiator that cannot be
 * named is unknown, not wrong. `undefined` only where there is no text at all, or a heading whose text was cut off.
 */
export function parseTransportId(lines: readonly string[]): TransportId | undefined {
  const text = lines.map((line) => line.trim()).join('\n')
  if (text === '' || heading.test(lines.at(-1) ?? '')) return undefined
  return parseIscsi(text) ?? parseFibreChannel(text) ?? parseSas(text) ?? { protocol: 'other', text }
}

/** `FCP-2 World Wide Name:`, and the remark that may stand below it: the name itself comes after them. */
const heading = /^(?:[^:]*:|\s*\[.*\])$/

// The words changed: 'name and session id' in 2015 (sg_persist 0.51), 'world wide unique port id' in sg3_utils 1.46.
const iscsi = /^iSCSI (?:name|name and session id|world wide unique port id): (\S+?)(?:,i,(0x[0-9a-fA-F]{1,12}))?$/

function parseIscsi(text: string): TransportId | undefined {
  const [, name, isid] = iscsi.exec(text) ?? []
  if (name === undefined) return undefined
  return isid === undefined ? { protocol: 'iscsi', name } : { protocol: 'iscsi', name, isid: isid.toLowerCase() }
}

// Eight bytes in hexadecimal; older releases put the offset of the line before them, those up to 1.31 the same bytes as
// letters after them.
const eightBytes = /^(?:[0-9a-f]+ {2,})?((?:[0-9a-f]{2} +){7}[0-9a-f]{2})(?: {2,}.{0,8})?$/i

function parseFibreChannel(text: string): TransportId | undefined {
  const bytes = /^FCP-2(?: World Wide Name:)?\s+([^]*)$/.exec(text)?.[1]
  const name = bytes === undefined ? undefined : readEightBytes(bytes)
  return name === undefined ? undefined : { protocol: 'fc', portName: name }
}

function parseSas(text: string): TransportId | undefined {
  const printed = /^SAS address: 0x([0-9a-f]{1,16})$/i.exec(text)?.[1]
  if (printed !== undefined) return { protocol: 'sas', address: printed.toLowerCase().padStart(16, '0') }
  const bytes = /^SAS\s+([^]*)$/.exec(text)?.[1]
  const address = bytes === undefined ? undefined : readEightBytes(bytes)
  return address === undefined ? undefined : { protocol: 'sas', address }
}

function readEightBytes(text: string): string | undefined {
  return eightBytes.exec(text)?.[1]?.replace(/ +/g, '').toLowerCase()
}

/** The lines that sg_persist (sg3_utils 1.46 to 1.48) prints for an initiator port, without the line feed. */
export function formatTransportId(transport: TransportId): readonly string[] {
  const lead = '      '
  const head = `${lead}Transport Id of initiator:`
  switch (transport.protocol) {
    case 'iscsi':
      return transport.isid === undefined
        ? [head, `${lead}  iSCSI name: ${transport.name}`]
        : [head, `${lead}  iSCSI world wide unique port id: ${transport.name},i,${transport.isid}`]
    case 'fc':
      return [head, `${lead}  FCP-2 World Wide Name:`, `${lead}${transport.portName.replace(/..(?=.)/g, '$& ')}`]
    case 'sas':
      return [head, `${lead}  SAS address: 0x${transport.address.replace(/^0+(?=.)/, '')}`]
    case 'other':
      return [head, ...transport.text.split('\n').map((line) => `${lead}  ${line}`)]
    default:
      return assertNever(transport, 'transport')
  }
}
