import type { Line, LineOf } from '../../labs/journal/event.ts'
import type { FullStatusEntry, Scope } from '../../labs/scsi/listing.ts'
import { formatFullStatus, formatKeys, formatReservation } from '../../labs/scsi/format-listing.ts'
import { parseFullStatus } from '../../labs/scsi/parse-full-status.ts'
import { parseKeys } from '../../labs/scsi/parse-keys.ts'
import { parseReservation } from '../../labs/scsi/parse-reservation.ts'
import { reservationType } from '../../labs/scsi/reservation-type.ts'

/** What is held, by whom. */
export interface Held {
  readonly key: string
  readonly scope: Scope
  readonly type: number
}
/** What a LUN knows of reservations. A look shows a part of it. */
export interface LunState {
  readonly generation: number
  readonly keys: readonly string[]
  readonly held: Held | null
}
/** How a LUN's state is made another one. Each look shows the part of it that it asks for. */
export interface StateChange {
  readonly generation?: (generation: number) => number
  readonly keys?: (keys: readonly string[]) => readonly string[]
  readonly held?: (held: Held | null) => Held | null
  /** of a full status alone: what it says of the nexuses, after the rest was changed */
  readonly entries?: (entries: readonly FullStatusEntry[]) => readonly FullStatusEntry[]
}

export type Look = LineOf<'keys'> | LineOf<'array-keys'>
export const isLook = (line: Line): line is Look => line.type === 'keys' || line.type === 'array-keys'

/** Every look with its own text, so that one can be changed without the others. */
export function spelledOut(lines: readonly Line[]): readonly Line[] {
  const texts = new Map<number, Look>()
  return lines.map((line) => {
    if (!isLook(line)) return line
    const first = line.same === undefined ? undefined : texts.get(line.same)
    if (!first) {
      texts.set(line.seq, line)
      return line
    }
    const { same: _, ...rest } = line
    const whole = { ...first, ...textless(rest) } as Look
    texts.set(line.seq, whole)
    return whole
  })
}

/** Everything of a look but its text, which stands in an earlier line. */
function textless(line: Omit<LineOf<'keys'>, 'same'> | Omit<LineOf<'array-keys'>, 'same'>): object {
  if (line.type === 'array-keys') {
    const { text: _, ...rest } = line
    return rest
  }
  const { stdout: _, stderr: __, ...rest } = line
  return rest
}

/** The looks that `which` picks show another state. A look that failed stays as it is. */
export function looksChanged(
  lines: readonly Line[],
  which: (look: Look) => boolean,
  change: StateChange,
): readonly Line[] {
  const initiators = initiatorsOf(lines)
  return lines.map((line) => (isLook(line) && which(line) ? showing(line, change, initiators) : line))
}

/** The initiator port behind a key on a LUN, as the array and full statuses of the recording name it. */
type Initiators = ReadonlyMap<string, { readonly array?: string; readonly entry?: FullStatusEntry }>

function initiatorsOf(lines: readonly Line[]): Initiators {
  const found = new Map<string, { array?: string; entry?: FullStatusEntry }>()
  const at = (lun: string, key: string) => {
    const id = `${lun} ${key}`
    const known = found.get(id) ?? {}
    found.set(id, known)
    return known
  }
  for (const line of lines) {
    if (line.type === 'array-keys')
      for (const [, initiator = '', key = ''] of line.text.matchAll(registration)) at(line.lun, key).array ??= initiator
    if (line.type !== 'keys' || line.action !== 'full-status' || line.exit !== 0) continue
    const parsed = parseFullStatus(line.stdout)
    if (parsed.ok) for (const entry of parsed.entries) at(line.lun, entry.key).entry ??= entry
  }
  return found
}

function showing(look: Look, change: StateChange, initiators: Initiators): Look {
  if (look.type === 'array-keys') return { ...look, text: arrayText(look, change, initiators) }
  if (look.exit !== 0) return look
  switch (look.action) {
    case 'keys': {
      const shown = parseKeys(look.stdout)
      if (!shown.ok) return look
      const stdout = formatKeys({
        ...shown,
        generation: change.generation?.(shown.generation) ?? shown.generation,
        keys: change.keys?.(shown.keys) ?? shown.keys,
      })
      return { ...look, stdout }
    }
    case 'reservation': {
      const shown = parseReservation(look.stdout)
      if (!shown.ok) return look
      const stdout = formatReservation({
        ...shown,
        generation: change.generation?.(shown.generation) ?? shown.generation,
        reservation: change.held ? seen(change.held(shown.reservation)) : shown.reservation,
      })
      return { ...look, stdout }
    }
    case 'full-status': {
      const shown = parseFullStatus(look.stdout)
      if (!shown.ok) return look
      const before = stateOf(shown.generation, shown.entries)
      const { generation, keys, held } = stateAfter(before, change)
      const all = shown.entries
      const entries = keys.map((key, index): FullStatusEntry => {
        const known = all.find((one) => one.key === key) ?? initiators.get(`${look.lun} ${key}`)?.entry ?? all[0]
        const { holds: _, ...rest } = known ?? { key, allTargetPorts: true }
        const holds = held !== null && (isForAll(held) || (held.key === key && keys.indexOf(key) === index))
        return { ...rest, key, ...(holds && { holds: { scope: held.scope, type: held.type } }) }
      })
      return {
        ...look,
        stdout: formatFullStatus({ ...shown, generation, entries: change.entries?.(entries) ?? entries }),
      }
    }
    default:
      return look
  }
}

