/** Reports on hand-written recordings. */
import { reportRun, type Recording, type RunReport } from '../../../labs/report/run-report.ts'
import { recorded, type Entry } from '../verdicts/history.ts'

export const recording = (entries: readonly Entry[], over: Partial<Recording> = {}): Recording => {
  const lines = recorded(entries)
  const journal = { lines: lines.length, lastLine: 'b'.repeat(64), sha256: 'a'.repeat(64) }
  return { name: 'run-1', lines, journal, whole: true, problems: [], ...over }
}
export const reportOf = (entries: readonly Entry[], over: Partial<Recording> = {}): RunReport =>
  reportRun(recording(entries, over))
