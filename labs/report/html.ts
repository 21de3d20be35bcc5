import { documentedTables } from './html-table.ts'
import { htmlRun } from './html-run.ts'
import { htmlStyle } from './html-style.ts'
import { legend } from './legend.ts'
import { joined, markup, markupText, type Markup, type MarkupValue } from './markup.ts'
import { reportedRows, type ReportedRow } from './rows.ts'
import { countWords, decidingWords, leftOutWords, type RunReport } from './run-report.ts'
import { rowStatistics, winnerWords, type Distribution } from './statistics.ts'
import { count, duration } from '../timeline/words.ts'
import { word } from './word.ts'

/**
 * The report as one HTML page that needs nothing else: no network, no scripts. The text is well-formed XML too.
 * @param version the fencelab that judged and wrote this
 * @param leftOut so many runs of those that were asked for are not in it
 */
export function htmlReport(reports: readonly RunReport[], version: string, leftOut = 0): string {
  const rows = reportedRows(reports)
  const numbers = new Map(reports.map((report, index) => [report, index + 1]))
  const title = `I/O fencing: ${testbedNames(reports).join(', ') || 'no testbed'}`
  const page = markup`<!DOCTYPE html>
<html lang="en" xmlns="http://www.w3.org/1999/xhtml">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="generator" content="fencelab ${version}"/>
<title>${title}</title>
<style>${htmlStyle}</style>
</head>
<body>
<main>
<header>
<h1>${title}</h1>
${note(leftOutWords(reports.length, leftOut))}${summary(reports, version)}
</header>
<section aria-labelledby="runs"><h2 id="runs">Runs</h2>
${runTable(reports)}
</section>
<section aria-labelledby="table"><h2 id="table">The documented table, and what was observed</h2>
${documentedTables(rows, numbers)}
</section>
${distributions(rows)}
${legend(reports)}
${reports.map((report, index) => htmlRun(report, index + 1))}
</main>
</body>
</html>
`
  return markupText(page)
}

const note = (words: string | undefined): MarkupValue =>
  words === undefined ? undefined : markup`<div class="alarm"><strong>Not all runs.</strong> ${words}</div>`

function testbedNames(reports: readonly RunReport[]): readonly string[] {
  return [...new Set(reports.flatMap(({ started }) => (started ? [started.testbed.name] : [])))]
}

function summary(reports: readonly RunReport[], version: string): Markup {
  const words = countWords(reports)
  const broken = reports.filter(({ recording }) => !recording.whole).length
  const walls = reports.flatMap(({ started }) => (started ? [started.wall] : [])).toSorted()
  const stacks = [
    ...new Set(
      reports.flatMap(({ started }) =>
        started ? [`${started.testbed.stack.kind}, policy ${started.testbed.stack.policy}`] : [],
      ),
    ),
  ]
  const versions = [...new Set(reports.flatMap(({ started }) => (started ? [started.fencelab] : [])))]
  const when =
    walls.length === 0
      ? 'at an unknown time'
      : walls[0] === walls.at(-1)
        ? String(walls[0])
        : `from ${walls[0]} to ${walls.at(-1)}`
  return markup`<p class="dim">Fencing stack: ${stacks.join('; ') || 'unknown'}. Recorded ${when} by fencelab ${versions.join(', ') || 'of unknown version'}; judged again for this report by fencelab ${version}.</p>
<ul class="totals" aria-label="Totals">
<li><b>${reports.length}</b>${reports.length === 1 ? 'run' : 'runs'}</li>
${(['pass', 'fail', 'inconclusive', ...(words['not-applicable'] > 0 ? (['not-applicable'] as const) : [])] as const).map((one) => markup`<li><b>${words[one]}</b>${word(one)}</li>\n`)}</ul>
<p>Every verdict rests on the recording of its run alone: faults are injected and verified, the key tables of every LUN and what became of every node are recorded, and rules decide. Inconclusive means that the recording proves neither; it never counts as a pass.</p>
${broken === 0 ? undefined : markup`<p class="alarm"><strong>${count(broken, 'recording is', 'recordings are')} not whole.</strong> Such a run is inconclusive here, whatever its lines say.</p>`}`
}

function runTable(reports: readonly RunReport[]): Markup {
  return markup`<table>
<caption>Each run with what became of every node. The number leads to its evidence.</caption>
<thead><tr><th scope="col">Run</th><th scope="col">Row</th><th scope="col">Testbed</th><th scope="col">Observed</th><th scope="col">Recording</th><th scope="col">Verdict</th><th scope="col">Decided by</th></tr></thead>
<tbody>
${reports.map((report, index) => {
  const { started, judged, recording, word: verdict } = report
  const nodes = Object.entries(judged.nodes).map(([name, { observed }]) => markup`${name}: ${observed}`)
  return markup`<tr><th scope="row"><a href="#run-${index + 1}">${index + 1}</a></th><td>${started?.scenario.title ?? 'unknown'}</td><td>${started?.testbed.name ?? 'unknown'}</td><td class="short">${nodes.length === 0 ? 'unknown' : joined(nodes, markup`<br/>`)}</td><td>${recording.whole ? 'whole' : 'NOT whole'}</td><td class="short">${word(verdict)}</td><td>${why(report)}</td></tr>
`
})}</tbody>
</table>`
}

/** so many characters of the deciding reason stand in the table; all of it stands with the run */
const mostOfReason = 160

function why(report: RunReport): MarkupValue {
  const words = decidingWords(report)
  if (words === undefined) return markup`<span class="dim">every rule passed</span>`
  const all = [...words]
  return all.length <= mostOfReason ? words : `${all.slice(0, mostOfReason).join('')} …`
}

/** Only where several runs are of the same row: one run has no distribution. */
function distributions(rows: readonly ReportedRow[]): MarkupValue {
  const repeated = rows.filter(({ runs }) => runs.length > 1)
  if (repeated.length === 0) return undefined
  return markup`<section aria-labelledby="distributions"><h2 id="distributions">Runs of the same row together</h2>
<p class="small dim">Times begin when the first command of the fault was about to be given, and end when what is measured was written down or had surely been seen: they are never shorter than what really passed. Inconclusive runs have no winner and no times.</p>
${repeated.map(({ scenario, testbed, runs }) => {
  const statistics = rowStatistics(runs)
  return markup`<table>
<caption><strong>${scenario.title}</strong> on ${testbed}: ${count(statistics.runs, 'run')}, ${statistics.verdicts.pass} pass, ${statistics.verdicts.fail} fail, ${statistics.verdicts.inconclusive} inconclusive</caption>
<thead><tr><th scope="col">What</th><th scope="col" class="number">Values</th><th scope="col" class="number">Minimum</th><th scope="col" class="number">Median</th><th scope="col" class="number">Maximum</th></tr></thead>
<tbody>
${times('Time from the fault to a panic', statistics.faultToPanic)}
${times('Time from the fault to the last change of a key', statistics.faultToLastKeyChange)}
</tbody>
</table>
<p>Went on: ${winnerWords(statistics)}.</p>
`
})}</section>`
}

function times(what: string, values: Distribution | undefined): Markup {
  const cells = values ? [values.min, values.median, values.max].map(duration) : ['none', 'none', 'none']
  return markup`<tr><th scope="row">${what}</th><td class="number">${values?.count ?? 0}</td>${cells.map((cell) => markup`<td class="number">${cell}</td>`)}</tr>`
}
