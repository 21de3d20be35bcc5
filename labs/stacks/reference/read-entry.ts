import * as v from 'valibot'
import { ledgerContents, ledgerWrite, number } from '../../journal/schema.ts'
import type { LogEntry } from '../stack.ts'

/** What the agent says of itself, in answer to a request or when it changes. */
export const statusSchema = v.object({
  state: v.picklist(['stopped', 'joining', 'member', 'racing', 'waiting', 'lost', 'refused', 'left']),
  members: v.array(v.string()),
  links: v.record(v.string(), v.array(v.string())),
  active: v.boolean(),
  text: v.string(),
})

const entry = v.looseObject({ t: number, boot: v.string(), kind: v.string() })
const logEntry = v.object({
  code: v.string(),
  text: v.string(),
  data: v.exactOptional(v.record(v.string(), v.unknown())),
})
const ledgerEntry = v.object({ ...ledgerWrite, run: v.string() })
const scanEntry = v.object({
  lun: v.string(),
  run: v.string(),
  began: v.optional(number),
  error: v.optional(v.string()),
  ...ledgerContents,
})

/**
 * One line of the agent's log as an event of the journal. Lines of another run's ledger are no evidence of this one, and
 * are given as what they are: log text. A line that is not understood is kept as text, without a code.
 */
export function readAgentEntry(line: string, run: string): LogEntry | undefined {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    return unreadable(line, error)
  }
  const head = v.safeParse(entry, value)
  if (!head.success) return undefined
  const { t, boot, kind } = head.output
  const made = (event: LogEntry['event']): LogEntry => ({ hostAt: t, boot, event })
  if (kind === 'log') {
    const log = v.safeParse(logEntry, value)
    if (log.success) return made({ type: 'stack.log', ...log.output })
  }
  if (kind === 'status') {
    const status = v.safeParse(statusSchema, value)
    if (status.success) return made({ type: 'stack', answered: true, ...status.output })
  }
  if (kind === 'ledger') {
    const write = v.safeParse(ledgerEntry, value)
    if (write.success && write.output.run === run) {
      const { number, epoch, issued, completed, result, errno } = write.output
      return made({ type: 'ledger.write', number, epoch, issued, completed, result, errno })
    }
  }
  if (kind === 'takeover-scan') {
    const scan = v.safeParse(scanEntry, value)
    if (scan.success && scan.output.run === run) {
      const { lun, began, error, records, shared, odd, otherRuns } = scan.output
      return made({
        type: 'ledger.scan',
        when: 'takeover',
        lun,
        ...(began !== undefined && { began }),
        ...(error !== undefined && { error }),
        records,
        ...(shared && { shared }),
        ...(odd && { odd }),
        ...(otherRuns && { otherRuns }),
      })
    }
  }
  return made({ type: 'stack.log', text: line })
}

/** A torn line (the node died while writing it) is no entry; nothing can be said of it. */
const unreadable = (_line: string, _error: unknown) => undefined
