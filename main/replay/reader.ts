import { setTimeout as pause } from 'node:timers/promises'
import { htmlReport } from '../../labs/report/html.ts'
import { junitReport } from '../../labs/report/junit.ts'
import { markdownReport } from '../../labs/report/markdown.ts'
import { lastKeyChange, panicTimes, rowStatistics } from '../../labs/report/statistics.ts'
import { reportRun } from '../../labs/report/run-report.ts'
import { eventNear } from '../../labs/replay/event-near.ts'
import { judge } from '../../labs/verdicts/judge.ts'
import type { Verdict } from '../../labs/verdicts/verdict.ts'
import type { RunSummary, RunView } from '../../preload/contract/runs.ts'
import type { Window } from '../../labs/replay/lane-window.ts'
import { UserError } from '../load-testbed.ts'
import { checkRun, type Check } from './check-run.ts'
import { readRun } from '../report/read-runs.ts'
import { version } from '../version.ts'
import { OpenRun } from './open-run.ts'
import { summaries, type Listed, type RunPlace } from './summarise.ts'

const reports = { html: htmlReport, junit: junitReport, markdown: markdownReport } as const
/** so many runs stay open; of more, those that were not asked for longest are closed */
const mostOpen = 6

/** so many moments side by side are told apart at a first look: about as many as a screen is wide */
const cells = 1000

/**
 * Reads recordings for the views. Lives in a thread of its own, so that folding a large journal does not keep the engine
 * from looking at its hosts.
 */
export function createReader() {
  const open = new Map<string, OpenRun>()
  const summarise = summaries()

  function runOf(directory: string): OpenRun {
    const found = open.get(directory) ?? new OpenRun(directory)
    open.delete(directory)
    open.set(directory, found)
    for (const oldest of [...open.keys()].slice(0, Math.max(0, open.size - mostOpen))) open.delete(oldest)
    return found
  }
  async function read(directory: string): Promise<OpenRun> {
    const run = runOf(directory)
    if (!run.wasRead) await run.refresh()
    return run
  }
  /** For what is drawn, a first look will do. */
  async function seen(directory: string): Promise<OpenRun> {
    const run = runOf(directory)
    return run.wasSkimmed ? run : read(directory)
  }
  async function summaryOf(place: RunPlace): Promise<Listed> {
    const listed = await summarise(place)
    if (!listed) throw Object.assign(new Error(`${place.directory} holds no recorded run`), { code: 'ENOENT' })
    if (listed.summary.state === 'unreadable') throw new UserError(listed.summary.trouble ?? 'it cannot be read')
    return listed
  }

  return {
    async summaries(places: readonly RunPlace[]): Promise<readonly Listed[]> {
      const found = await Promise.all(places.map((place) => summarise(place)))
      return found.filter((listed) => listed !== undefined)
    },
    /** The run, its journal read to the end. */
    async open(place: RunPlace, instead?: Verdict): Promise<RunView> {
      const run = runOf(place.directory)
      const { summary } = await summaryOf(place)
      await run.refresh()
      run.showInstead(instead)
      return viewOf(run, summary, false)
    },
    /** The run as a first look at a long journal shows it, until it is opened. */
    async skim(place: RunPlace, instead?: Verdict): Promise<RunView> {
      const run = runOf(place.directory)
      const { summary } = await summaryOf(place)
      run.showInstead(instead)
      await run.skim(Math.max(1, summary.milliseconds / cells))
      return viewOf(run, summary, true)
    },
    /** The journals that are in memory, read to the end. */
    held: () => [...open].filter(([, run]) => run.wasRead).map(([directory]) => directory),
    /** Reads on where a journal grows. True where it did. */
    async refresh(directory: string) {
      const run = runOf(directory)
      const grew = await run.refresh()
      return { grew, seq: run.seq, at: run.lines.at(-1)?.at ?? 0, ended: run.ended }
    },
    async window(directory: string, window: Window) {
      return (await seen(directory)).window(window)
    },
    async scene(directory: string, at: number, allViewers: boolean) {
      return (await seen(directory)).scene(at, allViewers)
    },
    async lines(directory: string, filter: Parameters<OpenRun['select']>[0]) {
      return (await read(directory)).select(filter)
    },
    async line(directory: string, seq: number) {
      return (await read(directory)).line(seq)
    },
    async near(directory: string, first: number, last: number, at: number) {
      return eventNear((await read(directory)).lines, first, last, at)
    },
    async facts(directory: string) {
      return (await read(directory)).facts()
    },
    async attachment(directory: string, name: string) {
      return { text: await (await read(directory)).attachment(name) }
    },
    async judge(directory: string) {
      const run = await read(directory)
      const verdict = judge(run.lines)
      return { verdict, same: run.verdict !== undefined && sameVerdict(run.verdict, verdict) }
    },
    check: (directory: string): Promise<Check> => checkRun(directory),
    async report(directories: readonly string[], form: keyof typeof reports, leftOut = 0) {
      const found = []
      for (const directory of directories) {
        found.push(reportRun(await readRun(directory)))
        // whoever else asks this thread is answered in between
        await pause(0)
      }
      return reports[form](found, version, leftOut)
    },
    async statistics(directories: readonly string[]) {
      const found = []
      for (const directory of directories) {
        const run = await read(directory)
        const name = directory
        // what a list shows does not verify each recording anew: verdict.json is taken for what it is
        found.push(
          reportRun({
            name,
            lines: run.lines,
            journal: { lines: run.seq, lastLine: '', sha256: '' },
            whole: run.problems.length === 0,
            problems: run.problems,
          }),
        )
        await pause(0)
      }
      const decided = found.filter(({ word }) => word !== 'inconclusive' && word !== 'not-applicable')
      return {
        statistics: rowStatistics(found),
        panics: decided.flatMap(panicTimes),
        lastKeyChanges: decided.flatMap(lastKeyChange),
      }
    },
  }
}
export type Reader = ReturnType<typeof createReader>

function viewOf(run: OpenRun, summary: RunSummary, reading: boolean): RunView {
  const shown = run.replay()
  return {
    summary,
    started: run.started ?? null,
    verdict: run.verdict ?? null,
    steps: shown?.steps ?? [],
    decisive: shown?.decisive ?? null,
    injected: run.lines.find((line) => line.type === 'fault')?.at ?? null,
    from: shown?.lanes.from ?? 0,
    to: shown?.lanes.to ?? 0,
    seq: run.seq,
    ended: run.ended,
    reading,
    problems: run.problems,
    attachments: run.attachments(),
  }
}

function sameVerdict(kept: Verdict, again: Verdict): boolean {
  const words = ({ verdict, nodes, reasons }: Verdict) =>
    JSON.stringify([
      verdict,
      Object.entries(nodes).map(([name, { observed, expected }]) => [name, observed, expected]),
      reasons.map(({ rule, bearing }) => [rule, bearing]),
    ])
  return words(kept) === words(again)
}
