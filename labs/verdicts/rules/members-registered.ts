import { all, list, lunsFor, nodeRecord, survivors, unknown, type Case, type Finding } from '../case.ts'
import { aloneOn } from '../final-keys.ts'
import { membersWithOneAnother } from '../membership.ts'
import { majority } from '../majority.ts'
import { reservedOn } from './survivor-alone-on-data.ts'

/**
 * In the end those who go on are members with one another, and their keys are on every data disk and a majority of the
 * coordination points, and no others; the data disks are reserved. Source: VCS I/O fencing, every node that joins registers
 * with the coordination points and data disks.
 */
export function membersRegistered(run: Case): Finding {
  const members = survivors(run).map(({ name }) => nodeRecord(run, name).keys)
  const end = run.frame.end
  if (!end || members.length === 0) return unknown('nobody is proved to be a member in the end')
  // the key of a node that may be a member, or not, is neither missing nor a stranger's
  const doubtful = run.nodes.filter(({ outcome }) => outcome === 'unknown')
  if (doubtful.length > 0) {
    const who = list(doubtful.map(({ name, why }) => `${name} (${why})`))
    return unknown(
      `it is not known what became of ${who}`,
      doubtful.flatMap(({ events }) => events),
    )
  }
  const wanted = (use: 'data' | 'coordination') => members.map((keys) => keys[use])
  return all(
    [
      ...membersWithOneAnother(run),
      ...lunsFor(run, 'data').flatMap((lun) => [
        aloneOn(run, lun.name, wanted('data'), end.at),
        reservedOn(run, lun.name, end.at),
      ]),
      majority(lunsFor(run, 'coordination').map((lun) => aloneOn(run, lun.name, wanted('coordination'), end.at))),
    ],
    'the testbed declares no LUN',
  )
}
