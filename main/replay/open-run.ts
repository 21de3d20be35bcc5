import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lineWords } from '../../labs/replay/line-lanes.ts'
import { laneWindow, type LaneWindow, type Window } from '../../labs/replay/lane-window.ts'
import { replay, type Replay } from '../../labs/replay/replay.ts'
import { factsRows } from '../../labs/report/run-tables.ts'
import { buildCase } from '../../labs/verdicts/case.ts'
import type { Line, LineOf } from '../../labs/journal/event.ts'
import type { UnknownLine } from '../../labs/journal/schema.ts'
import type { Scene } from '../../labs/replay/scene.ts'
import type { Verdict } from '../../labs/verdicts/verdict.ts'
import type { Problem } from '../recorder/read-journal.ts'
import { journalFile, listRecording, verdictFile } from '../recorder/files.ts'
import { JournalFile } from './journal-file.ts'
import { readVerdict } from './read-verdict.ts'
import { skimJournal } from './skim-journal.ts'

/** A run that somebody looks at. Reads its journal as far as it goes, and folds it when it is asked and has grown. */
export class OpenRun {
  readonly directory: string
  readonly #journal: JournalFile
  #lines: Line[] = []
  #unknown: UnknownLine[] = []
  #verdict: Verdict | undefined
  #instead: Verdict | undefined
  #replay: Replay | undefined
  #trouble: string | undefined
  #counted: { readonly count: number; readonly types: ReadonlyMap<string, number> } | undefined
  #wasRead = false
  /** how many lines a first look found; undefined where there was none, or the journal was read since */
  #skimmed: number | undefined
  #reading: Promise<boolean> | undefined

  constructor(directory: string) {
    this.directory = directory
    this.#journal = new JournalFile(directory)
  }

