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
  readonly events: readonly number[]
}

/** The key tables before the fault and at the end, of every LUN, from every viewer that had a good answer. */
export function tablesBeforeAndAfter(lines: readonly Line[]): { readonly before: readonly TableAt[]; readonly after: readonly TableAt[] } {
  const frame = frameRun(lines)
  const readings = foldReadings(frame.lines, foldClocks(frame.lines))
  const injected = frame.injected?.seq ?? Infinity
  return {
    before: tables(readings.filter(({ seq }) => seq < injected)),
    after: tables(readings.filter(({ seq }) => seq > injected)),
  }
}

/** The last word of every viewer on every LUN. */
export function tables(readings: readonly Reading[]): readonly TableAt[] {
  const found = new Map<string, TableAt>()
  // a good answer ends a failure of its own kind: the retry after a unit attention, whichever read it had struck
  const failures = new Map<string, Readonly<Record<string, string>>>()
  for (const { lun, viewer, answer, seq } of readings) {
    const id = `${lun} ${viewer}`
    const old = found.get(id) ?? { lun, viewer, events: [] }
    const events = [...old.events, seq].slice(-2)
    switch (answer.kind) {
      case 'keys':
        found.set(id, { ...withoutFailure(old), keys: answer.keys, generation: answer.generation, events })
        break
      case 'reservation':
        found.set(id, { ...old, reservation: answer.reservation, events })
        break
      case 'failed':
        found.set(id, { ...old, failed: answer.why, events })
        break
      case 'full-status':
        break
    }
  }
  return [...found.values()]
}

function withoutFailure(table: TableAt): TableAt {
  const { failed, ...rest } = table
  return rest
}
