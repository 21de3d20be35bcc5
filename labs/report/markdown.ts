import { eventList } from '../verdicts/format-verdict.ts'
import { rowLine, rowNotes } from '../verdicts/judged-row.ts'
import { reportedRows } from './rows.ts'
import { countWords, decidingFirst, leftOutWords, type RunReport } from './run-report.ts'
import { rowStatistics, winnerWords, type Distribution } from './statistics.ts'
import { visible } from '../timeline/visible.ts'
import { abridged, count, duration, moment } from '../timeline/words.ts'

/**
 * The report as Markdown (GitHub's, with tables): totals, a table of the runs, times of repeated rows, and for every run
 * the reasons of its verdict.
 * @param version the fencelab that judged and wrote this
 * @param leftOut so many runs of those that were asked for are not in it
 */
export function markdownReport(reports: readonly RunReport[], version: string, leftOut = 0): string {
  const words = countWords(reports)
  const missing = leftOutWords(reports.length, leftOut)
  const lines = [
    '# I/O fencing report',
    '',
    `${count(reports.length, 'run')}: ${words.pass} pass, ${words.fail} fail, ${words.inconclusive} inconclusive. Judged by fencelab ${escapeMarkdown(version)} from the recordings alone.`,
    '',
    ...(missing === undefined ? [] : [`**${missing}**`, '']),
    ...table(
      ['Run', 'Row', 'Testbed', 'Observed', 'Recording', 'Verdict'],
      reports.map(({ started, judged, recording, word }, index) => [
        String(index + 1),
        started?.scenario.name ?? 'unknown',
        started?.testbed.name ?? 'unknown',
        Object.entries(judged.nodes)
          .map(([name, { observed }]) => `${name}: ${observed}`)
          .join(', ') || 'unknown',
        recording.whole ? 'whole' : 'NOT whole',
        word,
      ]),
    ),
    ...documented(reports),
    ...together(reports),
    ...reports.flatMap(runLines),
  ]
  return `${lines.join('\n')}\n`
}

/** A text that stands for itself in Markdown, on one line, in a table's cell too. */
export function escapeMarkdown(text: string): string {
  return visible(text)
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]<>|~#!]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .trim()
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map((row) => line(row.map(escapeMarkdown))), '']
}

function documented(reports: readonly RunReport[]): readonly string[] {
  const found = reportedRows(reports)
  const roles = [...new Set(found.flatMap(({ scenario }) => Object.keys(scenario.document.nodes)))]
  const rows = found.map(({ scenario, runs }) => [
    scenario.document.event,
    ...roles.map((role) => scenario.document.nodes[role] ?? ''),
    scenario.document.operatorAction,
    runs.map(({ word }) => word).join(', ') || 'not run',
  ])
  const head = ['Event', ...roles.map((role) => escapeMarkdown(`Node ${role}`)), 'Operator action', 'Verdicts']
  return ['## The documented table', '', ...table(head, rows)]
}

function together(reports: readonly RunReport[]): readonly string[] {
  const repeated = reportedRows(reports).filter(({ runs }) => runs.length > 1)
  if (repeated.length === 0) return []
  const cells = (values: Distribution | undefined) =>
    values
      ? [String(values.count), duration(values.min), duration(values.median), duration(values.max)]
      : ['0', 'none', 'none', 'none']
  return [
    '## Runs of the same row together',
    '',
    'Times from the first command of the fault; never shorter than what really passed.',
    '',
    ...repeated.flatMap(({ scenario, testbed, runs }) => {
      const statistics = rowStatistics(runs)
      return [
        `${escapeMarkdown(scenario.title)} on ${escapeMarkdown(testbed ?? '')}, ${count(runs.length, 'run')}. Went on: ${escapeMarkdown(winnerWords(statistics))}.`,
        '',
        ...table(
          ['What', 'Values', 'Minimum', 'Median', 'Maximum'],
          [
            ['fault to a panic', ...cells(statistics.faultToPanic)],
            ['fault to the last change of a key', ...cells(statistics.faultToLastKeyChange)],
          ],
        ),
      ]
    }),
  ]
}

function runLines(
  { started, recording, judged, reasons, word, milliseconds }: RunReport,
  index: number,
): readonly string[] {
  const title = started?.scenario.title ?? 'a recording without its beginning'
  return [
    `## Run ${index + 1}: ${escapeMarkdown(title)}: ${word}`,
    '',
    `${escapeMarkdown(started?.wall ?? 'unknown time')}, ${moment(milliseconds)}, recording ${escapeMarkdown(recording.name)}, ${recording.whole ? 'whole' : 'NOT whole'}; sha256 of the journal ${recording.journal.sha256}, of its last line ${recording.journal.lastLine}.`,
    '',
    ...(judged.row ? [`Judged by the ${escapeMarkdown(rowLine(judged.row))}.`, ''] : []),
    ...(judged.row ? rowNotes(judged.row).flatMap((note) => [`**${escapeMarkdown(note)}**`, '']) : []),
    ...decidingFirst(reasons).map(
      ({ rule, bearing, text, events }) =>
        `- **${bearing}** ${escapeMarkdown(rule)}: ${escapeMarkdown(abridged(text))}${events.length > 0 ? ` (events ${eventList(events)})` : ''}`,
    ),
    '',
  ]
}
