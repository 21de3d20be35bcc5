import { highWater, lowWater, type Terminal } from '../../preload/contract/terminals.ts'
import { Cast, type CastHeader } from './asciicast.ts'
import type { SourceListener, TerminalSource } from './terminal-source.ts'

/** characters that are kept for a view that comes back, or comes later */
const keptCharacters = 1_000_000
/** output is gathered for so long: a program that writes line by line does not make a message of each */
const gatherMilliseconds = 6
const gatherCharacters = 32_000
/** a view that is so far behind another one gets nothing more until it has worked through what it got */
const farBehind = 4 * highWater

/** Is given what was put out from a place on; an empty text says that there is more up to there, to be asked for. */
export type OutputListener = (from: number, text: string) => void

interface View {
  readonly listener: OutputListener
  /** what it has worked through */
  taken: number
  /** what it was told of, without a gap */
  told: number
}

/** One terminal: its output with a number for each character, who has taken in how much of it, and its recording. */
export class TerminalSession implements SourceListener {
  readonly id: string
  readonly #about: Pick<Terminal, 'title' | 'host' | 'argv'>
  readonly #onChange: () => void
  #source: TerminalSource | undefined
  #columns: number
  #rows: number
  #state: Terminal['state'] = 'opening'
  #reason = ''
  #kept = ''
  #written = 0
  #gathered = ''
  #gathering: NodeJS.Timeout | undefined
  #paused = false
  readonly #views = new Map<symbol, View>()
  #cast: Cast | undefined

  constructor(
    id: string,
    about: Pick<Terminal, 'title' | 'host' | 'argv'>,
    size: { readonly columns: number; readonly rows: number },
    onChange: () => void,
  ) {
    this.id = id
    this.#about = about
    this.#columns = size.columns
    this.#rows = size.rows
    this.#onChange = onChange
  }

  start(source: TerminalSource): void {
    this.#source = source
    if (this.#state === 'opening') this.#set('open', '')
  }

  output(text: string): void {
    this.#cast?.add('o', text)
    this.#gathered += text
    if (this.#gathered.length >= gatherCharacters) this.#flush()
    else this.#gathering ??= setTimeout(() => this.#flush(), gatherMilliseconds)
  }

  ended(reason: string, code: number | null, lost: boolean): void {
    this.#flush()
    if (code !== null) this.#cast?.add('x', String(code))
    this.record(undefined)
    this.#set(lost ? 'lost' : 'ended', reason)
  }

  /** What was put out since `from`. With `cleared`, what was before that is kept no longer. */
  since(from: number): { readonly from: number; readonly text: string; readonly cleared: boolean } {
    this.#flush()
    const oldest = this.#written - this.#kept.length
    const begin = Math.max(from, oldest)
    return { from: begin, text: this.#kept.slice(begin - oldest), cleared: from < oldest }
  }

  /** A view of this terminal. It is told everything from now on. */
  attach(view: symbol, listener: OutputListener): void {
    if (!this.#views.has(view)) this.#views.set(view, { listener, taken: this.#written, told: this.#written })
  }

  detach(view: symbol): void {
    this.#views.delete(view)
    this.#flow()
  }

  taken(view: symbol, upTo: number): void {
    const found = this.#views.get(view)
    if (!found) return
    found.taken = Math.min(Math.max(found.taken, upTo), this.#written)
    if (found.told < this.#written && found.taken >= found.told) {
      // it was spared, and is there again: the program may be held back because of it, and nothing else would tell it
      found.told = this.#written
      found.listener(this.#written, '')
    }
    this.#flow()
  }

  write(text: string): void {
    if (this.#cast?.input) this.#cast.add('i', text)
    this.#source?.write(text)
  }

  resize(columns: number, rows: number): void {
    if (columns === this.#columns && rows === this.#rows) return
    this.#columns = columns
    this.#rows = rows
    this.#cast?.add('r', `${columns}x${rows}`)
    this.#source?.resize(columns, rows)
  }

  mark(label: string): void {
    this.#cast?.add('m', label)
  }

  /** Begins to record into a file; undefined ends it. */
  record(begin: { readonly file: string; readonly input: boolean; readonly version: string } | undefined): void {
    this.#flush()
    this.#cast?.close()
    this.#cast = undefined
    if (begin) {
      const { title, host, argv } = this.#about
      const header: CastHeader = {
        columns: this.#columns,
        rows: this.#rows,
        title,
        about: { ...(host !== undefined && { host }), ...(argv && { program: argv.join(' ') }) },
      }
      this.#cast = new Cast(begin.file, header, begin.input, begin.version)
    }
    this.#onChange()
  }

  close(): void {
    if (this.#state === 'open') this.#source?.close()
    this.record(undefined)
  }

  describe(): Terminal {
    return {
      id: this.id,
      ...this.#about,
      state: this.#state,
      reason: this.#reason,
      columns: this.#columns,
      rows: this.#rows,
      written: this.#written,
      recording: this.#cast ? { file: this.#cast.file, since: this.#cast.since, input: this.#cast.input } : null,
    }
  }

  #set(state: Terminal['state'], reason: string): void {
    this.#state = state
    this.#reason = reason
    this.#onChange()
  }

  #flush(): void {
    clearTimeout(this.#gathering)
    this.#gathering = undefined
    const text = this.#gathered
    if (text === '') return
    this.#gathered = ''
    const from = this.#written
    this.#written += text.length
    this.#kept = (this.#kept + text).slice(-keptCharacters)
    const fastest = Math.max(...[...this.#views.values()].map(({ taken }) => taken))
    for (const view of this.#views.values()) {
      if (view.told < from || (from - view.taken >= farBehind && view.taken < fastest)) continue
      view.told = this.#written
      view.listener(from, text)
    }
    this.#flow()
  }

  /** The fastest view decides: one that hangs must not stop the others, and where nobody looks nothing is held back. */
  #flow(): void {
    if (!this.#source) return
    const behind = Math.min(...[...this.#views.values()].map(({ taken }) => this.#written - taken))
    if (!this.#paused && this.#views.size > 0 && behind > highWater) {
      this.#paused = true
      this.#source.pause()
    } else if (this.#paused && (this.#views.size === 0 || behind < lowWater)) {
      this.#paused = false
      this.#source.resume()
    }
  }
}
