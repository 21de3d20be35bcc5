import {
  asSeenBy,
  dataInTheEnd,
  heldBy,
  isGuarded,
  loserKey,
  members,
  notHeld,
  observers,
  wasFenced,
  winnerKey,
} from './tools.ts'
import { reservation, viewers } from './rules.ts'
import type { PlantedDefect } from './defect.ts'

const fail = ['fail'] as const
const either = ['fail', 'inconclusive'] as const
const data = ({ dataDisks }: { readonly dataDisks: readonly string[] }) => dataDisks

/** Arrays whose reservation is not what it was made to be. */
export const arrayReservationDefects: readonly PlantedDefect[] = [
  {
    name: 'preempt-leaves-the-reservation-with-the-victim',
    source: 'SPDK: the holder stays the old one after a replace, 62d01929b8, spdk/spdk#3613 (CERTIFICATION 4.3 no. 51)',
    does: "removes the victim's key and leaves the reservation with it",
    verdict: fail,
    rules: reservation,
    plant: dataInTheEnd(wasFenced, (scene, lun) => heldBy(loserKey(scene, lun))),
  },
  {
    name: 'only-the-victim-may-write',
    source:
      'ZFS-HA on NETAPP disks: a stale reservation of the former owner blocks the import, ewwhite/zfs-ha#25 (CERTIFICATION 4.1 no. 21)',
    does: 'keeps a Write Exclusive reservation of the node that was fenced',
    verdict: fail,
    rules: reservation,
    plant: dataInTheEnd(wasFenced, (scene, lun) => heldBy(loserKey(scene, lun), 1)),
  },
  {
    name: 'holder-is-a-dead-path',
    source: 'multipath-tools#122, PR#122: a reservation held by a path that is gone (CERTIFICATION 4.4 no. 66)',
    does: 'says that a nexus holds the reservation that is registered nowhere',
    verdict: fail,
    rules: reservation,
    plant: dataInTheEnd(isGuarded, () => heldBy('0x7fffffffffffffff')),
  },
  {
    name: 'failed-reserve-clears-the-reservation',
    source: 'SCST d51053c5d: a RESERVE that is refused clears the reservation (CERTIFICATION 4.3 no. 45)',
    does: 'holds no reservation any more',
    verdict: either,
    rules: reservation,
    plant: dataInTheEnd(isGuarded, () => notHeld),
  },
  {
    name: 'mirror-secondary-drops-the-reservation',
    source:
      "IBM DS/LSI: a reservation on a mirror secondary is cleared by the primary's first write (CERTIFICATION 4.1 no. 11)",
    does: 'drops the reservation some time after the takeover',
    verdict: either,
    rules: reservation,
    plant: dataInTheEnd(
      isGuarded,
      () => notHeld,
      ({ collect }) => collect.seq,
    ),
  },
  {
    name: 'release-by-a-non-holder',
    source:
      'multipath-tools 8d5f4a5, dm-mpath: RELEASE by who does not hold it clears the LUN (Christie, dm-devel 2022-07-07; CERTIFICATION 4.4 no. 63)',
    does: 'gives the reservation away when another registrant releases it',
    verdict: fail,
    rules: reservation,
    plant: dataInTheEnd(
      ({ survivors, ...scene }) => isGuarded({ survivors, ...scene }) && survivors.length > 1,
      () => notHeld,
    ),
  },
  {
    name: 'microcode-exchange-spoils-the-reserve-information',
    source:
      'HDS USP/Sun 9985: invalid reserve information after a microcode exchange, FAB 102200, 1000865.1 (CERTIFICATION 4.1 no. 2)',
    does: 'shows an obsolete type',
    verdict: fail,
    rules: reservation,
    plant: dataInTheEnd(isGuarded, () => ({ held: (held) => held && { ...held, type: 2 } })),
  },
  {
    name: 'scope-of-an-extent',
    source:
      'SPC-2 extent and element scopes, obsolete since SPC-3; FreeBSD CTL persist.sh, bad scope (CERTIFICATION RSV-15)',
    does: 'took the reservation with a scope that is not the logical unit',
    verdict: either,
    rules: [...reservation, 'viewers-agree'],
    plant: dataInTheEnd(isGuarded, () => ({ held: (held) => held && { ...held, scope: 1 } })),
  },
  {
    name: 'reservation-not-shared-between-gateways',
    source: 'tcmu-runner#108, ceph/ceph#48631 (CERTIFICATION 4.2 no. 41)',
    does: 'tells whoever comes through the other gateway that nothing is reserved',
    verdict: either,
    rules: viewers,
    plant: asSeenBy(isGuarded, observers, data, () => notHeld),
  },
  {
    name: 'pending-reservation-on-the-survivors-path',
    source: 'IBM SVC: a fabric outage leaves a pending reservation, Broadcom KB 339470 (CERTIFICATION 4.1 no. 13)',
    does: 'shows the old holder on the path of who goes on, and the new one to the observer',
    verdict: either,
    rules: viewers,
    plant: asSeenBy(wasFenced, members, data, (scene, lun) => heldBy(loserKey(scene, lun))),
  },
  {
    name: 'several-hosts-behind-one-holder-type',
    source: 'EXPRESSCLUSTER SCSI-PR README: type 3 breaks the I/O of the active node (FIELD 2.8 no. 1); PATHS N12',
    does: 'leaves Exclusive Access with another key than that of who goes on',
    verdict: fail,
    rules: reservation,
    plant: dataInTheEnd(wasFenced, (scene, lun) => heldBy(loserKey(scene, lun), 3)),
  },
  {
    name: 'holder-key-stale-after-re-register',
    source: 'SPDK 313651699d: the reservation keeps the key from before a re-registration (CERTIFICATION 4.3 no. 51)',
    does: 'shows a holder key that is on no list any more',
    verdict: fail,
    rules: reservation,
    plant: dataInTheEnd(isGuarded, (scene, lun) => heldBy(stale(winnerKey(scene, lun)))),
  },
]

/** No node's, in recordings of the lab as in made-up ones, whose keys differ in the lowest bits. */
const stale = (key: string): string => `0x${(BigInt(key) ^ 0x80n).toString(16)}`
