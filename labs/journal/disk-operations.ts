import * as v from 'valibot'
import { ofType } from './run.ts'
import type { Line } from './event.ts'

/** A command that the cluster's stack on a node sent to a LUN by itself, and what it was told. */
export interface DiskOperation {
  readonly seq: number
  /** lab time of the line */
  readonly at: number
  readonly node: string
  readonly lun: string
  /** `preempt-abort`, `read-keys`, ... */
  readonly name: string
  /** the key that it is about, where it is about one: the victim of a preempt, otherwise the node's own */
  readonly key?: string
  readonly result: string
  /** what a good READ KEYS answered */
  readonly keys?: readonly string[]
  /** seconds since the boot of the node, its own clock, when the command was sent and when it was answered */
  readonly began: number
  readonly ended: number
}

/** As the agent of the reference cluster logs it (main/agent/disk-runner.ts). */
const entry = v.object({
  kind: v.literal('disk'),
  t: v.number(),
  began: v.number(),
  lun: v.string(),
  operation: v.string(),
  result: v.string(),
  keys: v.exactOptional(v.array(v.string())),
})

/** The disk operations in the logs of the nodes, in the order of the journal. A line that is none, or not understood, is left out. */
export function foldDiskOperations(lines: readonly Line[]): readonly DiskOperation[] {
  return ofType(lines, 'stack.log').flatMap(({ seq, at, host, text }): DiskOperation[] => {
    if (host === undefined || !text.startsWith('{')) return []
    const read = v.safeParse(entry, parsed(text))
    if (!read.success) return []
    const { lun, operation, result, keys, began, t } = read.output
    const [name = '', key] = operation.split(' ')
    const about = { ...(key !== undefined && { key }), ...(keys && { keys }) }
    return [{ seq, at, node: host, lun, name, result, began, ended: t, ...about }]
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // a log can hold any text: what is no JSON is no entry of the agent
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
