import type { Span } from '../journal/clock.ts'
import type { Line } from '../journal/event.ts'
import type { Case } from '../verdicts/case.ts'

/**
 * When a host saw what a line tells, in lab time: by its own clock where that was measured, else when the lab wrote it
 * down. Never later than it was written down; `earliest` can be -Infinity.
 */
export function seenAt(run: Case, host: string, line: Line): Span {
  const span = line.hostAt === undefined ? undefined : run.clocks.span(host, line.hostAt, line)
  return span ?? { earliest: line.at, latest: line.at }
}
