/**
 * What the agent leaves behind: JSON lines in a file, written at once, and the important ones in the kernel's log, which
 * reaches the serial console and so outlives the machine.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import type { LogCode, LogData, LogLevel } from '../../labs/cluster/policy.ts'
import { secondsSinceBoot } from './clock.ts'

/** Codes that go to the console as well. */
const important: ReadonlySet<string> = new Set<LogCode>([
  'unclean-stop',
  'link-lost',
  'link-up',
  'membership-change',
  'race-won',
  'race-lost',
  'racer-lost',
  'ejected',
  'preexisting-split-brain',
  'foreign-key',
  'was-hung',
  'write-refused',
  'tie-breaker',
  'tie-breaker-silent',
  'double-activity',
  'attack-won',
  'attack-lost',
  'failed-defender',
  'fenced',
  'fence-failed',
  'was-fenced',
  'write-failed',
])

export type EntryKind = 'log' | 'status' | 'ledger' | 'takeover-scan' | 'disk' | 'ping' | 'fence'

export interface EventLog {
  /** One line: `t` (seconds since boot), `boot`, `kind`, and what is given. */
  entry(kind: EntryKind, fields: Readonly<Record<string, unknown>>): void
  log(level: LogLevel, code: string, text: string, data?: LogData): void
  /** Stops the kernel (sysrq `c`); returns only where the trigger is a plain file, as in tests. */
  panic(text: string): void
  close(): void
}

export interface EventLogPaths {
  readonly logFile: string
  readonly kmsgFile: string
  readonly sysrqFile: string
  readonly boot: string
}

/**
 * Opens everything that a panic needs now: a node in trouble may not be able to open files.
 * @throws Error if one of the files cannot be opened
 */
export function openEventLog(paths: EventLogPaths): EventLog {
  const file = openSync(paths.logFile, 'a')
  const kmsg = openSync(paths.kmsgFile, 'a')
  const sysrq = openSync(paths.sysrqFile, 'a')

  function entry(kind: EntryKind, fields: Readonly<Record<string, unknown>>): void {
    writeSync(file, `${JSON.stringify({ t: secondsSinceBoot(), boot: paths.boot, kind, ...fields })}\n`)
  }

  function toKernel(level: LogLevel, text: string): void {
    // With `quiet` on the kernel command line the console shows priorities 0 to 3 only.
    const priority = level === 'critical' ? 2 : 3
    try {
      writeSync(kmsg, `<${priority}>fencelab: ${text.replace(/[\r\n]+/g, ' ').slice(0, 800)}\n`)
    } catch (error) {
      entry('log', { level: 'warning', code: 'kmsg', text: `kernel log refused a line: ${String(error)}` })
    }
  }

  return {
    entry,
    log(level, code, text, data) {
      entry('log', { level, code, text, ...(data && { data }) })
      if (important.has(code)) toKernel(level, text)
    },
    panic(text) {
      toKernel('critical', text)
      writeSync(sysrq, 'c')
    },
    close() {
      for (const descriptor of [file, kmsg, sysrq]) closeSync(descriptor)
    },
  }
}
