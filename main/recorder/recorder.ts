import { closeSync, fstatSync, fsyncSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseLine } from '../../labs/journal/schema.ts'
import type { Event, EventType, Line, LineOf, RunEnded } from '../../labs/journal/event.ts'
import { makeFolder } from '../make-folder.ts'
import { journalFile, listRecording, noLineBefore, sha256, sha256OfFile, verdictFile } from './files.ts'
import { RecordingFailed } from './recording-failed.ts'

export interface RecorderOptions {
  /** the run's folder; made if it is not there, must not hold a journal */
  readonly directory: string
  /** a monotonic clock in milliseconds from any start; the recorder counts from its own making */
  readonly now: () => number
  /** called once, before `append` throws, when the recording can no longer be written: heal the lab and stop */
  readonly onBroken?: (error: RecordingFailed) => void
}

/** Who saw an event, and when by its own clock (seconds since its boot). */
export interface Seen {
  readonly host?: string
  readonly hostAt?: number
}

export type LineListener = (line: Line) => void

/**
 * Writes one run: a folder with `journal.jsonl`, a line for each event. Appends are synchronous, so that whatever the
 * engine does next, the event before it is with the operating system: when this process is killed, at most the last
 * line is torn. Each line carries the hash of the line before, so that nothing can be changed unnoticed later.
 */
export class Recorder {
  readonly directory: string
  readonly #file: string
  readonly #descriptor: number
  readonly #now: () => number
  readonly #started: number
  readonly #onBroken: ((error: RecordingFailed) => void) | undefined
  readonly #listeners = new Set<LineListener>()
  #seq = 0
  #at = 0
  #prev = noLineBefore
  #broken: RecordingFailed | undefined
  #closed = false

  /** Makes the folder and opens the journal. Throws RecordingFailed where that is impossible or a journal is there. */
  constructor(options: RecorderOptions) {
    this.directory = options.directory
    this.#file = join(options.directory, journalFile)
    this.#now = options.now
    this.#onBroken = options.onBroken
    this.#descriptor = openJournal(options.directory, this.#file)
    this.#started = options.now()
  }

  /** The failure that ended the recording, if one did. */
  get broken(): RecordingFailed | undefined {
    return this.#broken
  }

  /** True after close(). */
  get closed(): boolean {
    return this.#closed
  }

  /** Milliseconds since the recording began, on the lab's clock: what a line appended now would have as `at`. */
  elapsed(): number {
    return Math.max(this.#at, microseconds(this.#now() - this.#started))
  }

  /**
   * Appends one event and returns its whole line, then tells the listeners. Throws RecordingFailed when it cannot be
   * written (then and on every later call), and TypeError for an event that a reader would refuse: that is a mistake
   * in the program, and nothing is written.
   */
  append<T extends EventType>(event: Extract<Event, { type: T }>, seen: Seen = {}): LineOf<T> {
    if (this.#broken) throw this.#broken
    if (this.#closed) throw new Error(`${this.#file}: the recording is closed, no ${event.type} can be added`)
    const line = { seq: this.#seq + 1, at: this.elapsed(), ...seen, prev: this.#prev, ...event }
    const text = JSON.stringify(line)
    const checked = parseLine(JSON.parse(text))
    if (checked.kind !== 'line') {
      const what = checked.kind === 'invalid' ? checked.what : 'no such type'
      throw new TypeError(`${event.type}: not an event of the journal: ${what}`)
    }
    this.#write(text)
    this.#seq = line.seq
    this.#at = line.at
    this.#prev = sha256(text)
    this.#tell(checked.line)
    return checked.line as LineOf<T>
  }

  /** Calls `listener` with every line from now on, in order. Returns its disposer. */
  onLine(listener: LineListener): () => void {
    const own: LineListener = (line) => listener(line)
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }

  /**
   * Puts another file into the recording (a console log, the array's text): `name` is a path below the folder. Its hash
   * goes into run.ended, so all of them must be complete before close(). Throws RecordingFailed like append().
   */
  attach(name: string, content: string | Uint8Array): void {
    if (this.#broken) throw this.#broken
    if (this.#closed) throw new Error(`${this.directory}: the recording is closed, ${name} cannot be added`)
    checkAttachmentName(name)
    const file = join(this.directory, name)
    try {
      makeFolder(dirname(file), 0o777)
      writeFileSync(file, content, { flag: 'wx' })
    } catch (cause) {
      throw this.#break(new RecordingFailed(file, 'write', cause))
    }
  }

  /**
   * Ends the recording: appends run.ended with the hashes of all other files, flushes to the device, closes. Files
   * that other writers have in the folder (terminals) must be finished before. Throws RecordingFailed like append();
   * the descriptor is closed in any case. A second call does nothing.
   */
  close(reason: RunEnded['reason'], error?: string): LineOf<'run.ended'> | undefined {
    if (this.#closed) return undefined
    try {
      if (this.#broken) throw this.#broken
      const files = this.#hashes()
      const line = this.append<'run.ended'>({
        type: 'run.ended',
        reason,
        ...(error === undefined ? {} : { error }),
        files,
      })
      this.#flush()
      return line
    } finally {
      this.#closed = true
      this.#listeners.clear()
      closeSync(this.#descriptor)
    }
  }

  #hashes(): Record<string, string> {
    try {
      const names = listRecording(this.directory).regular.filter((name) => name !== journalFile && name !== verdictFile)
      return Object.fromEntries(names.map((name) => [name, sha256OfFile(join(this.directory, name))]))
    } catch (cause) {
      throw this.#break(new RecordingFailed(this.directory, 'read the files of', cause))
    }
  }

  #write(text: string): void {
    const bytes = Buffer.from(`${text}\n`, 'utf8')
    try {
      // write(2) may take only a part (the disk is nearly full, a signal came): the rest must follow before anything else
      for (let done = 0; done < bytes.length;) done += writeSync(this.#descriptor, bytes, done, bytes.length - done)
    } catch (cause) {
      throw this.#break(new RecordingFailed(this.#file, `write event ${this.#seq + 1} to`, cause))
    }
  }

  #flush(): void {
    try {
      fsyncSync(this.#descriptor)
    } catch (cause) {
      throw this.#break(new RecordingFailed(this.#file, 'flush', cause))
    }
  }

  #break(error: RecordingFailed): RecordingFailed {
    this.#broken = error
    this.#onBroken?.(error)
    return error
  }

  #tell(line: Line): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(line)
      } catch (error) {
        // a view that fails must not end the recording, nor may its error vanish: it surfaces as an uncaught one
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}

function openJournal(directory: string, file: string): number {
  let descriptor: number
  try {
    makeFolder(directory, 0o777)
    descriptor = openSync(file, 'a')
  } catch (cause) {
    throw new RecordingFailed(file, 'open', cause)
  }
  if (fstatSync(descriptor).size === 0) return descriptor
  closeSync(descriptor)
  throw new RecordingFailed(file, 'begin', Object.assign(new Error('it holds a recording'), { code: 'EEXIST' }))
}

function checkAttachmentName(name: string): void {
  const parts = name.split('/')
  const bad = parts.some((part) => part === '' || part === '.' || part === '..') || /[\\\0]/.test(name)
  if (bad || name === journalFile || name === verdictFile) {
    throw new TypeError(`${JSON.stringify(name)} cannot be the name of a file of the recording`)
  }
}

/** Milliseconds to three decimals: what a monotonic clock can mean, and short in the journal. */
function microseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000
}
