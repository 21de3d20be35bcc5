import { scenarios } from './scenarios.ts'
import type { Scenario } from './scenario.ts'

/** Whether a recorded row is the one that this version has by its name. */
export type RowIdentity = 'same' | 'differs' | 'unknown name'

/** A row as one text, whatever the order of its fields: two rows are the same if their texts are. Its hash names the row. */
export function rowText(row: Scenario): string {
  return JSON.stringify(canonical(row))
}

/**
 * Compares a recorded row with the table of this version. A row of an older version, or one that was edited, may expect
 * something else or name fewer rules: judging goes by the recorded one, and whoever reads the verdict must know.
 * @param table the rows to compare with; those of this version
 */
export function rowIdentity(row: Scenario, table: readonly Scenario[] = scenarios): RowIdentity {
  const own = table.find(({ name }) => name === row.name)
  if (!own) return 'unknown name'
  return rowText(own) === rowText(row) ? 'same' : 'differs'
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, one]) => [name, canonical(one)]),
  )
}
