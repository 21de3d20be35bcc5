import { createHash } from 'node:crypto'
import type { Line } from '../../labs/journal/event.ts'
import { parseLine } from '../../labs/journal/schema.ts'

/** A line without its number and its hash: what a recorder would be given. `seq` is that of the recording it came from, or 0. */
export type Loose = Line

/**
 * The lines as one whole recording: numbered from 1, every reference to another line carried over to its new number, each
 * with the hash of the line before. A reference to a line that is not there any more is dropped where it is one of several,
 * and becomes a failed look (`same`) where a text stood there.
 */
export function chained(lines: readonly Line[]): readonly Line[] {
  const numbers = new Map<number, number>()
  lines.forEach(({ seq }, index) => {
    if (seq > 0) numbers.set(seq, index + 1)
  })
  let prev = '0'.repeat(64)
  return lines.map((line, index) => {
    const whole = laidOut({ ...referring(line, numbers), seq: index + 1, prev })
    prev = createHash('sha256').update(JSON.stringify(whole)).digest('hex')
    return whole
  })
}

/** With its fields in the order in which the recorder writes them. */
function laidOut({ seq, at, host, hostAt, prev, ...event }: Line): Line {
  return {
    seq,
    at,
    ...(host !== undefined && { host }),
    ...(hostAt !== undefined && { hostAt }),
    prev,
    ...event,
  } as Line
}

function referring(line: Line, numbers: ReadonlyMap<number, number>): Line {
  if (line.type === 'baseline') {
    const checks = line.checks.map((check) => ({
      ...check,
      events: check.events.flatMap((seq) => numbers.get(seq) ?? []),
    }))
    return { ...line, checks }
  }
  if ((line.type === 'keys' || line.type === 'array-keys') && line.same !== undefined)
    return { ...line, same: numbers.get(line.same) ?? line.same }
  return line
}

/** @throws Error for a line that no recorder would have written: then the change is not one of a recording */
export function checkedLine(line: Line): Line {
  const parsed = parseLine(JSON.parse(JSON.stringify({ ...line, seq: Math.max(line.seq, 1) })))
  if (parsed.kind !== 'line')
    throw new Error(`no line of a recording: ${JSON.stringify(parsed)} ${JSON.stringify(line).slice(0, 300)}`)
  return line
}
