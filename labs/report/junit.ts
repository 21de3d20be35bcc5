import { abridged } from '../timeline/words.ts'
import { markup, markupText, type Markup } from './markup.ts'
import { rowLine, rowNotes } from '../verdicts/judged-row.ts'
import { decidingFirst, leftOutWords, type RunReport } from './run-report.ts'
import { eventList } from '../verdicts/format-verdict.ts'

/**
 * The report as JUnit XML: a suite for each testbed, a case for each run. A fail is a failure, an inconclusive run an
 * error; both say what decided. Source of the form: the XML schema of Ant's JUnit report (Windy Road, JUnit.xsd); that
 * of Jenkins' xunit plugin (junit-10.xsd) asks for less.
 * @param version the fencelab that judged and wrote this
 * @param leftOut so many runs of those that were asked for are not in it
 */
export function junitReport(reports: readonly RunReport[], version: string, leftOut = 0): string {
  const suites = new Map<string, RunReport[]>()
  for (const report of reports) {
    const name = testbedOf(report)
    const suite = suites.get(name)
    if (suite) suite.push(report)
    else suites.set(name, [report])
  }
  return markupText(markup`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
${[...suites].map(([name, runs], index) => suiteOf(name, runs, index, version, leftOutWords(reports.length, leftOut)))}</testsuites>
`)
}

function suiteOf(name: string, runs: readonly RunReport[], index: number, version: string, missing?: string): Markup {
  const count = (word: RunReport['word']) => runs.filter((run) => run.word === word).length
  const time = runs.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
  const stacks = [
    ...new Set(
      runs.flatMap(({ started }) =>
        started ? [`${started.testbed.stack.kind}, policy ${started.testbed.stack.policy}`] : [],
      ),
    ),
  ]
  const recorders = [...new Set(runs.flatMap(({ started }) => (started ? [started.fencelab] : [])))]
  return markup`<testsuite name="${token(name)}" package="fencelab" id="${index}" timestamp="${timestamp(runs)}" hostname="localhost" tests="${runs.length}" failures="${count('fail')}" errors="${count('inconclusive')}" time="${seconds(time)}">
<properties>
<property name="judged by" value="fencelab ${version}"/>
<property name="recorded by" value="fencelab ${recorders.join(', ') || 'of unknown version'}"/>
<property name="stack" value="${stacks.join('; ') || 'unknown'}"/>
${missing === undefined ? undefined : markup`<property name="left out" value="${missing}"/>\n`}</properties>
${runs.map((run) => caseOf(run, name))}<system-out>${runs.map(recordingLine)}</system-out>
<system-err></system-err>
</testsuite>
`
}

function caseOf(report: RunReport, testbed: string): Markup {
  const row = report.started?.scenario.name ?? 'unknown row'
  const tag = markup`testcase name="${token(`${row} (${report.recording.name})`)}" classname="${token(`fencelab.${testbed}.${row}`)}" time="${seconds(report.milliseconds)}"`
  if (report.word === 'pass') return markup`<${tag}/>\n`
  const deciding = decidingFirst(report.reasons).filter(({ bearing }) => bearing !== 'pass')
  const message = deciding[0] ? `${deciding[0].rule}: ${abridged(deciding[0].text)}` : 'no reason was given'
  const lines = decidingFirst(report.reasons).map(
    ({ rule, bearing, text, events }) =>
      markup`${bearing} ${rule}: ${text}${events.length > 0 ? ` [events ${eventList(events)}]` : ''}\n`,
  )
  // Ant's schema knows no skipped test; Jenkins' does, and the others let it pass
  if (report.word === 'not-applicable') return markup`<${tag}><skipped/></testcase>\n`
  return report.word === 'fail'
    ? markup`<${tag}><failure type="fail" message="${message}">${lines}</failure></testcase>\n`
    : markup`<${tag}><error type="inconclusive" message="${message}">${lines}</error></testcase>\n`
}

/** What stands in the suite's output: a test that passed has no place of its own for it. */
function recordingLine({ recording, judged: { row }, word }: RunReport): Markup {
  const state = recording.whole ? 'whole' : 'NOT whole'
  return markup`${recording.name}: ${word}; recording ${state}, ${recording.journal.lines} lines, sha256 ${recording.journal.sha256}, last line ${recording.journal.lastLine}${row ? `. ${[`Judged by the ${rowLine(row)}.`, ...rowNotes(row)].join(' ')}` : ''}\n`
}

function testbedOf({ started }: RunReport): string {
  return token(started?.testbed.name ?? 'unknown testbed')
}

/** The schema's names are tokens of at least one character; spaces at the ends would not count. */
function token(text: string): string {
  return text.replace(/\s+/g, ' ').trim() || 'unnamed'
}

/** A decimal without an exponent, which the schemas do not know. */
function seconds(milliseconds: number): string {
  return Number.isFinite(milliseconds) && milliseconds < 1e15 ? (milliseconds / 1000).toFixed(3) : '0'
}

/**
 * When the first of the runs began, in UTC and without a zone, as the schema wants it. It wants one even where no
 * recording tells: that is the beginning of 1970.
 */
function timestamp(runs: readonly RunReport[]): string {
  const times = runs.flatMap(({ started }) => {
    const wall = started?.wall ?? ''
    const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(wall) ? Date.parse(wall) : Number.NaN
    return Number.isNaN(time) ? [] : [time]
  })
  return new Date(times.reduce((least, time) => Math.min(least, time), times[0] ?? 0)).toISOString().slice(0, 19)
}
