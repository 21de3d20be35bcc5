import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { htmlReport } from '../../labs/report/html.ts'
import { junitReport } from '../../labs/report/junit.ts'
import { markdownReport } from '../../labs/report/markdown.ts'
import { lastKeyChange, panicTimes, rowStatistics } from '../../labs/report/statistics.ts'
import { reportRun } from '../../labs/report/run-report.ts'
import { judge } from '../../labs/verdicts/judge.ts'
import type { Verdict } from '../../labs/verdicts/verdict.ts'
import type { RunView } from '../../preload/contract/runs.ts'
import type { Window } from '../../labs/replay/lane-window.ts'
import { cacheDirectory } from '../directories.ts'
import { verifyRecording } from '../recorder/verify-recording.ts'
import { readRun } from '../report/read-runs.ts'
import { version } from '../version.ts'
import { firstPictures, type FirstPicture } from './first-pictures.ts'
import { OpenRun } from './open-run.ts'
import { readVerdict } from './read-verdict.ts'
import { summaries, type RunPlace } from './summarise.ts'

const reports = { html: htmlReport, junit: junitReport, markdown: markdownReport } as const
/** so many runs stay open; of more, those that were not asked for longest are closed */
const mostOpen = 6

/**
 * Reads recordings for the views. Lives in a thread of its own, so that folding a large journal does not keep the engine
 * from looking at its hosts.
 */
export function createReader({ pictures: folder = join(cacheDirectory(), 'pictures'), longJournal = 20_000 } = {}) {
  const open = new Map<string, OpenRun>()
  const pictures = firstPictures(folder)
  /** shown while the journal is read */
  const kept = new Map<string, FirstPicture>()
  /** could not be read in the background: whoever opens it is told why */
  const unreadable = new Set<string>()
  /** what was answered first since a long journal was read, until there is a picture of it */
  const drawn = new Map<string, Partial<FirstPicture>>()
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
  /** The answer of the last time, while the journal is read: undefined where another question was asked then. */
  function before<K extends 'window' | 'scene'>(directory: string, part: K, asked: FirstPicture[K]['asked']): FirstPicture[K]['answer'] | undefined {
    const found = open.get(directory)?.wasRead ? undefined : kept.get(directory)?.[part]
    return found && isAlike(found.asked, asked) ? found.answer : undefined
  }
  async function draw(directory: string, part: Partial<FirstPicture>): Promise<void> {
    const begun = drawn.get(directory)
    if (!begun) return
    const { view, window, scene } = { ...part, ...begun }
    drawn.set(directory, { ...part, ...begun })
    if (!view || !window || !scene) return
    drawn.delete(directory)
    // a full disk, or a folder that cannot be written: then the next opening takes as long as this one
    await pictures.keep(directory, { view, window, scene }).catch(() => undefined)
  }

  return {
    async summaries(places: readonly RunPlace[]) {
      const found = await Promise.all(places.map((place) => summarise(place)))
      return found.filter((summary) => summary !== undefined)
    },
    async open(place: RunPlace): Promise<RunView> {
      const { directory } = place
      const run = runOf(directory)
      const summary = await summarise(place)
      if (!summary) throw Object.assign(new Error(`${directory} holds no recorded run`), { code: 'ENOENT' })
      const picture = run.wasRead || summary.lines < longJournal || unreadable.has(directory) ? undefined : await pictures.find(directory)
      if (picture) {
        kept.set(directory, picture)
        run.refresh().catch(() => unreadable.add(directory))
        return { ...picture.view, summary, verdict: (await readVerdict(directory)) ?? null, attachments: run.attachments(), reading: true }
      }
      await run.refresh()
      unreadable.delete(directory)
      const hadPicture = kept.delete(directory)
      const shown = run.replay()
      const view: RunView = {
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
        reading: false,
        problems: run.problems,
        attachments: run.attachments(),
      }
      if (run.ended && shown && run.seq >= longJournal && !hadPicture) drawn.set(directory, { view })
      return view
    },
    /** Reads on where a journal grows. True where it did. */
    async refresh(directory: string) {
      const run = runOf(directory)
      const grew = await run.refresh()
      return { grew, seq: run.seq, at: run.lines.at(-1)?.at ?? 0, ended: run.ended }
    },
    async window(directory: string, window: Window) {
      const shown = before(directory, 'window', window)
      if (shown) return shown
      const answer = (await read(directory)).window(window)
      if (answer) await draw(directory, { window: { asked: window, answer } })
      return answer
    },
    async scene(directory: string, at: number, allViewers: boolean) {
      const shown = before(directory, 'scene', { at, allViewers })
      if (shown) return shown
      const answer = (await read(directory)).scene(at, allViewers)
      if (answer) await draw(directory, { scene: { asked: { at, allViewers }, answer } })
      return answer
    },
    async lines(directory: string, filter: Parameters<OpenRun['select']>[0]) {
      return (await read(directory)).select(filter)
    },
    async line(directory: string, seq: number) {
      return (await read(directory)).line(seq)
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
    verify: (directory: string) => verifyRecording(directory),
    async report(directories: readonly string[], form: keyof typeof reports) {
      const found = []
      for (const directory of directories) {
        found.push(reportRun(await readRun(directory)))
        // whoever else asks this thread is answered in between
        await pause(0)
      }
      return reports[form](found, version)
    },
    async statistics(directories: readonly string[]) {
      const found = []
      for (const directory of directories) {
        const run = await read(directory)
        const name = directory
        // what a list shows does not verify each recording anew: verdict.json is taken for what it is
        found.push(reportRun({ name, lines: run.lines, journal: { lines: run.seq, lastLine: '', sha256: '' }, whole: run.problems.length === 0, problems: run.problems }))
        await pause(0)
      }
      const decided = found.filter(({ word }) => word !== 'inconclusive' && word !== 'not-applicable')
      return { statistics: rowStatistics(found), panics: decided.flatMap(panicTimes), lastKeyChanges: decided.flatMap(lastKeyChange) }
    },
  }
}
export type Reader = ReturnType<typeof createReader>

/** The same question; of a window, for a screen that is not much wider or narrower. */
function isAlike(one: object, other: object): boolean {
  if (!('cells' in one && 'cells' in other)) return JSON.stringify(one) === JSON.stringify(other)
  const { cells: before, ...rest } = one as Window
  const { cells, ...again } = other as Window
  return JSON.stringify(rest) === JSON.stringify(again) && cells <= 2 * before && before <= 2 * cells
}

function sameVerdict(kept: Verdict, again: Verdict): boolean {
  const words = ({ verdict, nodes, reasons }: Verdict) =>
    JSON.stringify([verdict, Object.entries(nodes).map(([name, { observed, expected }]) => [name, observed, expected]), reasons.map(({ rule, bearing }) => [rule, bearing])])
  return words(kept) === words(again)
}
