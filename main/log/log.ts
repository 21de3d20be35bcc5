/** The log of this computer's fencelab: what its programs do outside of runs. A run's journal has what happens within. */
import { join } from 'node:path'
import { pino } from 'pino'
import { stateDirectory } from '../directories.ts'
import { errorFields } from './error-fields.ts'
import { rotatingFile } from './rotating-file.ts'
import { createScrubber } from './scrubber.ts'
import { showLine } from './show-line.ts'

export type Level = 'error' | 'warning' | 'info' | 'debug'
/** The programs that write to the log: the command line, the engine of the window, what keeps a virtual lab, what guards outlets. */
export type Program = 'cli' | 'engine' | 'keeper' | 'guard'

export interface LogFields {
  /** name of the testbed */
  readonly lab?: string
  readonly host?: string
  /** with its stack and its causes */
  readonly error?: unknown
  readonly [field: string]: unknown
}

export interface LogOptions {
  readonly program: Program
  /** absent: `log` in the state directory */
  readonly folder?: string
  /** is shown every line as text, too; absent: nobody */
  readonly onLine?: (text: string) => void
  /** is told once that the file cannot be written, and why. Nothing else comes of it: no command fails for its log */
  readonly onUnwritable: (text: string) => void
  readonly maxBytes?: number
  readonly kept?: number
}

export interface Log {
  /** Never throws. What is secret in the text or the fields does not get to the file. */
  write(level: Level, text: string, fields?: LogFields): void
  /** These texts are never written down, in whatever form. */
  keepSecret(secrets: readonly string[]): void
  /** lines that are in the file */
  readonly written: number
  /** the file, where it could be written to the last time */
  readonly file: string | undefined
}

const maxBytes = 5 * 1024 * 1024
/** beside the one that is being written */
const kept = 4

export const logFolder = () => join(stateDirectory(), 'log')

export function createLog(options: LogOptions): Log {
  const { onLine, onUnwritable, program } = options
  const folder = options.folder ?? logFolder()
  const file = rotatingFile({
    folder,
    name: 'fencelab',
    maxBytes: options.maxBytes ?? maxBytes,
    kept: options.kept ?? kept,
  })
  const scrub = createScrubber()
  const lines = pino(
    {
      base: { process: program, pid: process.pid },
      customLevels: { error: 50, warning: 40, info: 30, debug: 20 },
      useOnlyCustomLevels: true,
      level: 'debug',
      messageKey: 'text',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line: string) => file.append(line) },
  )
  let written = 0
  let usable = true
  let told = false
  return {
    write(level, text, given = {}) {
      // a later line may get through again: the disk has space, the folder is there
      try {
        const { error, ...fields } = given
        const thrown = error !== undefined && { error: errorFields(error) }
        const clean = scrub.value({ ...fields, ...thrown }) as LogFields
        const cleanText = scrub.text(text)
        onLine?.(showLine(level, cleanText, clean))
        lines[level](clean, cleanText)
        written += 1
        usable = true
      } catch (failure) {
        usable = false
        if (told) return
        told = true
        const why = failure instanceof Error ? failure.message : String(failure)
        onUnwritable(`the log ${file.path} cannot be written, and is done without: ${why}`)
      }
    },
    keepSecret: scrub.keep,
    get written() {
      return written
    },
    get file() {
      return usable && written > 0 ? file.path : undefined
    },
  }
}

let current: Log | undefined
/** told before the log was opened */
const early: string[] = []

/** From here on this process writes to the log. Without it (as a library, in tests) nothing is written anywhere. */
export function openLog(options: LogOptions): Log {
  current = createLog(options)
  current.keepSecret(early)
  return current
}

const writer =
  (level: Level) =>
  (text: string, fields?: LogFields): void =>
    current?.write(level, text, fields)

/** The log of this process. */
export const log = { error: writer('error'), warning: writer('warning'), info: writer('info'), debug: writer('debug') }

/** The file that tells more, to be named with an error; undefined where there is none. */
export const logFile = (): string | undefined => current?.file

export function keepSecret(secrets: readonly string[]): void {
  if (current) current.keepSecret(secrets)
  else early.push(...secrets)
}
