import type { Scan } from '../journal/ledger.ts'
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

/** Whether the cluster keeps a log that all nodes write to: by its policy (labs/cluster/config.ts), or because a reading has it. */
export function keepsSharedLog({ started, ledger }: Pick<Case, 'started' | 'ledger'>): boolean {
  const { policy, parameters } = started.testbed.stack
  const declared = (parameters['ledger'] as { readonly shared?: unknown } | undefined)?.shared
  if (typeof declared === 'boolean') return declared
  return policy !== 'coordinator-race' || ledger.scans.some(({ shared }) => shared !== undefined)
}