const isForAll = ({ type }: Held) => reservationType(type)?.held === 'by-all-registrants'
/** READ RESERVATION shows key 0 where all registrants hold it (SPC-4 5.13.6.3). */
const seen = (held: Held | null): Held | null => (held && isForAll(held) ? { ...held, key: '0x0' } : held)

function stateOf(generation: number, entries: readonly FullStatusEntry[]): LunState {
  const holder = entries.find(({ holds }) => holds)
  return {
    generation,
    keys: entries.map(({ key }) => key),
    held: holder?.holds ? { key: holder.key, ...holder.holds } : null,
  }
}

const stateAfter = (state: LunState, change: StateChange): LunState => ({
  generation: change.generation?.(state.generation) ?? state.generation,
  keys: change.keys?.(state.keys) ?? state.keys,
  held: change.held ? change.held(state.held) : state.held,
})

/** LIO's words for the types (drivers/target/target_core_pr.c, core_scsi3_pr_dump_type). */
const lioTypes: ReadonlyMap<number, string> = new Map([
  [1, 'Write Exclusive Access'],
  [3, 'Exclusive Access'],
  [5, 'Write Exclusive Access, Registrants Only'],
  [6, 'Exclusive Access, Registrants Only'],
  [7, 'Write Exclusive Access, All Registrants'],
  [8, 'Exclusive Access, All Registrants'],
])
const registration = /^iSCSI Node: (\S+) Key: (0x[0-9a-f]+)/gm
const nobody = 'No SPC-3 Reservation holder'

/** What LIO's files of a LUN say (res_pr_generation, res_holder, res_pr_type, res_pr_registered_i_pts), as the lab reads them one after the other. */
function arrayText(look: LineOf<'array-keys'>, change: StateChange, initiators: Initiators): string {
  const [first = '', holderLine = '', typeLine = '', ...rest] = look.text.split('\n')
  if (!/^0x[0-9a-f]{8}$/.test(first) || !/SPC-3/.test(holderLine)) return look.text
  const listed = rest.flatMap((text) =>
    [...text.matchAll(registration)].map(([, initiator = '', key = '']) => ({ text, initiator, key })),
  )
  const holder = holderLine.replace(/^.*Initiator: /, '').trim()
  const held = listed.find(({ initiator }) => initiator === holder)
  const words = typeLine.replace(/^.*Type: /, '')
  const type = [...lioTypes].find(([, name]) => name === words)?.[0] ?? 0
  const before: LunState = {
    generation: Number(first),
    keys: listed.map(({ key }) => key),
    held: typeLine === nobody ? null : { key: held?.key ?? '0x0', scope: 'LU_SCOPE', type },
  }
  const after = stateAfter(before, change)
  const initiatorOf = (key: string) =>
    listed.find((one) => one.key === key)?.initiator ??
    initiators.get(`${look.lun} ${key}`)?.array ??
    listed[0]?.initiator ??
    'iqn.2026-11.fencelab:nobody,i,0x00023d000009'
  const lines = after.keys.map((key, index) =>
    listed[index]?.key === key ? listed[index]?.text : `iSCSI Node: ${initiatorOf(key)} Key: ${key} PRgen: 0x00000000`,
  )
  const head = after.held
    ? [
        `SPC-3 Reservation: iSCSI Initiator: ${initiatorOf(after.held.key)}`,
        `SPC-3 Reservation Type: ${lioTypes.get(after.held.type) ?? 'Unknown SPC-3 PR Type'}`,
      ]
    : [nobody, nobody]
  return [
    `0x${after.generation.toString(16).padStart(8, '0')}`,
    ...head,
    'SPC-3 PR Registrations:',
    ...(lines.length > 0 ? lines : ['None']),
    '',
  ].join('\n')
}
