import { lunsFor, nodeRecord, type Case, type Finding } from '../case.ts'
import { aloneOn, settled } from '../final-keys.ts'
import { majority } from '../majority.ts'

/**
 * In the end a majority of all coordination points lists the keys of those who go on, and no others: who comes back
 * cannot win a race, and who looks at start sees who owns the cluster.
 */
export function survivorAloneOnCoordinationMajority(run: Case): Finding {
  const end = settled(run)
  if (!end.known) return end.finding
  const wanted = end.names.map((name) => nodeRecord(run, name).keys.coordination)
  return majority(lunsFor(run, 'coordination').map((lun) => aloneOn(run, lun.name, wanted, end.since)))
}
