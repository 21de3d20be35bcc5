import * as v from 'valibot'
import { count, fromLabs, label, method, moment, nothing, path, text, type Of, type Service } from './method.ts'
import type { RunStarted } from '../../labs/journal/event.ts'
import type { LaneWindow } from '../../labs/replay/lane-window.ts'
import type { Scene } from '../../labs/replay/scene.ts'
import type { Moment } from '../../labs/timeline/moments.ts'
import type { RowStatistics } from '../../labs/report/statistics.ts'
import type { Verdict } from '../../labs/verdicts/verdict.ts'

/** Which run: the name of its folder, with the name of the collection that it lies in before it. */
export const runId = v.pipe(v.string(), v.regex(/^[\w.-]{1,60}\/[^/\\\0]{1,255}$/, 'the name of a recorded run'))

export const runSummarySchema = v.object({
  run: v.string(),
  /** a recording that comes along with the program */
  sample: v.boolean(),
  /** name of the row; empty where the recording has no beginning */
  row: text,
  title: text,
  policy: text,
  testbed: text,
  /** which hardware it was run on: equal for runs on the same nodes and LUNs; empty where it is not known */
  bed: text,
  /** UTC, ISO 8601; empty where it is not known */
  wall: text,
  /** `going`: the journal still grows. `unreadable`: nothing but its folder is known, and `trouble` */
  state: v.picklist(['complete', 'stopped', 'error', 'going', 'unfinished', 'unreadable']),
  /** why it, or its verdict, cannot be read */
  trouble: v.exactOptional(text),
  /**
   * Whether the recording was verified as it lies there now. `unchecked`: `verdict` is only what verdict.json says.
   * Otherwise it is what a report says: `inconclusive` where the recording is not whole
   */
  check: v.picklist(['unchecked', 'whole', 'not-whole']),
  /** what the check found: why it is not whole, or how it is judged otherwise than verdict.json says */
  checkText: v.exactOptional(text),
  /** a word that this version does not know is kept as it is */
  verdict: v.exactOptional(text),
  /** what decided, where it is not a pass */
  reason: v.exactOptional(v.object({ rule: text, text })),
  /** length of the recording */
  milliseconds: moment,
  nodes: v.array(v.object({ name: text, id: count, observed: v.exactOptional(text) })),
  lines: count,
})
export type RunSummary = Of<typeof runSummarySchema>

/** A folder in which recordings are looked for. */
const runFolderSchema = v.object({
  id: text,
  folder: text,
  /** a person added it, and can take it off the list again */
  added: v.boolean(),
  /** why it cannot be read */
  trouble: v.exactOptional(text),
})
export type RunFolder = Of<typeof runFolderSchema>

const problem = v.object({ file: text, line: v.exactOptional(count), what: text })

export const runViewSchema = v.object({
  summary: runSummarySchema,
  started: v.nullable(fromLabs<RunStarted>('scenario', 'testbed', 'roles')),
  /** as it is kept in the recording, or as a report says where the check found another; null while there is none */
  verdict: v.nullable(fromLabs<Verdict>('verdict', 'nodes', 'reasons')),
  steps: v.array(fromLabs<Moment>('at', 'text', 'events')),
  decisive: v.nullable(v.object({ from: moment, to: moment })),
  /** when the first fault was begun: the moment that two runs are compared by */
  injected: v.nullable(moment),
  from: moment,
  to: moment,
  /** number of the last line */
  seq: count,
  ended: v.boolean(),
  /** the journal is still being read: this is a first look, without its repetitions; `runs` tells when it was read */
  reading: v.boolean(),
  /** lines that could not be read, and why nothing can be shown where that is so */
  problems: v.array(problem),
  /** files with the consoles of the nodes, and others beside the journal */
  attachments: v.array(text),
})
export type RunView = Of<typeof runViewSchema>

