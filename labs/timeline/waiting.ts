import { ofType } from '../journal/run.ts'
import { seenAt } from './seen-at.ts'
import { recordedStack } from '../stacks/stack-of.ts'
import type { Times } from '../stacks/stack.ts'
import type { Case } from '../verdicts/case.ts'

/** Where the time of a run goes, in milliseconds. */
export interface Waiting {
  readonly whole: number
  /** from the first fault until everybody was looked at in the end: this is what the row is about */
  readonly row: number
  /** of it: the cluster's own time-outs, on whichever node; what overlaps is counted once */
  readonly timeouts: number
}

/**
 * How much of a run is spent in the cluster's own time-outs: until a silent peer counts as lost, a smaller side's delay, a
 * starting node that only listens, a group that settles. They are known from what the nodes' logs say begins or ends.
 * @param times by name, as the cluster was configured (`times` of its stack)
 */
export function waitingIn(run: Case, times: Times): Waiting {
  const stack = recordedStack(run.started.testbed)
  const from = run.frame.injected?.at ?? Infinity
  const whole = run.frame.lines.at(-1)?.at ?? 0
  const to = run.frame.end?.at ?? whole
  const spans = ofType(run.lines, 'stack.log').flatMap((line): readonly (readonly [number, number])[] => {
    const at = seenAt(run, line.host ?? '', line).latest
    const { before = 0, after = 0 } = stack?.timeOutAt(line, times) ?? {}
    const clipped = [Math.max(from, at - before), Math.min(to, at + after)] as const
    return before + after > 0 && clipped[1] > clipped[0] ? [clipped] : []
  })
  return { whole, row: Math.max(0, to - from), timeouts: covered(spans) }
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