  get lines(): readonly Line[] {
    return this.#lines
  }
  get unknown(): readonly UnknownLine[] {
    return this.#unknown
  }
  get verdict(): Verdict | undefined {
    return this.#instead ?? this.#verdict
  }
  /** Shows this verdict in place of verdict.json: what a report says of a recording that is not as it was written. */
  showInstead(verdict: Verdict | undefined): void {
    if (JSON.stringify(verdict) === JSON.stringify(this.#instead)) return
    this.#instead = verdict
    this.#replay = undefined
  }
  get started(): LineOf<'run.started'> | undefined {
    const first = this.#lines[0]
    return first?.type === 'run.started' ? first : undefined
  }
  get ended(): boolean {
    return this.#lines.at(-1)?.type === 'run.ended'
  }
  /** its journal was read to the end, at least once */
  get wasRead(): boolean {
    return this.#wasRead
  }
  /** it was looked at, its repetitions left out, and not read since */
  get wasSkimmed(): boolean {
    return this.#skimmed !== undefined
  }
  get seq(): number {
    return this.#skimmed ?? this.#journal.count
  }
  get problems(): readonly Problem[] {
    return this.#trouble === undefined
      ? this.#journal.problems
      : [...this.#journal.problems, { file: journalFile, what: this.#trouble }]
  }

  /** Reads what was added. True where there was anything. Several at a time share one reading. */
  refresh(signal?: AbortSignal): Promise<boolean> {
    return (this.#reading ??= this.#read(signal).finally(() => (this.#reading = undefined)))
  }

  /** Takes a first look at a long journal that was not read yet: see `skimJournal`; `cell` in milliseconds of lab time. */
  async skim(cell: number): Promise<void> {
    const { lines, unknown, count } = await skimJournal(this.directory, cell)
    if (this.#wasRead) return
    this.#lines = [...lines]
    this.#unknown = [...unknown]
    this.#verdict = this.ended ? await readVerdict(this.directory) : undefined
    this.#replay = undefined
    this.#skimmed = count
  }

  async #read(signal?: AbortSignal): Promise<boolean> {
    const { lines, unknown, anew } = await this.#journal.grow(signal)
    if (anew || this.wasSkimmed) {
      this.#skimmed = undefined
      this.#lines = []
      this.#unknown = []
      this.#counted = undefined
    }
    for (const line of lines) this.#lines.push(line)
    for (const line of unknown) this.#unknown.push(line)
    const verdict = this.ended ? await readVerdict(this.directory) : undefined
    const judged =
      verdict?.verdict !== this.#verdict?.verdict || verdict?.reasons.length !== this.#verdict?.reasons.length
    this.#verdict = verdict
    const changed = anew || lines.length + unknown.length > 0 || judged
    if (changed) this.#replay = undefined
    this.#wasRead = true
    return changed
  }

  /** The run as it can be looked at; undefined where it has no beginning, or cannot be folded (then `problems` says why). */
  replay(): Replay | undefined {
    if (this.#replay || !this.started) return this.#replay
    try {
      this.#trouble = undefined
      this.#replay = replay(this.started, this.#lines, this.#unknown, this.verdict)
    } catch (error) {
      this.#trouble = `cannot be shown: ${error instanceof Error ? error.message : String(error)}`
    }
    return this.#replay
  }

  window(window: Window): LaneWindow | undefined {
    const all = this.replay()
    return all && laneWindow(all.lanes, window)
  }

  scene(at: number, allViewers: boolean): Scene | undefined {
    return this.replay()?.scene.at(at, { allViewers })
  }

  /** Versions by host, as the run recorded them. */
  facts() {
    if (!this.started) return []
    return factsRows(buildCase(this.started, this.#lines)).flatMap(({ host, facts }) =>
      facts.map(([name, value]) => ({ host, name, value })),
    )
  }

  /** Lines in words, from the `skip`th on that suits. */
  select({ skip, count, types, words }: { skip: number; count: number; types: readonly string[]; words: string }) {
    const counts = this.#counts()
    const wanted = new Set(types)
    const needle = words.toLowerCase()
    const found: { seq: number; at: number; type: string; text: string; host?: string }[] = []
    const everything = wanted.size === 0 && needle === ''
    let total = 0
    for (const line of this.#inOrder(everything ? skip : 0)) {
      // nothing is sought: how many there are is known, and where the first of them is
      if (everything && found.length >= count) break
      if (wanted.size > 0 && !wanted.has(line.type)) continue
      // putting a line into words costs: only where it is shown, or where the words decide
      const text = needle === '' ? undefined : lineWords(line.value)
      if (text !== undefined && !text.toLowerCase().includes(needle) && !line.type.includes(needle)) continue
      total += 1
      if (!everything && (total <= skip || found.length >= count)) continue
      found.push({
        seq: line.seq,
        at: line.at,
        type: line.type,
        text: text ?? lineWords(line.value),
        ...(line.host !== undefined && { host: line.host }),
      })
    }
    return {
      total: everything ? this.#lines.length + this.#unknown.length : total,
      lines: found,
      types: [...counts].map(([type, number]) => ({ type, count: number })),
    }
  }

  /** How many lines there are of each type, in the order in which the types come first. */
  #counts(): ReadonlyMap<string, number> {
    const count = this.#lines.length + this.#unknown.length
    if (this.#counted?.count === count) return this.#counted.types
    const types = new Map<string, number>()
    for (const line of this.#inOrder()) types.set(line.type, (types.get(line.type) ?? 0) + 1)
    this.#counted = { count, types }
    return types
  }

  /** Where there are no lines of a later version in between, a line's place is known. */
  #inOrder(skip = 0) {
    return this.#unknown.length === 0 ? this.#merged(skip) : without(this.#merged(0), skip)
  }

  *#merged(skip: number) {
    const later = this.#unknown.map((line) => {
      const value = line.value as { at?: number; host?: string }
      return { seq: line.seq, at: value.at ?? 0, host: value.host, type: line.type, value: line.value }
    })
    let next = 0
    for (let index = skip; index < this.#lines.length; index += 1) {
      const line = this.#lines[index] as Line
      while (later[next] && (later[next]?.seq ?? 0) < line.seq) yield later[next++] as (typeof later)[number]
      yield { seq: line.seq, at: line.at, host: line.host, type: line.type as string, value: line as unknown }
    }
    while (later[next]) yield later[next++] as (typeof later)[number]
  }

  /** A line as it stands in the file, and the text of the earlier answer that it refers to. */
  async line(seq: number): Promise<{ readonly json: string; readonly said: string | null }> {
    const json = await this.#journal.text(seq)
    const line = this.#lines.find((one) => one.seq === seq)
    if (line?.type !== 'keys') return { json, said: null }
    let source: LineOf<'keys'> = line
    while (source.same !== undefined) {
      const earlier = this.#lines.find((one) => one.seq === source.same)
      if (earlier?.type !== 'keys' || earlier.seq >= source.seq) break
      source = earlier
    }
    return { json, said: `${source.stdout}${source.stderr === '' ? '' : `\n${source.stderr}`}` }
  }

  attachments(): readonly string[] {
    return listRecording(this.directory).regular.filter((name) => name !== journalFile && name !== verdictFile)
  }

  /** @throws Error where the recording has no such file */
  async attachment(name: string): Promise<string> {
    if (!this.attachments().includes(name))
      throw Object.assign(new Error(`the recording has no file ${name}`), { code: 'ENOENT' })
    return readFile(join(this.directory, name), 'utf8')
  }
}

function* without<T>(list: Iterable<T>, first: number): Generator<T> {
  let left = first
  for (const one of list) if (left-- <= 0) yield one
}

/** Folders of runs in a folder, by name: their names begin with the time. Rejects where the folder cannot be read. */
export async function runFolders(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}
