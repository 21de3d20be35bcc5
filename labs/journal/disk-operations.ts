import { ofType } from './run.ts'
import type { Line } from './event.ts'

/** A command that a stack sent to a LUN by itself, and what it was told, as a line of its log tells it. */
export interface LoggedOperation {
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

export interface DiskOperation extends LoggedOperation {
  readonly seq: number
  /** lab time of the line */
  readonly at: number
  readonly node: string
}

/**
 * The disk operations in the logs of the nodes, in the order of the journal.
 * @param read of the stack whose logs they are: undefined for a line that is none, or that it does not understand
 */
export function foldDiskOperations(
  lines: readonly Line[],
  read: (text: string) => LoggedOperation | undefined,
): readonly DiskOperation[] {
  return ofType(lines, 'stack.log').flatMap(({ seq, at, host, text }): DiskOperation[] => {
    const operation = host === undefined ? undefined : read(text)
    return host === undefined || operation === undefined ? [] : [{ seq, at, node: host, ...operation }]
  })
}
