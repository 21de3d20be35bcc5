import type { Line } from './event.ts'
import { isPanicLine } from './panic-line.ts'
import type { TestbedRecord } from './event.ts'

export type PanicWitness = TestbedRecord['nodes'][number]['panicWitnesses'][number]

const saw: Readonly<Record<PanicWitness, (line: Line) => boolean>> = {
  'panic-event': (line) => line.type === 'panic-event',
  console: (line) => line.type === 'console' && isPanicLine(line.text),
}

/**
 * Did every witness that the testbed declares see a panic of a node since the lab last started it anew? Enough to wait for it
 * no longer. One witness alone is not: a program can print the kernel's words. Whether the node stayed dead is for the
 * verdict to say.
 */
export function isPanicSeen(lines: readonly Line[], node: string, witnesses: readonly PanicWitness[]): boolean {
  const since = lines.findLast((line) => line.type === 'boot' && line.host === node)?.seq ?? 0
  const seen = (witness: PanicWitness) =>
    lines.some((line) => line.host === node && line.seq > since && saw[witness](line))
  return witnesses.length > 0 && witnesses.every(seen)
}
