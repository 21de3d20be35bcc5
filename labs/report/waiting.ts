import { ofType } from '../journal/run.ts'
import { seenAt } from './seen-at.ts'
import type { LineOf } from '../journal/event.ts'
import type { Case } from '../verdicts/case.ts'

/** Where the time of a run goes, in milliseconds. */
export interface Waiting {
  readonly whole: number
  /** from the first fault until everybody was looked at in the end: this is what the row is about */
  readonly row: number
  /** of it: the cluster's own time-outs, on whichever node; what overlaps is counted once */
  readonly timeouts: number
}

/** The cluster's times that a log line tells of, in milliseconds. */
export type ClusterTimes = Readonly<Record<string, number | undefined>>

/**
 * How much of a run is spent in the cluster's own time-outs: until a silent peer counts as lost, a smaller side's delay, a
 * starting node that only listens, a group that settles. They are known from what the nodes' logs say begins or ends.
 * @param times by name, as the cluster was configured (timingsSchema)
 */
export function waitingIn(run: Case, times: ClusterTimes): Waiting {
  const from = run.frame.injected?.at ?? Infinity
  const whole = run.frame.lines.at(-1)?.at ?? 0
  const to = run.frame.end?.at ?? whole
  const spans = ofType(run.lines, 'stack.log').flatMap((line): readonly (readonly [number, number])[] => {
    const at = seenAt(run, line.host ?? '', line).latest
    const { before = 0, after = 0 } = timer(line, times)
    const clipped = [Math.max(from, at - before), Math.min(to, at + after)] as const
    return before + after > 0 && clipped[1] > clipped[0] ? [clipped] : []
  })
  return { whole, row: Math.max(0, to - from), timeouts: covered(spans) }
}

/** The time-out that ends, or begins, where a node says this. */
function timer(
  { code, data }: LineOf<'stack.log'>,
  times: ClusterTimes,
): { readonly before?: number; readonly after?: number } {
  switch (code) {
    case 'peer-lost':
      return { before: times['peerTimeout'] ?? 0 }
    case 'membership-change':
      return { after: typeof data?.['delay'] === 'number' ? data['delay'] : 0 }
    case 'joining':
      return { after: times['joinListen'] ?? 0 }
    case 'join-timeout':
      return { before: times['joinTimeout'] ?? 0 }
    case 'cluster-formed':
      return { after: times['groupSettle'] ?? 0 }
    case 'tie-breaker':
      return { after: times['survivorDelay'] ?? 0 }
    case 'attack':
      return { after: typeof data?.['attackWait'] === 'number' ? data['attackWait'] : 0 }
    default:
      return {}
  }
}

/** How much time the spans cover together. */
function covered(spans: readonly (readonly [number, number])[]): number {
  let total = 0
  let reached = -Infinity
  for (const [from, to] of spans.toSorted((a, b) => a[0] - b[0])) {
    total += Math.max(0, to - Math.max(from, reached))
    reached = Math.max(reached, to)
  }
  return total
}
