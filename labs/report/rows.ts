import { scenarios } from '../scenarios/scenarios.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import type { RunReport } from './run-report.ts'

/** A row of the documented table on one testbed, and its runs. */
export interface ReportedRow {
  readonly scenario: Scenario
  /** the testbed's name; undefined for a row that was not run */
  readonly testbed: string | undefined
  readonly runs: readonly RunReport[]
}

/**
 * The runs by what they are runs of: the same row, word for word, on the same testbed with the same stack. Rows of the
 * table that were not run follow, without runs: that a row is missing is part of the report. Runs without a beginning
 * belong to no row.
 */
export function reportedRows(reports: readonly RunReport[]): readonly ReportedRow[] {
  const groups = new Map<string, ReportedRow & { readonly runs: RunReport[] }>()
  for (const report of reports) {
    if (!report.started) continue
    const { scenario, testbed } = report.started
    const { text: _text, file: _file, ...same } = testbed
    const id = JSON.stringify([scenario, same])
    const group = groups.get(id) ?? { scenario, testbed: testbed.name, runs: [] }
    groups.set(id, group)
    group.runs.push(report)
  }
  const found = [...groups.values()].toSorted((a, b) => place(a.scenario) - place(b.scenario))
  const missing = scenarios.filter(({ name }) => !found.some(({ scenario }) => scenario.name === name))
  return [...found, ...missing.map((scenario) => ({ scenario, testbed: undefined, runs: [] }))]
}

function place({ name }: Scenario): number {
  const index = scenarios.findIndex((scenario) => scenario.name === name)
  return index === -1 ? scenarios.length : index
}
