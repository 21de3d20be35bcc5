import { decodeKey } from '../../labs/scsi/key-codec.ts'
import { typeWords } from '../../labs/scsi/reservation-type.ts'
import { tablesBeforeAndAfter, type TableAt } from '../../labs/journal/tables-at.ts'
import { formatVerdict } from '../../labs/verdicts/format-verdict.ts'
import type { Line, RunStarted } from '../../labs/journal/event.ts'
import type { Verdict } from '../../labs/verdicts/verdict.ts'
import { textTable } from './text-table.ts'

/** A judged run for a terminal: the row, the key tables before and after, the verdict with its reasons, the recording. */
export function showRun(lines: readonly Line[], verdict: Verdict, directory: string, seconds?: number): string {
  const started = lines.find((line) => line.type === 'run.started')
  const head = started ? heading(started) : 'a recording without its beginning'
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

/** One row a LUN: what all viewers that look on agreed upon; where they do not, each of them. */
function keyTables(lines: readonly Line[], started: RunStarted): string {
  const { before, after } = tablesBeforeAndAfter(lines)
  const names = keyNames(started)
  const rows = started.testbed.luns.flatMap(({ name, use }) => {
    const views = merged(before, after, name, names)
    return views.map(({ viewers, was, is }, index) => [
      index === 0 ? `${name} (${use})` : '',
      was,
      is,
      viewers,
    ])
  })
  return textTable([['LUN', 'keys before the fault', 'keys at the end', 'as seen by'], ...rows])
}

function merged(before: readonly TableAt[], after: readonly TableAt[], lun: string, names: ReadonlyMap<string, string>) {
  const of = (tables: readonly TableAt[], viewer: string) => tables.find((table) => table.lun === lun && table.viewer === viewer)
  const viewers = [...new Set([...before, ...after].filter((table) => table.lun === lun).map(({ viewer }) => viewer))]
  const groups = new Map<string, { was: string; is: string; viewers: string[] }>()
  for (const viewer of viewers) {
    const was = describe(of(before, viewer), names)
    const is = describe(of(after, viewer), names)
    const group = groups.get(`${was}|${is}`) ?? { was, is, viewers: [] }
    group.viewers.push(viewer)
    groups.set(`${was}|${is}`, group)
  }
  return [...groups.values()].map((group) => ({ ...group, viewers: group.viewers.join(', ') }))
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
      [keys.coordination, keys.data].map((key) => [key, `${name}=${keyText(key)}`] as const),
    ),
  )
}

export function keyText(key: string): string {
  const decoded = decodeKey(key)
  return decoded.form === 'unknown' ? key : decoded.text
}
