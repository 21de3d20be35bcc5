import {
  added,
  asSeenBy,
  dataInTheEnd,
  isGuarded,
  loserKey,
  members,
  observers,
  pointsInTheEnd,
  removed,
  wasFenced,
  winnerKey,
} from './tools.ts'
import { dataKeys, pointKeys, viewers } from './rules.ts'
import { keyedPoints } from '../world.ts'
import type { PlantedDefect } from './defect.ts'
import type { FullStatusEntry } from '../../../labs/scsi/listing.ts'

const empty = { keys: () => [], held: () => null, generation: () => 0 } as const
const fail = ['fail'] as const
const either = ['fail', 'inconclusive'] as const
const orphan = '0x4d50475230303030'

/** Arrays that lose registrations, keep them, or show them otherwise than they are. */
export const arrayKeyDefects: readonly PlantedDefect[] = [
  {
    name: 'registrations-vanish-with-the-target',
    source: 'LIO/targetcli without APTPL: open-iscsi/targetcli-fb#56, #127, rtslib-fb#15 (CERTIFICATION 4.2 no. 40)',
    does: 'forgets all registrations and the reservation of the data disk when its target is restarted',
    verdict: either,
    rules: dataKeys,
    plant: dataInTheEnd(isGuarded, () => empty),
  },
  {
    name: 'points-forget-at-power-loss',
    source: 'LIO: APTPL data lost when the tag changes, Bogdanov, target-devel 2022-06-21 (CERTIFICATION 4.2 no. 34)',
    does: 'forgets the registrations of the coordination points',
    verdict: either,
    rules: pointKeys,
    plant: pointsInTheEnd(isGuarded, () => ({ keys: () => [], generation: () => 0 })),
  },
  {
    name: 'orphaned-keys',
    source:
      'Hitachi 99xx, Sun alert 1008962.1: orphaned keys survive power cycling and the deletion of the parity group (CERTIFICATION 4.1 no. 3)',
    does: 'lists a key that no node of this cluster has',
    verdict: fail,
    rules: dataKeys,
    plant: dataInTheEnd(isGuarded, () => added(orphan)),
  },
  {
    name: 'second-nexus-survives-preempt',
    source: 'SPDK 25b4685f98: of several registrants with one key some survive a preempt (CERTIFICATION 4.3 no. 53)',
    does: 'keeps a registration of the preempted key on the data disk',
    verdict: fail,
    rules: dataKeys,
    plant: dataInTheEnd(wasFenced, (scene, lun) => added(loserKey(scene, lun))),
  },
  {
    name: 'second-nexus-survives-preempt-on-the-points',
    source: 'SPDK 25b4685f98 (CERTIFICATION 4.3 no. 53); fence-agents#576: four keys here, two there',
    does: 'keeps a registration of the preempted key on most coordination points',
    verdict: either,
    rules: [...pointKeys, 'everyone-was-probed'],
    plant: pointsInTheEnd(wasFenced, (scene, lun) => added(loserKey(scene, lun))),
  },
  {
    name: 'registrants-beyond-the-maximum-are-lost',
    source: 'SPDK a773de35b4, 38a0992bf5: registrants beyond the maximum silently lost (CERTIFICATION 4.3 no. 54)',
    does: 'does not keep the registration of one who goes on',
    verdict: either,
    rules: dataKeys,
    plant: dataInTheEnd(isGuarded, (scene, lun) => removed(winnerKey(scene, lun))),
  },
  {
    name: 'key-limit-of-the-port',
    source:
      'Hitachi USP-V, HP XP P9500: 128 keys a port, the next REGISTER fails; InfoScale article 100022730 (CERTIFICATION 4.1 no. 4, 5)',
    does: 'has no room for the key of one who goes on, on most coordination points',
    verdict: fail,
    rules: pointKeys,
    plant: pointsInTheEnd(isGuarded, (scene, lun) => removed(winnerKey(scene, lun))),
  },
  {
    name: 'unmapping-removes-registrations',
    source:
      'IBM SVC: removing a host mapping removes its registrations (SVC help, standard and persistent reserves; CERTIFICATION 4.1 no. 14)',
    does: 'drops the registration and the reservation of who goes on',
    verdict: either,
    rules: dataKeys,
    plant: dataInTheEnd(isGuarded, (scene, lun) => ({ ...removed(winnerKey(scene, lun)), held: () => null })),
  },
  {
    name: 'register-ignore-replaces-another-key',
    source:
      'HPE 3PAR: REGISTER AND IGNORE through one path replaces the key of another, opensvc/opensvc#628 (CERTIFICATION 4.1 no. 15)',
    does: 'puts the key of who was lost in the place of the key of who goes on',
    verdict: fail,
    rules: dataKeys,
    plant: dataInTheEnd(wasFenced, (scene, lun) => ({
      keys: (keys) => keys.map((key) => (key === winnerKey(scene, lun) ? loserKey(scene, lun) : key)),
    })),
  },
  {
    name: 'gateways-do-not-share-registrations',
    source: 'tcmu-runner/ceph-iscsi: tcmu-runner#105, #108, ceph/ceph#48631 (CERTIFICATION 4.2 no. 41)',
    does: 'shows an empty table to whoever comes through the other gateway',
    verdict: either,
    // it was so before the row began: then nothing was green
    rules: [...viewers, 'precondition'],
    plant: asSeenBy(
      isGuarded,
      observers,
      ({ dataDisks }) => dataDisks,
      () => empty,
      () => 0,
    ),
  },
  {
    name: 'gateways-do-not-share-preempts',
    source: 'SUSE/lrbd#10, tcmu-runner#108 (CERTIFICATION 4.2 no. 41)',
    does: 'still shows the fenced key to whoever comes through the other gateway',
    verdict: either,
    rules: viewers,
    plant: asSeenBy(
      wasFenced,
      observers,
      (scene) => [...scene.dataDisks, ...keyedPoints(scene)],
      (scene, lun) => ({ ...added(loserKey(scene, lun)), generation: (generation) => generation - 1 }),
    ),
  },
  {
    name: 'stale-controller-behind-the-survivor',
    source: 'SCST HA: the other node is not told, SCST#155, commit 92db6a9fc (CERTIFICATION 4.3 no. 42)',
    does: 'shows the fenced key to who goes on and no more to the observer',
    verdict: either,
    rules: viewers,
    plant: asSeenBy(wasFenced, members, keyedPoints, (scene, lun) => ({
      ...added(loserKey(scene, lun)),
      generation: (generation) => generation - 1,
    })),
  },
  {
    name: 'full-status-in-wrong-byte-order',
    source: 'SPDK: READ FULL STATUS key in wrong byte order, spdk/spdk#3699, bc6e91d14f (CERTIFICATION 4.3 no. 50)',
    does: 'shows other keys in the full status than in the key list',
    verdict: either,
    rules: viewers,
    plant: dataInTheEnd(
      isGuarded,
      () => ({ entries: (entries) => entries.map((entry) => ({ ...entry, key: swapped(entry.key) })) }),
      () => 0,
    ),
  },
  {
    name: 'registered-from-another-port',
    source: 'fence_scsi and a changed ISID: fence-agents#517, #529, #558 (CERTIFICATION 4.4 no. 69)',
    does: "has the survivor's key under the initiator port of the node that was fenced",
    verdict: either,
    rules: viewers,
    plant: dataInTheEnd(wasFenced, () => ({
      entries: (entries) => entries.map((entry) => ({ ...entry, ...theirs(entry) })),
    })),
  },
  {
    name: 'generation-starts-over',
    source:
      'PRGENERATION is zero after a power cycle (SPC-4 6.15); orphaned keys of Hitachi 99xx survive it, asset 1008962.1',
    does: 'counts its registrations from zero again in the middle of the run, with the same keys',
    verdict: either,
    rules: viewers,
    plant: dataInTheEnd(isGuarded, () => ({ generation: () => 0 })),
  },
  {
    name: 'multipathd-registers-a-fenced-path',
    source:
      'multipath-tools 601d09a7: a path is registered after its keys were preempted; lixiaokeng 2021-06-24, Marzinski 2022-12-20 (CERTIFICATION 4.4 no. 65)',
    does: 'registers the fenced node again behind the back of the cluster',
    verdict: fail,
    rules: dataKeys,
    plant: dataInTheEnd(
      wasFenced,
      (scene, lun) => ({ ...added(loserKey(scene, lun)), generation: (generation) => generation + 1 }),
      ({ collect }) => collect.seq,
    ),
  },
  {
    name: 'fence-agent-erases-own-keys',
    source:
      'fence_scsi/fence_mpath preempts once a path and erases its own keys, ClusterLabs/fence-agents#594, #631 (CERTIFICATION 4.4 no. 67)',
    does: 'removes the key of who fenced',
    verdict: either,
    rules: dataKeys,
    plant: dataInTheEnd(wasFenced, (scene, lun) => ({
      keys: (keys) => keys.filter((key) => key !== winnerKey(scene, lun)),
      generation: (generation) => generation + 1,
    })),
  },
  {
    name: 'keys-removed-above-32',
    source:
      'Veritas DMP reads one byte of the length: from 32 keys on registrations are removed, article 100001750 (CERTIFICATION 4.4 no. 62)',
    does: 'removes every registration, and leaves the reservation',
    verdict: either,
    rules: dataKeys,
    plant: dataInTheEnd(isGuarded, () => ({ keys: () => [] })),
  },
]

const swapped = (key: string): string =>
  `0x${(key.slice(2).padStart(16, '0').match(/../g) ?? [])
    .reverse()
    .join('')
    .replace(/^0+(?=.)/, '')}`
const theirs = ({ transport }: FullStatusEntry): Partial<FullStatusEntry> =>
  transport
    ? {
        transport: JSON.parse(
          JSON.stringify(transport).replace(/node([ab])/, (_, one: string) => `node${one === 'a' ? 'b' : 'a'}`),
        ) as NonNullable<FullStatusEntry['transport']>,
      }
    : {}
