import { rowLine, rowNotes } from './judged-row.ts'
import type { Reason, Verdict } from './verdict.ts'

const marks = { pass: 'ok  ', fail: 'FAIL', inconclusive: '?   ', 'not-applicable': '-   ' } as const

/**
 * A verdict as plain text for a terminal, with a final newline: the word, a table of the nodes, and the reasons with
 * the numbers of the events that they rest on, those that decide first; then the row that it goes by.
 */
export function formatVerdict(verdict: Verdict): string {
  const nodes = Object.entries(verdict.nodes)
  const rows = [
    ['node', 'expected', 'observed', 'events'],
    ...nodes.map(([name, node]) => [name, node.expected, node.observed, eventList(node.events)]),
  ]
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const table = rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  )
  const reasons = verdict.reasons.toSorted((a, b) => rank(a) - rank(b)).map(formatReason)
  const row = verdict.row
    ? ['', `  Judged by the ${rowLine(verdict.row)}.`, ...rowNotes(verdict.row).map(indented)]
    : []
  return [verdict.verdict.toUpperCase(), ...(nodes.length > 0 ? ['', ...table] : []), '', ...reasons, ...row, ''].join(
    '\n',
  )
}

const indented = (text: string) => `  ${text}`

/** Unmet preconditions outrank everything, as in the verdict. */
function rank(reason: Reason): number {
  if (reason.rule === 'precondition') return 0
  return { fail: 1, inconclusive: 2, 'not-applicable': 2, pass: 3 }[reason.bearing]
}

function formatReason({ rule, bearing, text, events }: Reason): string {
  return `  ${marks[bearing]}  ${rule}: ${text}${events.length > 0 ? ` [${eventList(events)}]` : ''}`
}

/** Event numbers, runs of three and more as a range: `3, 7-10`. */
export function eventList(events: readonly number[]): string {
  const groups: { first: number; last: number }[] = []
  for (const event of events) {
    const group = groups.at(-1)
    if (group && event === group.last + 1) group.last = event
    else groups.push({ first: event, last: event })
  }
  return groups
    .flatMap(({ first, last }) => {
      if (last === first) return [`${first}`]
      return last === first + 1 ? [`${first}`, `${last}`] : [`${first}-${last}`]
    })
    .join(', ')
}
