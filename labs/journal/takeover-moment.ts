import { ofType } from './grouped.ts'
import type { Line, LineOf } from './event.ts'

/** by which a node tells that it took over, or may now: the start of the group, and a race that it won */
const codes: readonly string[] = ['group-started', 'race-won']

/**
 * The last time that the group was taken over, or a race for it was won, since the row did anything: who had it before may
 * have a write on its way from then. Undefined where that never happened.
 */
export function lastTakeover(lines: readonly Line[]): LineOf<'stack.log'> | LineOf<'ledger.scan'> | undefined {
  const begun = lines.find((line) => line.type === 'fault' || line.type === 'operation')
  if (!begun) return undefined
  const told = ofType(lines, 'stack.log').findLast(({ code, seq }) => codes.includes(code ?? '') && seq > begun.seq)
  const read = ofType(lines, 'ledger.scan').findLast(({ when, seq }) => when === 'takeover' && seq > begun.seq)
  return (told?.seq ?? 0) > (read?.seq ?? 0) ? told : read
}
