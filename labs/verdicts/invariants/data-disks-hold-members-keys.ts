import { ofType } from '../../journal/run.ts'
import { reservationType, typeWords } from '../../scsi/reservation-type.ts'
import { all, list, lunsFor, nodeRecord, survivors, unknown, type Case, type Finding } from '../case.ts'
import { keyOwner } from '../final-keys.ts'
import { byLastLooks, exactlyRegistered } from '../final-looks.ts'
import { keyPolicyOf, type KeyPolicy } from '../key-policy.ts'
import { finalSince, lastLooks } from '../last-looks.ts'
import type { ReservationReading } from '../../journal/key-tables.ts'
import type { Invariant } from './invariant.ts'

/**
 * In the end every data disk holds exactly the keys of the nodes that continue (one key may be registered several times,
 * once per path), and a reservation of the whole logical unit whose type keeps everybody else from writing, held by one of
 * them. Under an all-registrants type every registrant holds it, and READ RESERVATION shows key 0 (spc4r17 5.7.10).
 * Where the policy lets only the node register on which the group runs, "the nodes that continue" is that one.
 *
 * Says nothing where the policy registers no keys on data disks, and where no node continues: then nobody is there who had
 * to be let in, and nobody who could have kept the others out.
 */
export const dataDisksHoldMembersKeys: Invariant = { name: 'data-disks-hold-members-keys', check }

function check(run: Case): Finding | undefined {
  const policy = keyPolicyOf(run)
  if (policy.keys === 'nobody') return undefined
  const doubtful = run.nodes.filter(({ outcome }) => outcome === 'unknown')
  if (doubtful.length > 0)
    return unknown(
      `it is not known what became of ${list(doubtful.map(({ name }) => name))}`,
      doubtful.flatMap(({ events }) => events),
    )
  const since = finalSince(run)
  if (survivors(run).length === 0) return undefined
  const names = ownersOf(run, policy)
  if (since === undefined || names === undefined)
    return unknown('the run did not come to its end, or it is not known on which node the group runs in the end')
  const wanted = names.map((name) => nodeRecord(run, name).keys.data)
  return all(
    lunsFor(run, 'data').flatMap(({ name }) => [
      keysOf(run, name, wanted, { since, policy }),
      reservationOf(run, name, wanted, { since, policy }),
    ]),
    'the testbed declares no data disk',
  )
}

/** Whose keys belong on a data disk; undefined where that is one node's, and it is not known which one that is. */
function ownersOf(run: Case, policy: KeyPolicy): readonly string[] | undefined {
  const names = survivors(run).map(({ name }) => name)
  if (policy.keys === 'members') return names
  const end = run.frame.end?.seq ?? Infinity
  const active = names.filter(
    (name) => ofType(run.lines, 'stack').findLast(({ host, seq }) => host === name && seq > end)?.active,
  )
  return active.length === 1 ? active : undefined
}

interface Final {
  readonly since: number
  readonly policy: KeyPolicy
}

function keysOf(run: Case, lun: string, wanted: readonly string[], { since, policy }: Final): Finding {
  // the published defender empties the table in each of its cycles: that one look finds it empty says nothing
  const looks = lastLooks(
    run,
    lun,
    'keys',
    since,
    ({ answer }) => !policy.reservationFlickers || answer.keys.length > 0,
  )
  return exactlyRegistered(run, lun, wanted, looks)
}

function reservationOf(run: Case, lun: string, wanted: readonly string[], { since, policy }: Final): Finding {
  const looks = lastLooks(
    run,
    lun,
    'reservation',
    since,
    ({ answer }) => !policy.reservationFlickers || answer.reservation !== null,
  )
  const whatIsWrong = ({ answer: { reservation } }: ReservationReading): string | undefined => {
    if (!reservation) return 'no reservation is held, so nothing refuses a write'
    const { key, scope } = reservation
    const type = reservationType(reservation.type)
    if (scope !== 'LU_SCOPE') return `the reservation's scope is ${scope}, not the logical unit`
    if (!type) return `reserved with ${typeWords(reservation.type)}, which keeps nobody from writing`
    const isHeld = wanted.includes(key) || (type.held === 'by-all-registrants' && key === '0x0')
    return isHeld ? undefined : `the reservation (${type.words}) is held by ${keyOwner(run, key)}`
  }
  return byLastLooks(lun, looks, whatIsWrong, {
    right: 'reserved by a node that continues',
    nothing: 'no viewer that can be believed got a good answer to READ RESERVATION in the end',
  })
}