export const journalLineSchema = v.object({
  seq: count,
  at: moment,
  host: v.exactOptional(text),
  type: text,
  /** in words */
  text,
})
export type JournalLine = Of<typeof journalLineSchema>

/** one report holds no more runs */
export const mostInReport = 500

export const forms = ['html', 'junit', 'markdown'] as const

const windowOn = { run: runId, from: moment, to: moment, cells: v.pipe(count, v.minValue(1), v.maxValue(20_000)) }

export const runs = {
  list: method(
    nothing,
    v.object({
      runs: v.array(runSummarySchema),
      folders: v.array(runFolderSchema),
      /** `bed` of runs on the testbed that is open; null where none is */
      here: v.nullable(text),
    }),
  ),
  /** reads and folds a run; it stays open for the questions below */
  open: method(v.object({ run: runId }), runViewSchema),
  /** what the time line shows between two moments, gathered to so many places side by side */
  window: method(v.object(windowOn), fromLabs<LaneWindow>('window', 'lanes', 'phases')),
  /** what was known of the lab at a moment */
  scene: method(
    v.object({ run: runId, at: moment, allViewers: v.boolean() }),
    fromLabs<Scene>('nodes', 'links', 'luns'),
  ),
  /** lines of the journal, from the `skip`th on that suits the filter */
  lines: method(
    v.object({
      run: runId,
      skip: count,
      count: v.pipe(count, v.maxValue(2000)),
      types: v.array(v.pipe(text, v.maxLength(100))),
      words: v.pipe(text, v.maxLength(200)),
    }),
    v.object({ total: count, lines: v.array(journalLineSchema), types: v.array(v.object({ type: text, count })) }),
  ),
  /** one line of the journal as it stands in the file; `said` is what a read of keys printed, where its text stands in an earlier line */
  line: method(v.object({ run: runId, seq: count }), v.object({ json: text, said: v.nullable(text) })),
  /** of the events of one kind that a bar of the time line rests on, `first` to `last`, the one nearest before a moment */
  near: method(v.object({ run: runId, first: count, last: count, at: moment }), v.object({ seq: count, at: moment })),
  attachment: method(v.object({ run: runId, name: v.pipe(text, v.maxLength(200)) }), v.object({ text })),
  /** judges from the journal alone and compares with what is kept */
  judge: method(
    v.object({ run: runId }),
    v.object({ verdict: fromLabs<Verdict>('verdict', 'nodes', 'reasons'), same: v.boolean() }),
  ),
  verify: method(
    v.object({ run: runId }),
    v.object({ whole: v.boolean(), problems: v.array(problem), judgedOtherwise: v.exactOptional(v.string()) }),
  ),
  /** a report of one run or of several, as a file for others. `of`: of so many; where it is more, the report says so */
  report: method(
    v.object({
      runs: v.pipe(v.array(runId), v.minLength(1), v.maxLength(mostInReport)),
      form: v.picklist(forms),
      of: v.exactOptional(count),
    }),
    v.object({ name: text, text }),
  ),
  /** versions of everything that took part, by host */
  facts: method(
    v.object({ run: runId }),
    v.object({ facts: v.array(v.object({ host: text, name: text, value: text })) }),
  ),
  /** several runs of a row as a distribution, with the times of each */
  statistics: method(
    v.object({ runs: v.pipe(v.array(runId), v.maxLength(500)) }),
    v.object({
      statistics: fromLabs<RowStatistics>('runs', 'verdicts', 'winners'),
      /** milliseconds from the fault, for each run that tells */
      panics: v.array(moment),
      lastKeyChanges: v.array(moment),
    }),
  ),
  /** also show the recordings of another folder; refused where it is not a folder that can be read */
  addFolder: method(v.object({ folder: path }), v.object({ found: count })),
  /** shows the recordings of a folder that was added no longer; the folder stays as it is */
  removeFolder: method(v.object({ id: label }), nothing),
} as const
export type RunsService = Service<typeof runs>
