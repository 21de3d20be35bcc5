import { reservationReadings } from '../journal/key-tables.ts'
import { ofType } from '../journal/run.ts'
import { oldSince, tablesBeforeAndAfter, type TableAt } from '../journal/tables-at.ts'
import { keyListWords, keyOwners, moment, reservationWords } from '../timeline/words.ts'
import type { Case } from '../verdicts/case.ts'
import type { KeyHistory } from '../timeline/key-history.ts'

/** The keys of one LUN before, during and after a fault, in words. Viewers that agree on before and after share one. */
export interface KeyRow {
  readonly lun: string
  readonly use: string
  readonly viewers: readonly string[]
  readonly before: string
  /** what changed while the fault lasted, as the best viewer saw it; only in the first row of a LUN */
  readonly during: readonly { readonly text: string; readonly events: readonly number[] }[]
  readonly after: string
  readonly events: readonly number[]
}

/** A host's clock against the lab's, in one boot. */
export interface ClockRow {
  readonly host: string
  readonly boot: string
  readonly measurements: number
  /** of the best measurement, milliseconds: lab time = host time + offset, give or take the uncertainty */
  readonly offset: number
  readonly uncertainty: number
  /** of the worst */
  readonly worst: number
}

export interface FactsRow {
  readonly host: string
  readonly facts: readonly (readonly [string, string])[]
}

/** The key tables of a run: every LUN, every viewer that looked. */
export function keyRows(run: Case, histories: readonly KeyHistory[]): readonly KeyRow[] {
  const { before, after } = tablesBeforeAndAfter(run.lines)
  const owners = keyOwners(run.started.testbed)
  const all = [...before, ...after]
  return run.started.testbed.luns.flatMap(({ name, use }) => {
    const groups = new Map<
      string,
      { viewers: string[]; was: string; is: string; tables: (TableAt | undefined)[]; events: number[] }
    >()
    const viewers = [...new Set(all.filter(({ lun }) => lun === name).map(({ viewer }) => viewer))]
    for (const viewer of viewers) {
      const of = (tables: readonly TableAt[]) => tables.find((one) => one.lun === name && one.viewer === viewer)
      const was = tableWords(of(before), use, owners)
      const is = tableWords(of(after), use, owners)
      const id = JSON.stringify([was, is])
      const group = groups.get(id) ?? { viewers: [], was, is, tables: [], events: [] }
      groups.set(id, group)
      group.viewers.push(viewer)
      group.tables.push(of(after))
      group.events.push(...(of(before)?.events ?? []), ...(of(after)?.events ?? []))
    }
    const during = changesDuring(run, name, histories, owners)
    if (groups.size === 0)
      return [{ lun: name, use, viewers: [], before: 'not read', during, after: 'not read', events: [] }]
    return [...groups.values()].map(({ viewers: by, was, is, tables, events }, index) => ({
      lun: name,
      use,
      viewers: by,
      before: was,
      during: index === 0 ? during : [],
      after: withAge(is, oldSince(tables)),
      events: [...new Set(events)].sort((a, b) => a - b),
    }))
  })
}

function withAge(words: string, since: number | undefined): string {
  return since === undefined ? words : `by ${moment(since)}, and nobody looked later: ${words}`
}

/** A table in words. A failed look says nothing about keys and is called failed. */
export function tableWords(table: TableAt | undefined, use: string, owners: ReadonlyMap<string, string>): string {
  if (!table) return 'not read'
  const keys = table.keys
    ? keyListWords(table.keys, owners)
    : table.failed === undefined
      ? 'keys not read'
      : `failed: ${table.failed}`
  const isOld = table.keys && table.failed !== undefined ? ` (a later look failed: ${table.failed})` : ''
  const unread = use === 'data' ? '; reservation not read' : ''
  const held = table.reservation === undefined ? unread : `; ${reservationWords(table.reservation, owners)}`
  const generation = table.generation === undefined ? '' : `; PR generation ${table.generation}`
  return `${keys}${held}${generation}${isOld}`
}

function changesDuring(
  run: Case,
  lun: string,
  histories: readonly KeyHistory[],
  owners: ReadonlyMap<string, string>,
): KeyRow['during'] {
  const from = run.frame.injected?.at ?? Infinity
  const history = histories.find((one) => one.lun.name === lun)
  const keys = (history?.changes ?? []).map(({ latest, keys: now, generation, events }) => ({
    at: latest,
    text: `by ${moment(latest)}: ${keyListWords(now, owners)}; PR generation ${generation}`,
    events,
  }))
  const looks = reservationReadings(run.readings, lun).filter(({ viewer }) => viewer === history?.viewer)
  const reservations = looks.flatMap((look, index) => {
    const words = reservationWords(look.answer.reservation, owners)
    const before = looks[index - 1]
    if (!before || reservationWords(before.answer.reservation, owners) === words) return []
    return [
      { at: look.ended.latest, text: `by ${moment(look.ended.latest)}: ${words}`, events: [before.seq, look.seq] },
    ]
  })
  return [...keys, ...reservations]
    .filter(({ at }) => at >= from)
    .toSorted((a, b) => a.at - b.at)
    .map(({ text, events }) => ({ text, events }))
}

/** The clocks that were measured, by host and boot, in the order of the first measurement. */
export function clockRows(run: Case): readonly ClockRow[] {
  const rows = new Map<string, ClockRow>()
  for (const { host, boot, offset, uncertainty } of ofType(run.lines, 'clock')) {
    if (host === undefined) continue
    const id = JSON.stringify([host, boot])
    const old = rows.get(id)
    const best = old && old.uncertainty <= uncertainty ? old : { offset, uncertainty }
    rows.set(id, {
      host,
      boot,
      measurements: (old?.measurements ?? 0) + 1,
      offset: best.offset,
      uncertainty: best.uncertainty,
      worst: Math.max(old?.worst ?? 0, uncertainty),
    })
  }
  return [...rows.values()]
}

/** What names a version, by host; a host that was asked again has its last answers. */
export function factsRows(run: Case): readonly FactsRow[] {
  const rows = new Map<string, FactsRow>()
  for (const { host, facts } of ofType(run.lines, 'host.facts')) {
    if (host !== undefined) rows.set(host, { host, facts: Object.entries(facts) })
  }
  return [...rows.values()]
}
