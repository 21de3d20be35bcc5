import type { CommandRecord } from '../hosts/runner.ts'
import { log } from './log.ts'

export interface CommandLog {
  /** Writes down a command that is over. */
  record(command: CommandRecord): void
  /** Writes down how often what was held back as the same had come again. */
  end(): void
}

interface Repeats {
  readonly since: number
  readonly seen: number
  readonly tell: (times: number) => void
}

/** lines of the standard error of a command that did not end as it should */
const stderrLines = 5
/** A node is asked for its state every few seconds, for days: the same with the same end is counted, not written again. */
const writtenRepeats = 3
const repeatMilliseconds = 60_000
const mostKinds = 500

/**
 * Commands outside of a run, as lines of the log: `debug` where they ended as expected, else `warning` with the first
 * lines of what they said. Standard input and output are never written down.
 * @param lab name of the testbed
 * @param now milliseconds, monotonic
 */
export function commandLog(lab: string, now: () => number = () => performance.now()): CommandLog {
  const kinds = new Map<string, Repeats>()

  const close = (kind: string, { seen, tell }: Repeats) => {
    kinds.delete(kind)
    if (seen > writtenRepeats) tell(seen - writtenRepeats)
  }

  return {
    record(command) {
      const { host, purpose, argv, exit, failure, expected, milliseconds } = command
      // a stream that was stopped was to be stopped
      const asExpected =
        failure === 'aborted' ||
        (failure === undefined && (expected.length === 0 || (exit !== null && expected.includes(exit))))
      const end = failure ?? `exit ${exit}`
      const level = asExpected ? 'debug' : 'warning'
      const stderr = asExpected ? [] : firstLines(command.stderr)
      const kind = JSON.stringify([host, purpose, argv, end, stderr])
      const before = kinds.get(kind)
      if (before && now() - before.since > repeatMilliseconds) close(kind, before)
      const { since, seen } = kinds.get(kind) ?? { since: now(), seen: 0 }
      const common = { lab, host, argv, exit, ...(failure && { failure }) }
      const time = Math.round(milliseconds)
      if (seen < writtenRepeats)
        log[level](`${purpose}: ${end}, ${time} ms`, {
          ...common,
          milliseconds: time,
          ...(stderr.length > 0 && { stderr }),
        })
      const tell = (times: number) => log[level](`${purpose}: ${end}, ${times} times more`, { ...common, times })
      kinds.set(kind, { since, seen: seen + 1, tell })
      const [oldest] = kinds
      if (kinds.size > mostKinds && oldest) close(...oldest)
    },
    end() {
      for (const [kind, repeats] of kinds) close(kind, repeats)
    },
  }
}

const firstLines = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, stderrLines)
