import { ofType } from '../journal/run.ts'
import type { LineOf } from '../journal/event.ts'
import type { Scan } from '../journal/ledger.ts'
import { isBelievable, nodeOfRole, type Case } from './case.ts'
import { isOlder, said, type Mark } from './stages.ts'

/** The role that loses the group and the one that takes it over, in the rows that have them. */
export const roles = { from: 'A', to: 'B' } as const

/** That the group was taken over: who, when it was started there, and what was on the disk before. */
export interface Takeover {
  readonly from: string
  readonly to: string
  readonly started: LineOf<'stack.log'>
  /** read after it had fenced the other, and before its own first write */
  readonly scan: Scan | undefined
}

/** The first start of the group on the node of role B after the fault, or in words why there is none. */
export function takeoverOf(run: Case): Takeover | string {
  const from = nodeOfRole(run, roles.from)?.name
  const to = nodeOfRole(run, roles.to)?.name
  const since = run.frame.injected
  if (from === undefined || to === undefined || since === undefined)
    return 'the roles are not bound, or nothing was done'
  const started = said(run, to, 'group-started', since)
  if (!started) return `the group was not started on ${to}`
  return { from, to, started, scan: takeoverScan(run, to, since) }
}

/**
 * The first reading since then by who took over; one that had ended after the first write that it was made for, by the clock
 * of the node that did both, does not show what was on the disk before, and neither does one whose order is not known.
 */
function takeoverScan(run: Case, to: string, since: Mark): Scan | undefined {
  const line = ofType(run.lines, 'ledger.scan').find(
    (one) =>
      one.when === 'takeover' &&
      one.host === to &&
      one.seq > since.seq &&
      one.error === undefined &&
      !isOlder(run, one, since),
  )
  return line && isBeforeOwnWrites(run, line, since) ? run.ledger.scans.find(({ seq }) => seq === line.seq) : undefined
}

/** Whether a reading had ended before whoever made it wrote for the first time since then, by that host's own clock. */
export function isBeforeOwnWrites(run: Case, { host, hostAt }: LineOf<'ledger.scan'>, since: Mark): boolean {
  if (hostAt === undefined) return false
  const writes = ofType(run.lines, 'ledger.write').filter(
    (one) => one.host === host && one.seq > since.seq && !isOlder(run, one, since),
  )
  return writes.every(({ issued }) => issued >= hostAt)
}

/** The last reading of the ledger, where somebody made it who can be believed. */
export function finalScan(run: Case): Scan | undefined {
  const final = run.ledger.scans.findLast((scan) => scan.when === 'final')
  const end = run.frame.end?.seq ?? Infinity
  return final && final.error === undefined && final.seq > end && isBelievable(run, final.viewer) ? final : undefined
}
