import { assertNever } from '../assert-never.ts'
import { foldClocks } from './clock.ts'
import { foldReadings, type Reading } from './key-tables.ts'
import { frameRun } from './run.ts'
import type { Line } from './event.ts'

/** One LUN as one viewer saw it at a moment of the run: the last good answers, or why there is none. */
export interface TableAt {
  readonly lun: string
  readonly viewer: string
  readonly keys?: readonly string[]
  readonly generation?: number
  /** undefined: no good answer; null: nothing reserved */
  readonly reservation?: { readonly key: string; readonly type: number } | null
  /** the last look failed */
  readonly failed?: string
  /** lab time of the last good answer, milliseconds; undefined where there is none */
  readonly at?: number
  /** the viewer had looked no more when everybody was looked at for the last time */
  readonly isOld?: true
  readonly events: readonly number[]
}

/** The key tables before the fault and at the end, of every LUN, from every viewer that had a good answer. */
export function tablesBeforeAndAfter(lines: readonly Line[]): {
  readonly before: readonly TableAt[]
  readonly after: readonly TableAt[]
} {
  const frame = frameRun(lines)
  const readings = foldReadings(frame.lines, foldClocks(frame.lines))
  const injected = frame.injected?.seq ?? Infinity
  return {
    before: tables(readings.filter(({ seq }) => seq < injected)),
    after: tables(readings.filter(({ seq }) => seq > injected)).map((table) => aged(table, frame.end?.at)),
  }
}

/**
 * Where several viewers agree and none of them looked in the end, the lab time of the last look; undefined where one did:
 * then that is how it is in the end, whenever the others looked.
 */
export function oldSince(those: readonly (TableAt | undefined)[]): number | undefined {
  if (!those.every((table) => table?.isOld)) return undefined
  return those.reduce((latest, table) => Math.max(latest, table?.at ?? 0), 0)
}

function aged(table: TableAt, end: number | undefined): TableAt {
  return table.at !== undefined && end !== undefined && table.at < end ? { ...table, isOld: true } : table
}

/** The last word of every viewer on every LUN. */
export function tables(readings: readonly Reading[]): readonly TableAt[] {
  const found = new Map<string, TableAt>()
  /** what had failed before the first of two attempts did: that is how it stands again once the second one was answered */
  const before = new Map<string, string | undefined>()
  for (const { lun, viewer, answer, attempt, seq, ended } of readings) {
    const id = `${lun} ${viewer}`
    const old = found.get(id) ?? { lun, viewer, events: [] }
    const events = [...old.events, seq].slice(-2)
    const good = attempt > 1 ? withFailure(old, before.get(id)) : old
    switch (answer.kind) {
      case 'keys':
        found.set(id, {
          ...withFailure(old, undefined),
          keys: answer.keys,
          generation: answer.generation,
          at: ended.latest,
          events,
        })
        break
      case 'reservation':
        found.set(id, { ...good, reservation: answer.reservation, at: ended.latest, events })
        break
      case 'failed':
        if (attempt === 1) before.set(id, old.failed)
        found.set(id, { ...old, failed: answer.why, events })
        break
      case 'full-status':
        if (attempt > 1) found.set(id, good)
        break
      default:
        assertNever(answer, 'answer')
    }
  }
  return [...found.values()]
}

function withFailure(table: TableAt, why: string | undefined): TableAt {
  const { failed, ...rest } = table
  return why === undefined ? rest : { ...rest, failed: why }
}
