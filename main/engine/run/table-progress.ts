import type { OnProgress } from '../../progress.ts'
import { lastDuration } from './durations.ts'

/** seconds for a row that was never run here, where none of the others was either */
const unknownRowSeconds = 30

/** Tells where several rows are as a whole. The first one that is asked for has the index 0. */
export interface TableProgress {
  /** what one row tells goes through here */
  ofRow(index: number): OnProgress
}

/**
 * Progress and time left over all rows, from how long each took when it was last run on this computer. The time that the
 * lab takes to go back to all green is part of it from the second row on: it is measured as it goes.
 * @param rows names, in the order in which they will be run
 */
export async function tableProgress(rows: readonly string[], onProgress: OnProgress): Promise<TableProgress> {
  const known = await Promise.all(rows.map(lastDuration))
  const measured = known.filter((seconds) => seconds !== undefined).toSorted((a, b) => a - b)
  const typical = measured[measured.length >> 1] ?? unknownRowSeconds
  const expected = known.map((seconds) => seconds ?? typical)
  const total = sum(expected)
  const began = performance.now()
  return {
    ofRow(index) {
      const before = sum(expected.slice(0, index))
      const own = expected[index] ?? typical
      // what the rows before took beside their own time (going back to green) will be taken by those that follow, too
      const between = index === 0 ? 0 : Math.max(0, (performance.now() - began) / 1000 - before) / index
      const rowBegan = performance.now()
      return ({ text, fraction = 0 }) => {
        const gone = Math.min(own, Math.max((performance.now() - rowBegan) / 1000, fraction * own))
        const left = total - before - gone + between * (rows.length - index)
        onProgress({
          text: rows.length === 1 ? text : `row ${index + 1} of ${rows.length}: ${text}`,
          fraction: Math.min(1, (before + gone) / total),
          secondsLeft: Math.max(1, Math.round(left)),
        })
      }
    },
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0)
}
