/** Recordings of terminals in the format of asciinema: asciicast v3, newline-delimited JSON. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolder } from '../make-folder.ts'

export interface CastHeader {
  readonly columns: number
  readonly rows: number
  readonly title: string
  /** which host, or which program */
  readonly about: Readonly<Record<string, string>>
}

/** `o` output, `i` input, `m` marker, `r` resize, `x` exit status. */
export type CastCode = 'o' | 'i' | 'm' | 'r' | 'x'

/** The first line of a recording. What is not of the format stands under a key of our own. */
export function castHeader({ columns, rows, title, about }: CastHeader, wall: number, version: string): string {
  return JSON.stringify({
    version: 3,
    term: { cols: columns, rows, type: 'xterm-256color' },
    timestamp: Math.floor(wall / 1000),
    title,
    fencelab: { version, started: new Date(wall).toISOString(), ...about },
  })
}

/**
 * Lines with the time since the line before. Rounding is carried on, so that an hour of small steps is still an hour.
 * @param now milliseconds, monotonic
 */
export function castLines(now: () => number) {
  let told = now()
  return (code: CastCode, data: string): string => {
    const passed = Math.max(0, Math.round(now() - told))
    told += passed
    return JSON.stringify([passed / 1000, code, data])
  }
}

/** A recording that is being written. What was on the screen before it began is not in it. */
export class Cast {
  readonly file: string
  readonly since: number
  readonly input: boolean
  readonly #descriptor: number
  readonly #line: ReturnType<typeof castLines>
  #closed = false

  constructor(file: string, header: CastHeader, input: boolean, version: string) {
    makeFolder(dirname(file))
    this.file = file
    this.since = Date.now()
    this.input = input
    this.#descriptor = openSync(file, 'wx', 0o600)
    this.#line = castLines(() => performance.now())
    writeSync(this.#descriptor, `${castHeader(header, this.since, version)}\n`)
  }

  add(code: CastCode, data: string): void {
    if (!this.#closed) writeSync(this.#descriptor, `${this.#line(code, data)}\n`)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    closeSync(this.#descriptor)
  }
}
