import type { Scan } from '../journal/ledger.ts'
import { recordedStack } from '../stacks/stack-of.ts'
import { isBelievable, unknown, type Case, type Finding } from './case.ts'

/**
 * Every reading of the whole ledger from the end (the last one, and one made later, when a write that was in flight would
 * have landed) that succeeded and that somebody made who can be believed. What is judged by one must hold in each.
 */
export function finalReadings(run: Case): readonly Scan[] {
  return fromTheEnd(run).filter(({ error, viewer }) => error === undefined && isBelievable(run, viewer))
}

/** That there is none, with those that failed or cannot be believed. */
export function noFinalReading(run: Case): Finding {
  return unknown(
    'the ledger was not read in the end by a host that can be believed',
    fromTheEnd(run).map(({ seq }) => seq),
  )
}

function fromTheEnd(run: Case): readonly Scan[] {
  const end = run.frame.end?.seq ?? Infinity
  return run.ledger.scans.filter(({ when, seq }) => when !== 'takeover' && seq > end)
}

/** Whether the cluster keeps a log that all nodes write to: its stack tells, or a reading has it. Of an unknown stack it is asked. */
export function keepsSharedLog({ started: { testbed }, ledger }: Pick<Case, 'started' | 'ledger'>): boolean {
  const stack = recordedStack(testbed)
  const told = stack ? stack.keepsSharedLog(testbed.stack) : true
  return told ?? ledger.scans.some(({ shared }) => shared !== undefined)
}
