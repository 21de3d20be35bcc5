/** The recording of a lost race with every witness of keys that the lab has, and ways to change what one of them says. */
import { changed, clockOf, keys, keysText, look, message, on, plus, reservationText, type Entry } from '../history.ts'
import { bothLinksFail } from '../rows.ts'
import type { KeysRead } from '../../../../labs/journal/event.ts'

export const initiators = { nodea: 'iqn.2026-11.test:nodea', nodeb: 'iqn.2026-11.test:nodeb' } as const
type Node = keyof typeof initiators
export interface Nexus {
  readonly port: Node
  readonly key: string
}

/** READ FULL STATUS as sg_persist prints it; `holder` is the key of the nexus that holds a reservation of type 5. */
export const statusText = (generation: number, nexuses: readonly Nexus[], holder?: string): string =>
  `  PR generation=0x${generation.toString(16)}\n${nexuses
    .map(
      ({ port, key }) =>
        `    Key=${key}\n      All target ports bit clear\n      Relative port address: 0x1\n${
          key === holder
            ? '      << Reservation holder >>\n      scope: LU_SCOPE,  type: Write Exclusive, registrants only\n'
            : '      not reservation holder\n'
        }      Transport Id of initiator:\n        iSCSI world wide unique port id: ${initiators[port]},i,0x00023d000001\n`,
    )
    .join('')}`

const padded = (key: string) => `0x${key.slice(2).padStart(16, '0')}`
/** What LIO says in configfs. */
export const arrayText = (generation: number, nexuses: readonly Nexus[], holder?: Node): string =>
  [
    `0x${generation.toString(16).padStart(8, '0')}`,
    holder
      ? `SPC-3 Reservation: iSCSI Initiator: ${initiators[holder]},i,0x00023d000001`
      : 'No SPC-3 Reservation holder',
    holder ? 'SPC-3 Reservation Type: Write Exclusive Access, Registrants Only' : 'No SPC-3 Reservation holder',
    'SPC-3 PR Registrations:',
    ...(nexuses.length === 0
      ? ['None']
      : nexuses.map(
          ({ port, key }) => `iSCSI Node: ${initiators[port]},i,0x00023d000001 Key: ${padded(key)} PRgen: 0x00000001`,
        )),
    '',
  ].join('\n')

export const arraySays = (at: number, text: string, lun = 'data1'): Entry =>
  on('observer', at, { type: 'array-keys', lun, text })

/** A command that the agent on a node sent to data1, as it logs it. */
export const diskSays = (
  node: Node,
  at: number,
  operation: string,
  result: string,
  read?: readonly string[],
): Entry => {
  const t = clockOf(node, at)
  const entry = { t, kind: 'disk', lun: 'data1', operation, result, ...(read && { keys: read }), began: t - 0.05 }
  return on(node, at, { type: 'stack.log', text: JSON.stringify(entry) })
}

const a: Nexus = { port: 'nodea', key: keys.nodea }
const b: Nexus = { port: 'nodeb', key: keys.nodeb }
export const nexuses = { a, b } as const

/** nodea lost: nodeb alone is registered, and everybody says so. */
export const witnessed: readonly Entry[] = plus(
  bothLinksFail,
  ...(['nodea', 'nodeb'] as const).map((node) =>
    on(node, 30, { type: 'host.facts', facts: { initiator: initiators[node] } }),
  ),
  look('observer', 210, 'data1', 'full-status', statusText(4, [a, b], keys.nodea)),
  arraySays(220, arrayText(4, [a, b], 'nodea')),
  diskSays('nodeb', 3000, 'read-keys', 'good', [keys.nodea, keys.nodeb]),
  diskSays('nodeb', 3060, `preempt-abort ${keys.nodea}`, 'good'),
  arraySays(3090, arrayText(5, [b], 'nodeb')),
  look('observer', 3210, 'data1', 'full-status', statusText(5, [b], keys.nodeb)),
  look('nodeb', 4410, 'data1', 'full-status', statusText(5, [b], keys.nodeb)),
  message('nodeb', 4420, 'race-won', 'won'),
)

export interface Which {
  readonly host?: string
  readonly lun?: string
  readonly since?: number
}
/** The looks of one kind with another text, from a moment on. */
export const reading = (
  entries: readonly Entry[],
  action: KeysRead['action'],
  stdout: string,
  { host, lun = 'data1', since = 4000 }: Which = {},
): Entry[] =>
  changed(entries, 'keys', (event, entry) =>
    event.action === action && event.lun === lun && entry.at >= since && (host === undefined || entry.host === host)
      ? { ...event, stdout }
      : event,
  )
export const keysRead = (entries: readonly Entry[], generation: number, list: readonly string[], which?: Which) =>
  reading(entries, 'keys', keysText(generation, list), which)
export const reserved = (
  entries: readonly Entry[],
  key: string | null,
  words?: string,
  which?: Which & { readonly scope?: string },
) =>
  reading(
    entries,
    'reservation',
    reservationText(5, key, words).replace('LU_SCOPE, ', which?.scope ?? 'LU_SCOPE, '),
    which,
  )
