import { all, lunsFor, nodeRecord, survivors, unknown, type Case, type Finding } from '../case.ts'
import { aloneOn } from '../final-keys.ts'
import { majority } from '../majority.ts'
import { reservedOn } from './survivor-alone-on-data.ts'

/**
 * In the end the members' keys are on every data disk and a majority of the coordination points, and no others; the data
 * disks are reserved. Source: VCS I/O fencing, every node that joins registers with the coordination points and data disks.
 */
export function membersRegistered(run: Case): Finding {
  const members = survivors(run).map(({ name }) => nodeRecord(run, name).keys)
  const end = run.frame.end
  if (!end || members.length === 0) return unknown('nobody is proved to be a member in the end')
  return all(
    [
      ...lunsFor(run, 'data').flatMap((lun) => [
        aloneOn(run, lun.name, members.map(({ data }) => data), end.at),
        reservedOn(run, lun.name, end.at),
      ]),
      majority(lunsFor(run, 'coordination').map((lun) => aloneOn(run, lun.name, members.map(({ coordination }) => coordination), end.at))),
    ],
    'the testbed declares no LUN',
  )
}
