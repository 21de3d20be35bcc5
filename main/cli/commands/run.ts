import { resolve } from 'node:path'
import type { VerdictWord } from '../../../labs/verdicts/verdict.ts'
import { scenarioNamed, scenarios } from '../../../labs/scenarios/scenarios.ts'
import { choiceOf } from '../../../labs/steps/stack-choice.ts'
import { whyNotOn } from '../../../labs/steps/why-not-on.ts'
import type { Scenario } from '../../../labs/scenarios/scenario.ts'
import { didYouMean } from '../../../labs/testbed/did-you-mean.ts'
import { runsDirectory } from '../../directories.ts'
import { measuresOf, type RunMeasures } from '../../../labs/report/statistics.ts'
import { reportRun } from '../../../labs/report/run-report.ts'
import { checkLab, formatItems } from '../../engine/ready/check.ts'
import { openGreenLab } from '../../engine/ready/green.ts'
import { runRow } from '../../engine/run/run-row.ts'
import { tableProgress } from '../../engine/run/table-progress.ts'
import { loadTestbed, UserError, type LoadedTestbed } from '../../load-testbed.ts'
import { withLab } from '../../locks/lab-lock.ts'
import { refuseAnother } from '../../virtual/lab-state.ts'
import { ask } from '../ask.ts'
import { exitStatus, type Context, type ExitStatus } from '../context.ts'
import { runDocument, type RunDocument } from '../run-document.ts'
import { RunsEnded } from '../runs-ended.ts'
import { readRun } from '../../report/read-runs.ts'
import { showRun } from '../show-run.ts'
import { showStatistics } from '../show-statistics.ts'
import { textTable } from '../text-table.ts'
import { tellUnfinished, undo } from '../../engine/inject/undo.ts'

export interface RunWords {
  readonly testbed: string
  readonly rows: readonly string[]
  readonly all: boolean
  readonly repeat: number
  readonly out?: string
  readonly json: boolean
}

/** Runs rows one after the other; one that fails does not stop the rest. The exit status is that of the worst. */
export async function run(words: RunWords, context: Context): Promise<ExitStatus> {
  const rows = rowsOf(words)
  const loaded = loadTestbed(words.testbed)
  if (!loaded.testbed.destructive) {
    throw new UserError(
      `${loaded.file} does not say "destructive: true": a row writes to its LUNs and takes nodes down`,
    )
  }
  if (loaded.testbed.virtual) refuseAnother(loaded)
  return withLab(loaded, () => runRows(rows, loaded, words, context))
}

async function runRows(
  rows: readonly Scenario[],
  loaded: LoadedTestbed,
  words: RunWords,
  context: Context,
): Promise<ExitStatus> {
  const left = await tellUnfinished(context)
  if (left.length > 0) {
    // every row starts from all green: what an earlier run left is taken back before anything else
    await undo({ ...context, print: context.say }, left)
  }
  // one that the testbed cannot carry is recorded as that, and starts no cluster
  const nextOf = (index: number) => rows.slice(index).find((scenario) => whyNotOn(scenario, loaded) === undefined)
  const first = nextOf(0)
  const green = await openGreenLab(loaded, {
    lifetime: 'bound',
    ...(first && { choice: choiceOf(first) }),
    ask: ask(context),
    onProgress: context.onProgress,
    signal: context.signal,
  })
  const documents: RunDocument[] = []
  const measures = new Map<string, readonly RunMeasures[]>()
  let worst: ExitStatus = exitStatus.passed
  try {
    context.onProgress({ text: 'checking the testbed' })
    const missing = (await checkLab(green.lab, context.signal)).filter(({ ok }) => !ok)
    if (missing.length > 0) {
      throw new UserError(`the testbed is not as it should be, nothing was injected:\n${formatItems(missing)}`)
    }
    const progress = await tableProgress(
      rows.map(({ name }) => name),
      context.onProgress,
    )
    for (const [index, scenario] of rows.entries()) {
      const result = await runRow({
        lab: green.lab,
        scenario,
        out: resolve(words.out ?? runsDirectory()),
        onProgress: progress.ofRow(index),
        // the next row may be about another cluster: then that one is what the lab goes back to
        restore: (signal) => green.restore(signal, choiceOf(nextOf(index + 1) ?? scenario)),
        signal: context.signal,
      })
      documents.push(runDocument(result.lines, result.verdict, result.directory, result.seconds))
      // as a report of the recording would say it, not as it is remembered
      if (words.repeat > 1)
        measures.set(scenario.name, [
          ...(measures.get(scenario.name) ?? []),
          measuresOf(reportRun(await readRun(result.directory))),
        ])
      if (!words.json) context.print(showRun(result.lines, result.verdict, result.directory, result.seconds))
      worst = worse(worst, result.verdict.verdict)
      if (context.signal.aborted) {
        context.say('stopped; what was injected is taken back')
        break
      }
    }
    // what ended the table before its last row: told as an error, beside the rows that were judged
    if (context.signal.aborted && words.json) throw context.signal.reason
  } catch (error) {
    throw new RunsEnded(error, documents)
  } finally {
    await green.close()
  }
  if (words.json) context.print(JSON.stringify(documents, null, 2))
  else if (documents.length > 1) {
    const table = documents.map(({ row, verdict, seconds, dir }) => [row, verdict, `${seconds} s`, dir])
    context.print(`\n${textTable([['row', 'verdict', 'time', 'recording'], ...table])}\n`)
    if (words.repeat > 1) context.print(showStatistics(measures))
  }
  if (documents.length > 0 && documents.every(({ verdict }) => verdict === 'not-applicable')) {
    context.say(
      `${loaded.file}: ${documents.length === 1 ? 'the scenario is' : 'none of these scenarios is'} not applicable to this testbed: nothing was run`,
    )
    return exitStatus.notRun
  }
  return context.signal.aborted ? exitStatus.notRun : worst
}

function rowsOf({ testbed, rows, all, repeat }: RunWords): readonly Scenario[] {
  if (scenarioNamed(testbed)) {
    throw new UserError(
      `on which testbed? Its name comes before the row: fencelab run virtual ${[testbed, ...rows].join(' ')}`,
    )
  }
  if (!all && rows.length === 0) throw new UserError('which row? Give names from "fencelab table", or --all')
  const chosen = all
    ? scenarios
    : rows.map((name) => {
        const found = scenarioNamed(name)
        if (found) return found
        const names = scenarios.map((one) => one.name)
        const near = didYouMean(name, names)
        throw new UserError(
          `there is no row "${name}"; ${near === undefined ? '' : `did you mean "${near}"? `}there are: ${names.join(', ')}`,
        )
      })
  return Array.from({ length: repeat }, () => chosen).flat()
}

function worse(so: ExitStatus, verdict: VerdictWord): ExitStatus {
  if (verdict === 'fail') return exitStatus.failed
  if (verdict === 'inconclusive' && so === exitStatus.passed) return exitStatus.inconclusive
  return so
}
