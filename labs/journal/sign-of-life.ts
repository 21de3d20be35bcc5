import type { Line } from './event.ts'

/**
 * What only a living host can do: its stack answered, it read a key table, wrote or tried to write, said something in a log, or
 * told the time. The one place that decides it: the judge holds it against a panic, and the time line draws a node alive by it.
 *
 * @returns the host's own time of it, seconds since its boot; undefined where the line has none; `none` where it is no sign
 */
export function signOfLife(line: Line): number | undefined | 'none' {
  if (line.type === 'stack') return line.answered ? line.hostAt : 'none'
  if (line.type === 'keys') return line.exit === null ? 'none' : line.ended
  if (line.type === 'ledger.write') return line.completed
  if (line.type === 'write-try') return line.answers.at(-1)?.ended ?? 'none'
  return line.type === 'clock' || line.type === 'stack.log' || line.type === 'ledger.scan' ? line.hostAt : 'none'
}
