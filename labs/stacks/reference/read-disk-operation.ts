import * as v from 'valibot'
import type { LoggedOperation } from '../../journal/disk-operations.ts'

/** As the agent logs it (main/agent/disk-runner.ts). */
const entry = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    kind: v.literal('disk'),
    t: v.number(),
    began: v.number(),
    lun: v.string(),
    operation: v.string(),
    result: v.string(),
    keys: v.exactOptional(v.array(v.string())),
  }),
)

/** A line of the agent's log as the disk operation that it tells of; undefined for a line that is none, or not understood. */
export function readDiskOperation(text: string): LoggedOperation | undefined {
  if (!text.startsWith('{')) return undefined
  const read = v.safeParse(entry, text)
  if (!read.success) return undefined
  const { lun, operation, result, keys, began, t } = read.output
  const [name = '', key] = operation.split(' ')
  return { lun, name, result, began, ended: t, ...(key !== undefined && { key }), ...(keys && { keys }) }
}
