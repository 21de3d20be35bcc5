import { keyText } from '../../labs/timeline/words.ts'
import { typeWords } from '../../labs/scsi/reservation-type.ts'
import { oldSince, tablesBeforeAndAfter, type TableAt } from '../../labs/journal/tables-at.ts'
import { formatVerdict } from '../../labs/verdicts/format-verdict.ts'
import type { Line, RunStarted } from '../../labs/journal/event.ts'
import type { Verdict } from '../../labs/verdicts/verdict.ts'
import { textTable } from './text-table.ts'

/** A judged run for a terminal: the row, the key tables before and after, the verdict with its reasons, the recording. */
export function showRun(lines: readonly Line[], verdict: Verdict, directory: string, seconds?: number): string {
  const started = lines.find((line) => line.type === 'run.started')
  const head = started ? heading(started) : 'a recording without its beginning'
  if (verdict.verdict === 'not-applicable') {
    // nothing was looked at: tables of nothing would only hide the reason
    return `\n${head}\n\nNot applicable, nothing was run: ${verdict.reasons.map(({ text }) => text).join('; ')}\nRecording: ${directory}\n`
  }
  const keys = started ? keyTables(lines, started) : ''
  const took = seconds === undefined ? '' : ` (${seconds.toFixed(1)} s)`
  return `\n${head}\n\n${keys}\n\nVerdict: ${formatVerdict(verdict)}\nRecording: ${directory}${took}\n`
}

function heading({ scenario, testbed, roles, wall }: RunStarted): string {
  const nodes = Object.entries(roles).map(([role, name]) => `${name} is node ${role}`)
  return [
    `${scenario.title}  [${scenario.name}]`,
    `  ${scenario.source.document}, ${scenario.source.place}`,
    `  testbed ${testbed.name}, ${wall}; ${nodes.join(', ')}`,
  ].join('\n')
}

/** For each LUN how it was and how it is: what all viewers that look on agree upon; where they do not, each of them. */
function keyTables(lines: readonly Line[], started: RunStarted): string {
  const { before, after } = tablesBeforeAndAfter(lines)
  const names = keyNames(started)
  const rows = started.testbed.luns.flatMap(({ name, use }) => {
    const views = [...agreed(before, name, 'before', names), ...agreed(after, name, 'at the end', names)]
    return views.map((view, index) => [index === 0 ? `${name} (${use})` : '', ...view])
  })
  return textTable([['LUN', 'when', 'keys', 'as seen by'], ...rows])
}

/** What viewers saw of a LUN, those that agree together. What nobody looked at in the end has the time of the last look. */
function agreed(
  tables: readonly TableAt[],
  lun: string,
  when: string,
  names: ReadonlyMap<string, string>,
): readonly (readonly string[])[] {
  const groups = new Map<string, TableAt[]>()
  for (const table of tables.filter((one) => one.lun === lun)) {
    const words = describe(table, names)
    groups.set(words, [...(groups.get(words) ?? []), table])
  }
  if (groups.size === 0) return [[when, 'not read', '']]
  return [...groups].map(([words, those]) => {
    const old = oldSince(those)
    const by = those.map(({ viewer }) => viewer).join(', ')
    return [old === undefined ? when : `${(old / 1000).toFixed(1)} s, not later`, words, by]
  })
}

export function describe(table: TableAt | undefined, names: ReadonlyMap<string, string>): string {
  if (!table?.keys) return table?.failed === undefined ? 'not read' : `failed: ${table.failed}`
  const keys = table.keys.length === 0 ? 'none' : table.keys.map((key) => names.get(key) ?? keyText(key)).join(' ')
  const held = table.reservation ? `; ${typeWords(table.reservation.type) ?? `type ${table.reservation.type}`}` : ''
  return `${keys}${held}${table.failed === undefined ? '' : ' (last read failed)'}`
}

/** Keys as what they mean where that is known: `nodea (A-------)`. */
export function keyNames(started: Pick<RunStarted, 'testbed'>): ReadonlyMap<string, string> {
  return new Map(
    started.testbed.nodes.flatMap(({ name, keys }) =>
      [keys.coordination, keys.data]
        .filter((key) => key !== '')
        .map((key) => [key, `${name}=${keyText(key)}`] as const),
    ),
  )
}
