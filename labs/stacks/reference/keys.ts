import type { Testbed } from '../../testbed/testbed.ts'
import { letterKey, pgrKey, vfKey } from '../../scsi/key-codec.ts'

/**
 * The registration keys of a node of the reference cluster. Coordination points: the node's letter padded with dashes
 * (VCS training text: "the left-most character is the ASCII character corresponding to the LLT node ID"), or VF, cluster
 * and node (VCS 5.1 and later). Data disks: the letter, PGR and a disk group count (`APGR0000`), as VxVM does it.
 */
export function nodeKeys(stack: Testbed['stack'], id: number): { coordination: string; data: string } {
  const coordination = stack.keys === 'vf' ? vfKey(Number.parseInt(stack.cluster, 16), id) : letterKey(id)
  return { coordination, data: pgrKey(id, 0) }
}
