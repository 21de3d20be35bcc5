import { joined, markup, type Markup, type MarkupValue } from './markup.ts'
import { stagesOf } from '../verdicts/stages.ts'
import { word } from './word.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import type { ReportedRow } from './rows.ts'
import type { RunReport } from './run-report.ts'

/**
 * The documented tables as their documents print them, with what was expected, what was observed, and the verdicts.
 * One table for each document and testbed; rows that were not run are named after them.
 * @param numbers of the runs in this report
 */
export function documentedTables(rows: readonly ReportedRow[], numbers: ReadonlyMap<RunReport, number>): Markup {
  const run = rows.filter(({ runs }) => runs.length > 0)
  const tables = grouped(run, ({ scenario, testbed }) => JSON.stringify([scenario.source.document, testbed]))
  return markup`${tables.map(([, group]) => documentTable(group, numbers))}
${notRun(rows.filter(({ runs }) => runs.length === 0))}`
}

const rolesIn = ({ scenario }: ReportedRow) => Object.keys(scenario.document.nodes)

function documentTable(rows: readonly ReportedRow[], numbers: ReadonlyMap<RunReport, number>): Markup {
  const roles = [...new Set(rows.flatMap(rolesIn))].toSorted()
  const [first] = rows
  return markup`<table class="document">
<caption>${first?.scenario.source.document}${first?.testbed === undefined ? undefined : markup`; on testbed ${first.testbed}`}.</caption>
<thead><tr><th scope="col">Event</th>${roles.map((role) => markup`<th scope="col">Node ${role}</th>`)}<th scope="col">Operator action</th><th scope="col" class="verdict">Verdict</th></tr></thead>
${rows.map((row) => documentedRow(row, roles, numbers))}</table>
`
}

function documentedRow(
  { scenario, runs }: ReportedRow,
  roles: readonly string[],
  numbers: ReadonlyMap<RunReport, number>,
): Markup {
  const { event, nodes, operatorAction } = scenario.document
  const verdicts = grouped(runs, (report) => report.word).map(
    ([verdict, those]) =>
      markup`<li>${word(verdict)}<br/><span class="small">${runsInWords(those, numbers)}</span></li>`,
  )
  const cells = roles.map((role) => {
    const text = nodes[role]
    return text === undefined
      ? markup`<td class="dim">–</td>`
      : markup`<td>${text}${stages(scenario, role).map((stage) => observedAt(stage, role, runs, numbers))}</td>`
  })
  return markup`<tbody>
<tr><th colspan="${roles.length + 3}" scope="rowgroup" class="row">${scenario.title} <span class="dim">(<code>${scenario.name}</code>; ${scenario.source.place})</span></th></tr>
<tr><td>${event}</td>${cells}<td>${operatorAction}</td><td class="verdict"><ul class="plain">${verdicts}</ul></td></tr>
</tbody>
`
}

interface ExpectedAt {
  /** undefined: the end */
  readonly name: string | undefined
  readonly outcomes: readonly string[]
}

/** Where the row says what must have become of the role, on the way and in the end. */
function stages(scenario: Scenario, role: string): readonly ExpectedAt[] {
  const onTheWay = scenario.steps.flatMap((step) => {
    const outcomes = step.do === 'checkpoint' ? step.expected[role] : undefined
    return step.do === 'checkpoint' && outcomes ? [{ name: step.name, outcomes }] : []
  })
  return [...onTheWay, { name: undefined, outcomes: scenario.expected[role] ?? [] }]
}

function observedAt(
  { name, outcomes }: ExpectedAt,
  role: string,
  runs: readonly RunReport[],
  numbers: ReadonlyMap<RunReport, number>,
): Markup {
  const seen = grouped(runs, (report) => observed(report, role, name)).map(([words, those]) => {
    const which =
      those.length === runs.length ? undefined : markup` <span class="dim">(${runsInWords(those, numbers)})</span>`
    return markup`<br/><span class="dim">Observed:</span> ${words}${which}`
  })
  return markup`<div class="observed">${name === undefined ? undefined : markup`<span class="dim">When ${name}:</span><br/>`}<span class="dim">Expected:</span> ${outcomes.join(' or ') || 'nothing'}${seen}</div>`
}

function observed({ run, started, judged }: RunReport, role: string, stage: string | undefined): string {
  if (stage === undefined) {
    // who has a role in the end may have been decided on the way
    const node = run?.roles[role] ?? started?.roles[role]
    return node === undefined ? 'no node has this role' : `${node} ${judged.nodes[node]?.observed ?? 'unknown'}`
  }
  const at = run && stagesOf(run).find(({ name }) => name === stage)
  const node = at?.roles[role]
  if (!at || node === undefined) return 'this was not reached'
  return `${node} ${at.nodes.find(({ name }) => name === node)?.outcome ?? 'unknown'}`
}

/** so many runs are named one by one, each a link to its evidence */
const mostRuns = 6

function runsInWords(runs: readonly RunReport[], numbers: ReadonlyMap<RunReport, number>): MarkupValue {
  if (runs.length > mostRuns) return `in ${runs.length} runs`
  const links = runs.map((report) => markup`<a href="#run-${numbers.get(report)}">${numbers.get(report)}</a>`)
  return markup`${runs.length === 1 ? 'run' : 'runs'} ${joined(links, markup`, `)}`
}

/** Things with the same key together, in the order in which the keys first come. */
function grouped<T, K>(things: readonly T[], keyOf: (thing: T) => K): readonly (readonly [K, readonly T[]])[] {
  const groups = new Map<K, T[]>()
  for (const thing of things) {
    const key = keyOf(thing)
    groups.set(key, [...(groups.get(key) ?? []), thing])
  }
  return [...groups]
}

function notRun(rows: readonly ReportedRow[]): MarkupValue {
  if (rows.length === 0) return undefined
  const names = rows.map(({ scenario }) => markup`${scenario.title} (<code>${scenario.name}</code>)`)
  return markup`<p class="small"><span class="dim">Rows of the documented tables that this report has no run of:</span> ${joined(names, markup`; `)}.</p>`
}
