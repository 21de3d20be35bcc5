import type { TestbedRecord } from './event.ts'

/**
 * Which hardware a testbed is, as a text that is equal for the same and differs for another: its name, its nodes, and the
 * WWIDs of its LUNs. The keys are not part of it, for they depend on the stack that a row brings; nor is the file.
 */
export function bedIdentity({ name, nodes, luns }: Pick<TestbedRecord, 'name' | 'nodes' | 'luns'>): string {
  return JSON.stringify([name, nodes.map((node) => node.name), luns.map((lun) => [lun.name, lun.use, lun.wwid])])
}
