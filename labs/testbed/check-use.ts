import { errorAt, warningAt, type Finding } from './finding.ts'
import type { Testbed } from './testbed.ts'

/** Whether the testbed can be used as it says: the way back to all green, and whether rows may run at all. */
export const checkUse = (testbed: Testbed): Finding[] => [...restore(testbed), ...destructive(testbed)]

function restore(testbed: Testbed): Finding[] {
  if (testbed.restore.kind !== 'snapshot' || testbed.virtual !== undefined) return []
  const expected = 'restart: only a lab that fencelab builds itself (virtual: …) has snapshots'
  return [errorAt(['restore', 'kind'], 'snapshot, in a lab without virtual', expected)]
}

function destructive(testbed: Testbed): Finding[] {
  if (testbed.destructive) return []
  const expected = 'destructive: true, once every LUN of this file may be overwritten and every node may be crashed'
  return [warningAt(['destructive'], 'not true: this testbed can be looked at, but no scenario runs on it', expected)]
}
