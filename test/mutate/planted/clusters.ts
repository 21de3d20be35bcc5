import type { Line, LineOf } from '../../../labs/journal/event.ts'
import { ofType } from '../../../labs/journal/run.ts'
import { isPanicLine } from '../../../labs/journal/panic-line.ts'
import type { Variant } from '../change.ts'
import { lateRecord, losesData, takeoverScanOf } from '../contradictions-ledger.ts'
import { bootAt, changed, inserted, keyOf, line, majorityOf, type Scene } from '../scene.ts'
import { isFinal, keyedPoints, ownerOf, scansChanged, timed, worldOf } from '../world.ts'
import {
  added,
  appearing,
  dataInTheEnd,
  isGuarded,
  lastStatuses,
  loser,
  loserKey,
  notHeld,
  wasFenced,
  winner,
} from './tools.ts'
import { dataKeys, lateWrites, pointKeys, reservation, whoGoesOn, working } from './rules.ts'
import type { PlantedDefect } from './defect.ts'

const fail = ['fail'] as const
const either = ['fail', 'inconclusive'] as const
const unclear = ['inconclusive'] as const
const inTheEnd = (scene: Scene, one: Line) => one.seq > scene.collect.seq && one.seq < scene.restore
const before = (scene: Scene, one: Line) => one.seq < scene.restore
const outcome = (scene: Scene, node: string) => scene.verdict.nodes[node]?.observed
const panicked = (scene: Scene) => scene.nodes.find((node) => outcome(scene, node) === 'panicked')
const asMember = (status: LineOf<'stack'>, members: readonly string[]): LineOf<'stack'> => ({
  ...status,
  answered: true,
  state: 'member',
  members,
  text: `member with ${members.join(', ')}`,
})

/** A node that was lost is there in the end, in the boot of before, and says that it is a member. */
function alive(scene: Scene, node: string, active: boolean, lines: readonly Line[] = scene.lines): readonly Line[] {
  const boot = bootAt(scene, node, scene.injected.seq)
  const without = lines.filter(
    (one) =>
      !before(scene, one) ||
      !(
        (one.type === 'panic-event' && one.host === node) ||
        (one.type === 'console' && one.host === node && isPanicLine(one.text)) ||
        (one.type === 'note' && one.text.includes(node)) ||
        (one.type === 'probe' && one.node === node && inTheEnd(scene, one)) ||
        (one.type === 'stack' && one.host === node && inTheEnd(scene, one))
      ),
  )
  const at = scene.collect.at + 100
  return inserted(without, { after: scene.collect.seq }, [
    line({
      at,
      host: node,
      type: 'probe',
      node,
      reachable: true,
      ...(boot !== undefined && { boot }),
      text: 'it answered',
    }),
    line({
      ...timed(scene, node, at),
      type: 'stack',
      answered: true,
      state: 'member',
      members: [node],
      active,
      text: `member with ${node}`,
    }),
  ])
}

/** A log line of a node. */
const says = (
  scene: Scene,
  host: string,
  place: Line,
  code: string,
  text: string,
  data?: Readonly<Record<string, unknown>>,
): Line => line({ ...timed(scene, host, place.at), type: 'stack.log', code, text, ...(data && { data }) })

const one = (lines: readonly Line[]): readonly Variant[] => [['', lines]]

/** Clusters, fence agents and watchdogs that do not what they should. */
export const clusterDefects: readonly PlantedDefect[] = [
  {
    name: 'two-luns-two-winners',
    source:
      'fence_scsi with several devices: each node keeps one, both go on, ClusterLabs/fence-agents#278 (CERTIFICATION 4.4 no. 68, STACK-ROWS 3.1)',
    does: 'lets both sides go on',
    verdict: fail,
    rules: [...whoGoesOn, ...dataKeys, ...pointKeys],
    plant: (scene) => {
      const node = panicked(scene)
      return node !== undefined && wasFenced(scene) ? one(alive(scene, node, false)) : []
    },
  },
  {
    name: 'split-brain-with-fencing-off',
    source:
      'Pacemaker with stonith disabled: both nodes run every resource, Red Hat solution 7106270; CTS switches fencing off before it partitions (FIELD 3.2)',
    does: 'lets both sides go on, and runs the group on both',
    verdict: fail,
    rules: [...whoGoesOn, ...working, ...dataKeys],
    plant: (scene) => {
      const node = panicked(scene)
      return node !== undefined && scene.survivors.length > 0 ? one(alive(scene, node, true)) : []
    },
  },
  {
    name: 'fenced-but-not-rebooted',
    source: 'fence_scsi says OK, Pacemaker on the victim ends, and the node stays up, ClusterLabs/fence-agents#530',
    does: 'ends the stack of the fenced node, which stays up in the same boot',
    verdict: either,
    rules: whoGoesOn,
    plant: (scene) => {
      const node = panicked(scene)
      if (node === undefined) return []
      const lines = alive(scene, node, false)
      return one(
        changed(lines, (it) =>
          it.type === 'stack' && it.host === node && it.seq === 0
            ? { ...it, state: 'stopped', members: [], text: 'stopped' }
            : it,
        ),
      )
    },
  },
  {
    name: 'watchdog-resets-without-a-panic',
    source: 'sbd: watchdog resets look like any reboot, ClusterLabs/sbd#76; vxfen panics instead (FIELD 1.6)',
    does: 'reboots the node that lost, without a panic that anybody saw',
    verdict: unclear,
    rules: whoGoesOn,
    plant: (scene) => {
      const node = panicked(scene)
      if (node === undefined) return []
      const lines = alive(scene, node, false)
      const boot = '99999999-2222-4333-8444-555555555555'
      return one(
        lines.flatMap((it) =>
          it.seq !== 0
            ? [it]
            : it.type === 'probe'
              ? [{ ...it, boot }]
              : it.type === 'stack'
                ? [{ ...it, state: 'stopped' as const, members: [] }]
                : [it],
        ),
      )
    },
  },
  {
    name: 'victim-hangs-instead',
    source:
      'fence_lpar: a machine in state Error counts as off, ClusterLabs/fence-agents#610; fence_ipmilan cycle reports success early, #68',
    does: 'leaves the victim silent, and nobody saw it die',
    verdict: unclear,
    rules: whoGoesOn,
    plant: (scene) => {
      const node = panicked(scene)
      return node === undefined
        ? []
        : one(
            scene.lines.filter(
              (it) =>
                !before(scene, it) ||
                !(
                  (it.type === 'panic-event' && it.host === node) ||
                  (it.type === 'console' && it.host === node && isPanicLine(it.text))
                ),
            ),
          )
    },
  },
  {
    name: 'group-on-two-nodes',
    source:
      'VCS concurrency violation; repmgr: the old primary comes back beside the new one, EnterpriseDB/repmgr#42, #766',
    does: 'runs the group on a second node that goes on',
    verdict: fail,
    rules: [
      ...working,
      'members-registered',
      'all-continue',
      'nobody-raced',
      'one-side-continues',
      'joiner-waited-for-the-fence',
    ],
    plant: (scene) => {
      const owner = ownerOf(scene)?.node
      const other = scene.survivors.find((node) => node !== owner)
      return owner !== undefined && other !== undefined
        ? one(
            changed(scene.lines, (it) =>
              it.type === 'stack' && it.host === other && inTheEnd(scene, it) && it.answered
                ? { ...it, active: true }
                : it,
            ),
          )
        : []
    },
  },
  {
    name: 'group-runs-nowhere',
    source:
      'EXPRESSCLUSTER on type 3: the active node stops by itself (FIELD 2.8 no. 1, 6); ewwhite/zfs-ha#25: the import is blocked on failover',
    does: 'stops the group on who goes on, and starts it nowhere',
    verdict: either,
    rules: working,
    plant: (scene) =>
      ownerOf(scene) && !losesData(scene)
        ? one(
            changed(scene.lines, (it) =>
              it.type === 'stack' && inTheEnd(scene, it) && it.active ? { ...it, active: false } : it,
            ),
          )
        : [],
  },
  {
    name: 'members-do-not-see-one-another',
    source:
      'Pacemaker: both partitions without quorum settings go on, lists.clusterlabs.org pacemaker 2014-March/068547; DRBD StandAlone (FIELD 11)',
    does: 'lets those who go on be members each for itself',
    verdict: either,
    rules: [
      'all-continue',
      'members-registered',
      'one-side-continues',
      'joiner-waited-for-the-fence',
      'nobody-raced',
      ...working,
    ],
    plant: (scene) =>
      scene.survivors.length > 1
        ? one(
            changed(scene.lines, (it) =>
              it.type === 'stack' && it.answered && inTheEnd(scene, it) && scene.survivors.includes(it.host ?? '')
                ? asMember(it, [it.host ?? ''])
                : it,
            ),
          )
        : [],
  },
  {
    name: 'joined-without-registering',
    source:
      'multipath: a path is up before it is registered, lixiaokeng 2021-06-24 (CERTIFICATION 4.4 no. 65); unfencing is not tried again (STACK-ROWS 3.3)',
    does: 'lets a node in that has no key on the data disk',
    verdict: fail,
    rules: dataKeys,
    plant: (scene) => {
      const [, second] = scene.survivors
      return second !== undefined && isGuarded(scene)
        ? dataInTheEnd(
            isGuarded,
            (it, lun) => ({ keys: (keys) => keys.filter((key) => key !== keyOf(it, second, lun)) }),
            ({ collect }) => collect.seq,
          )(scene)
        : []
    },
  },
  {
    name: 'joined-without-a-majority-of-points',
    source:
      'vxfen: keys on coordinator disks lost, article 100022852; HP XP P9500: no room for another key (CERTIFICATION 4.1 no. 5)',
    does: 'lets a node in that has no key on most coordination points',
    verdict: fail,
    rules: pointKeys,
    plant: (scene) => {
      const [, second] = scene.survivors
      if (second === undefined || !isGuarded(scene)) return []
      const seen = keyedPoints(scene).filter((lun) =>
        ofType(scene.lines, 'keys').some((look) => look.lun === lun && inTheEnd(scene, look) && look.exit === 0),
      )
      if (seen.length === 0 || seen.length < majorityOf(scene).length) return []
      return one(
        seen.slice(0, majorityOf(scene).length).reduce(
          (lines, lun) =>
            worldOf(scene, lines, lun, scene.collect.seq, {
              keys: (keys) => keys.filter((key) => key !== keyOf(scene, second, lun)),
            }),
          scene.lines,
        ),
      )
    },
  },
  {
    name: 'preexisting-split-brain-ignored',
    source:
      'VCS: fencing disabled or forced, "I/O Fencing DISABLED!" (FIELD 1.6); sbd startup fencing, ClusterLabs/pacemaker#1409',
    does: 'lets a node form a cluster of its own though the keys of another are there',
    verdict: either,
    rules: [...whoGoesOn, 'split-brain-message', ...dataKeys],
    plant: (scene) => {
      const node = scene.nodes.find((it) => outcome(scene, it) === 'refused-to-join')
      return node === undefined
        ? []
        : one(
            changed(scene.lines, (it) =>
              it.type === 'stack' && it.host === node && it.answered && inTheEnd(scene, it) ? asMember(it, [node]) : it,
            ),
          )
    },
  },
  {
    name: 'preexisting-split-brain-ignored-on-the-way',
    source: 'as above, and then repaired before anybody looks in the end',
    does: 'lets a node in that should have been refused, at a checkpoint of the row',
    verdict: either,
    rules: whoGoesOn,
    plant: (scene) =>
      ofType(scene.lines, 'checkpoint').flatMap((begun): readonly Variant[] => {
        const done = ofType(scene.lines, 'checkpoint').find((it) => it.name === begun.name && it.step === 'done')
        if (begun.step !== 'begun' || !done) return []
        const isIt = (it: Line): it is LineOf<'stack'> =>
          it.type === 'stack' && it.seq > begun.seq && it.seq < done.seq && it.state === 'refused'
        return scene.lines.some(isIt)
          ? [[begun.name, changed(scene.lines, (it) => (isIt(it) ? asMember(it, [it.host ?? '']) : it))]]
          : []
      }),
  },
  {
    name: 'refused-node-mounts-and-writes',
    source:
      'CVM/VCS: a node whose fencing did not start imports the disk group all the same (SF 5.0, scenario I); fence-agents#62: never unfenced',
    does: 'writes on a node that was refused',
    verdict: either,
    rules: lateWrites,
    plant: (scene) => {
      const refused = ofType(scene.lines, 'stack').find((it) => it.state === 'refused' && it.seq < scene.restore)
      const node = refused?.host
      const place = refused && scene.lines.find((it) => it.seq > refused.seq && it.at > refused.at + 200)
      if (node === undefined || !refused || !place) return []
      const boot = bootAt(scene, node, refused.seq)
      const { hostAt, ...envelope } = timed(scene, node, place.at)
      if (boot === undefined || hostAt === undefined) return []
      const record = { node, number: 900, epoch: 9, issued: hostAt - 0.05, boot }
      const write = line({
        ...envelope,
        hostAt,
        type: 'ledger.write',
        number: 900,
        epoch: 9,
        issued: hostAt - 0.05,
        completed: hostAt - 0.01,
        result: 'acknowledged',
        errno: 0,
      })
      return one(scansChanged(inserted(scene.lines, { before: place.seq }, [write]), isFinal, appearing('own', record)))
    },
  },
  {
    name: 'keys-cleared-behind-the-cluster',
    source:
      'vxfenclearpre or sg_persist --clear while the cluster runs; vxfen does not poll its keys, article 100022852 (FIELD 1.1)',
    does: 'removes every key and the reservation while the lab looks for the last time',
    verdict: either,
    rules: dataKeys,
    plant: dataInTheEnd(
      isGuarded,
      () => ({ keys: () => [], held: () => null, generation: (generation) => generation + 1 }),
      ({ collect }) => collect.seq,
    ),
  },
  {
    name: 'race-won-without-a-majority',
    source: 'fence_scsi has no majority rule, fence-agents#278 against vxfen (FIELD 0 no. 4)',
    does: 'lets a node go on that got one of three coordination points',
    verdict: either,
    rules: whoGoesOn,
    plant: (scene) => {
      const lost = ofType(scene.lines, 'stack.log').find((it) => it.code === 'race-lost' && it.seq < scene.restore)
      const node = lost?.host
      return node !== undefined && scene.survivors.length === 0 ? one(alive(scene, node, true)) : []
    },
  },
  {
    name: 'both-won-the-race',
    source: 'fence_scsi race over multipath: both sides fenced each other, ewwhite/zfs-ha#26, Red Hat solution 3201072',
    does: 'tells on both sides that the race was won, and both go on',
    verdict: either,
    rules: [...whoGoesOn, ...dataKeys, ...pointKeys],
    plant: (scene) => {
      const won = ofType(scene.lines, 'stack.log').find((it) => it.code === 'race-won' && it.seq < scene.restore)
      const node = panicked(scene)
      if (!won || node === undefined || won.host === node) return []
      return one(
        alive(
          scene,
          node,
          false,
          inserted(scene.lines, { after: won.seq }, [
            says(scene, node, won, 'race-won', `won 2 of 3 coordination points against ${won.host ?? ''}`, {
              won: 2,
              needed: 2,
              total: 3,
              lost: [won.host ?? ''],
            }),
          ]),
        ),
      )
    },
  },
  {
    name: 'both-died',
    source:
      'two nodes fence each other at once: fence-agents#278 as FIELD 12 no. 17 has it; sbd diskless with two nodes, ClusterLabs/sbd#76',
    does: 'kills who should go on, too',
    verdict: either,
    rules: [...whoGoesOn, 'precondition'],
    plant: (scene) => {
      const node = scene.survivors.length === 1 ? winner(scene) : undefined
      if (node === undefined) return []
      const panic = ofType(scene.lines, 'panic-event').find(
        (it) => it.seq > scene.injected.seq && it.seq < scene.restore,
      )
      const words =
        panic &&
        ofType(scene.lines, 'console').find(
          (it) => it.host === panic.host && isPanicLine(it.text) && it.seq > scene.injected.seq,
        )
      if (!panic || !words) return []
      const silent = scene.lines
        .filter((it) => !inTheEnd(scene, it) || !('host' in it && it.host === node) || it.type === 'probe')
        .map((it) => {
          if (it.type !== 'probe' || it.node !== node || !inTheEnd(scene, it)) return it
          const { boot: _, ...probe } = it
          return { ...probe, reachable: false, text: 'no answer' }
        })
      return one(
        inserted(silent, { before: scene.collect.seq }, [
          line({ at: scene.collect.at, host: node, type: 'panic-event', source: panic.source }),
          line({ at: scene.collect.at, host: node, type: 'console', text: words.text }),
        ]),
      )
    },
  },
  {
    name: 'panicked-and-back-as-a-member',
    source: 'sbd: a node that reboots fast is back before it counts as fenced, ClusterLabs/sbd#56 (STACK-ROWS 3.4)',
    does: 'brings the loser back by itself, as a member',
    verdict: either,
    rules: [...whoGoesOn, ...dataKeys],
    plant: (scene) => {
      const node = panicked(scene)
      if (node === undefined) return []
      const at = scene.collect.at + 100
      const boot = '88888888-2222-4333-8444-555555555555'
      const lines = scene.lines.filter(
        (it) =>
          !inTheEnd(scene, it) ||
          !((it.type === 'probe' && it.node === node) || (it.type === 'stack' && it.host === node)),
      )
      return one(
        inserted(lines, { after: scene.collect.seq }, [
          line({ at, host: node, type: 'probe', node, reachable: true, boot, text: 'it answered' }),
          line({
            at,
            host: node,
            hostAt: 20,
            type: 'stack',
            answered: true,
            state: 'member',
            members: [...scene.survivors, node],
            active: false,
            text: 'member',
          }),
        ]),
      )
    },
  },
  {
    name: 'survivor-rebooted-meanwhile',
    source:
      'sbd: the healthy node was rebooted, too, ClusterLabs/sbd#76; TECH191874: a healthy peer is panicked (FIELD 1.2 no. 16)',
    does: 'reboots who goes on, which joins again',
    verdict: either,
    rules: [...whoGoesOn, 'everyone-was-probed', 'link-used-again'],
    plant: (scene) => {
      const node = winner(scene)
      if (node === '') return []
      const boot = '77777777-2222-4333-8444-555555555555'
      return one(
        changed(scene.lines, (it) => {
          if (!inTheEnd(scene, it)) return it
          if (it.type === 'probe' && it.node === node && it.reachable) return { ...it, boot }
          // it lost the group with its kernel, and has written nothing since
          if (it.type === 'ledger.write' && it.host === node) return undefined
          return it.type === 'clock' && it.host === node ? { ...it, boot } : it
        }),
      )
    },
  },
  {
    name: 'takeover-before-the-fence',
    source:
      'Pacemaker: a manual confirmation in place of a fence (stonith_admin --confirm); IPMI reports success before the node is off, fence-agents#68',
    does: 'starts the group before the other node was fenced',
    verdict: fail,
    rules: ['fenced-before-takeover', ...lateWrites],
    plant: (scene) => {
      const started = ofType(scene.lines, 'stack.log').find(
        (it) => it.code === 'group-started' && it.seq > scene.injected.seq,
      )
      const fenced = ofType(scene.lines, 'stack.log').find(
        (it) => it.code === 'fenced' && it.host === started?.host && it.seq > scene.injected.seq,
      )
      if (!started || !fenced || fenced.hostAt === undefined) return []
      const early = fenced.hostAt - 0.5
      return one(
        inserted(
          scene.lines.filter((it) => it !== started),
          { before: fenced.seq },
          [{ ...started, seq: 0, at: fenced.at, hostAt: early }],
        ),
      )
    },
  },
  {
    name: 'power-supply-left-on',
    source:
      'two power supplies, one outlet switched: Seagate/cortx-prvsnr#2979; digimer/striker#73: dual switched PDUs not handled',
    does: 'leaves the victim under power',
    verdict: either,
    rules: ['fenced-before-takeover', ...whoGoesOn],
    plant: (scene) =>
      scene.nodes
        .filter((node) => outcome(scene, node) === 'off')
        .map((node): Variant => [
          node,
          changed(scene.lines, (it) =>
            it.type === 'outlet' && it.feeds.includes(node) && inTheEnd(scene, it) ? { ...it, state: 'on' } : it,
          ),
        ]),
  },
  {
    name: 'power-unit-fails-silently',
    source:
      'power units whose off fails silently: fence-agents#93 (powerman); sonic-net/sonic-mgmt#24850: unreachable units skipped',
    does: 'does not tell the state of the outlet any more',
    verdict: either,
    rules: ['fenced-before-takeover', ...whoGoesOn],
    plant: (scene) =>
      scene.nodes
        .filter((node) => outcome(scene, node) === 'off')
        .map((node): Variant => [
          node,
          changed(scene.lines, (it) =>
            it.type === 'outlet' && it.feeds.includes(node) && inTheEnd(scene, it) ? { ...it, state: 'unknown' } : it,
          ),
        ]),
  },
  {
    name: 'fenced-node-was-switched-on-again',
    source: 'action off configured as reboot: digimer/striker#41',
    does: 'gives the victim its power back, and it boots',
    verdict: either,
    rules: ['fenced-before-takeover', ...whoGoesOn],
    plant: (scene) =>
      scene.nodes
        .filter((node) => outcome(scene, node) === 'off')
        .map((node): Variant => {
          const on = changed(scene.lines, (it) =>
            it.type === 'outlet' && it.feeds.includes(node) && inTheEnd(scene, it) ? { ...it, state: 'on' } : it,
          )
          return [
            node,
            inserted(
              on.filter((it) => !(it.type === 'probe' && it.node === node && inTheEnd(scene, it))),
              { after: scene.collect.seq },
              [
                line({
                  at: scene.collect.at + 50,
                  host: node,
                  type: 'probe',
                  node,
                  reachable: true,
                  boot: '66666666-2222-4333-8444-555555555555',
                  text: 'it answered',
                }),
              ],
            ),
          ]
        }),
  },
  {
    name: 'reserve-stuck-with-the-old-node',
    source:
      'IBM SVC HU01894: a SCSI-2 reservation stays when a node goes offline (CERTIFICATION 4.1 no. 12); HP StoreEver 5697-3327 (no. 17)',
    does: 'keeps the SCSI-2 reservation with the node that was lost',
    verdict: either,
    rules: ['reserve-was-taken'],
    plant: (scene) => {
      if (!scene.started.scenario.rules.includes('reserve-was-taken')) return []
      const first = ofType(scene.lines, 'array-keys').findLast(
        (it) => scene.dataDisks.includes(it.lun) && it.seq < scene.injected.seq,
      )
      return first
        ? one(
            changed(scene.lines, (it) =>
              it.type === 'array-keys' && it.lun === first.lun && it.seq > scene.injected.seq
                ? { ...it, text: first.text }
                : it,
            ),
          )
        : []
    },
  },
  {
    name: 'reserve-cleared-by-a-reset',
    source: 'LIO: SPC-2 reservation flags after a LU reset, Van Assche 2019-11-13 (CERTIFICATION 4.2 no. 39)',
    does: 'holds no SCSI-2 reservation in the end',
    verdict: either,
    rules: ['reserve-was-taken'],
    plant: (scene) => {
      if (!scene.started.scenario.rules.includes('reserve-was-taken')) return []
      return one(
        changed(scene.lines, (it) =>
          it.type === 'array-keys' && scene.dataDisks.includes(it.lun) && it.seq > scene.injected.seq
            ? { ...it, text: it.text.replace(/^SPC-2 Reservation.*$/gm, 'No SPC-2 Reservation holder') }
            : it,
        ),
      )
    },
  },
  {
    name: 'loser-registers-late',
    source:
      "EXPRESSCLUSTER SCSI-PR: the loser's defender registers after it lost (FIELD 2.8 no. 2); fence_scsi 4.13 registers the caller first, commit 34baef58",
    does: 'lists the key of who lost beside that of who goes on, in the end',
    verdict: either,
    rules: [...dataKeys, 'viewers-agree'],
    plant: dataInTheEnd(
      wasFenced,
      (scene, lun) => ({ ...added(loserKey(scene, lun)), generation: (generation) => generation + 1 }),
      ({ collect }) => collect.seq,
    ),
  },
  {
    name: 'woken-loser-clears-the-winner',
    source: 'EXPRESSCLUSTER SCSI-PR: a restarted defender erases the reservation of the winner (FIELD 2.8 no. 2, 3)',
    does: 'clears all registrations, and registers the loser',
    verdict: either,
    rules: [...dataKeys, ...reservation],
    plant: dataInTheEnd(
      wasFenced,
      (scene, lun) => ({ keys: () => [loserKey(scene, lun)], ...notHeld, generation: (generation) => generation + 2 }),
      ({ collect }) => collect.seq,
    ),
  },
  {
    name: 'registered-loser-writes-on',
    source: 'EXPRESSCLUSTER SCSI-PR README: type 5, a registered loser writes on (STACK-ROWS 3.5, ecx-type)',
    does: 'lets the loser register again and write under a registrants-only type',
    verdict: fail,
    rules: [...lateWrites, ...dataKeys],
    plant: (scene) => {
      const takeover = takeoverScanOf(scene)
      const node = loser(scene)
      if (!wasFenced(scene) || !takeover || losesData(scene)) return []
      const record = lateRecord(scene, node, scene.collect.at - 200)
      const place = scene.lines.findLast((it) => it.at <= scene.collect.at - 100)
      if (!record || !place) return []
      const write = line({
        ...timed(scene, node, place.at),
        hostAt: record.issued + 0.05,
        type: 'ledger.write',
        number: record.number,
        epoch: record.epoch,
        issued: record.issued,
        completed: record.issued + 0.04,
        result: 'acknowledged',
        errno: 0,
      })
      const lines = scansChanged(
        inserted(scene.lines, { after: place.seq }, [write]),
        isFinal,
        appearing('both', record),
      )
      return one(
        scene.dataDisks.reduce(
          (made, lun) =>
            worldOf(scene, made, lun, place.seq, {
              ...added(loserKey(scene, lun)),
              generation: (generation) => generation + 1,
            }),
          lines,
        ),
      )
    },
  },
  {
    name: 'expired-blocklist',
    source: 'Ceph: a blocklist entry expires and un-fences the client, ceph/ceph#31893, #49488 (FIELD 11)',
    does: 'acknowledges the writes of the fenced node again after it had refused one',
    verdict: fail,
    rules: [...lateWrites, 'no-write-after-ejection'],
    plant: (scene) => {
      const refused = ofType(scene.lines, 'ledger.write').findLast(
        (it) => it.result === 'refused' && scene.lost.includes(it.host ?? '') && it.seq < scene.collect.seq,
      )
      if (!refused || losesData(scene)) return []
      const write: LineOf<'ledger.write'> = {
        ...refused,
        seq: 0,
        number: refused.number + 1,
        issued: refused.completed + 0.1,
        completed: refused.completed + 0.15,
        ...(refused.hostAt !== undefined && { hostAt: refused.hostAt + 0.2 }),
        result: 'acknowledged',
        errno: 0,
      }
      const boot = bootAt(scene, refused.host ?? '', refused.seq) ?? ''
      return one(
        scansChanged(
          inserted(scene.lines, { after: refused.seq }, [write]),
          isFinal,
          appearing('both', {
            node: refused.host ?? '',
            number: write.number,
            epoch: write.epoch,
            issued: write.issued,
            boot,
          }),
        ),
      )
    },
  },
  {
    name: 'hung-node-was-not-ejected',
    source:
      'vxfen peer timeout longer than the hang; SCST: PREEMPT AND ABORT without effect on a session that is torn down (CERTIFICATION 4.3 no. 47)',
    does: 'keeps the key of the hung node until it wakes',
    verdict: either,
    rules: ['hung-node-was-ejected-while-hung', 'no-write-after-ejection', ...dataKeys, 'precondition'],
    plant: (scene) => {
      if (!scene.started.scenario.rules.includes('hung-node-was-ejected-while-hung')) return []
      const woken = ofType(scene.lines, 'fault').find((it) => it.step === 'reverting' && it.seq < scene.restore)
      const node = loser(scene)
      if (!woken || node === '') return []
      return one(
        [...scene.dataDisks, ...keyedPoints(scene)].reduce(
          (lines, lun) => worldOf(scene, lines, lun, scene.injected.seq, added(keyOf(scene, node, lun)), woken.seq),
          scene.lines,
        ),
      )
    },
  },
  {
    name: 'joiner-does-not-wait-for-the-fence',
    source:
      'VCS V-11-1-25 exists because a join in the middle of a fence is not safe (FIELD 1.2 no. 13); Pacemaker: unfencing and fencing in one transition, pacemaker#3849',
    does: 'lets the joiner in before the race was over',
    verdict: either,
    rules: ['joiner-waited-for-the-fence', ...whoGoesOn],
    plant: (scene) => {
      if (!scene.started.scenario.rules.includes('joiner-waited-for-the-fence')) return []
      const won = ofType(scene.lines, 'stack.log').find((it) => it.code === 'race-won' && it.seq > scene.injected.seq)
      const joined = ofType(scene.lines, 'stack.log').find((it) => it.code === 'joined' && it.seq > scene.injected.seq)
      if (!won || !joined || joined.host === undefined) return []
      const place = scene.lines.find((it) => it.seq === won.seq - 1) ?? won
      return one(
        inserted(
          scene.lines.filter((it) => it !== joined),
          { before: won.seq },
          [{ ...joined, seq: 0, ...timed(scene, joined.host, place.at - 300), at: place.at }],
        ),
      )
    },
  },
  {
    name: 'tie-breaker-answers-both',
    source:
      'EXPRESSCLUSTER: the ping tie-breaker answers a delayed machine as well (FIELD 2.1; seed 003, An Inconvenient Case)',
    does: 'lets the node go on that had no reply',
    verdict: either,
    rules: ['tie-breaker-decided', ...whoGoesOn],
    plant: (scene) => {
      if (!scene.started.scenario.rules.includes('tie-breaker-decided')) return []
      const node = panicked(scene)
      return node === undefined ? [] : one(alive(scene, node, true))
    },
  },
  {
    name: 'nobody-told-of-the-lost-link',
    source:
      'corosync RRP/knet: a ring marked faulty is not reported (Pacemaker CTS looks for the pattern, FIELD 3.4); IOFENCE message of VCS (FIELD 1.2 no. 3)',
    does: 'says nothing of the lost private network on one node',
    verdict: either,
    rules: ['message-on-every-node'],
    plant: (scene) =>
      scene.started.scenario.rules.includes('message-on-every-node')
        ? one(
            scene.lines.filter(
              (it) => !(it.type === 'stack.log' && it.code === 'link-lost' && it.host === scene.nodes[0]),
            ),
          )
        : [],
  },
  {
    name: 'link-is-not-used-again',
    source:
      'corosync RRP: a faulty ring needs corosync-cfgtool -r by hand (corosync(8) before 2.x); row 3 of the table (FIELD 1.2)',
    does: 'does not use the repaired private network again',
    verdict: either,
    rules: ['link-used-again', ...whoGoesOn],
    plant: (scene) => {
      if (!scene.started.scenario.rules.includes('link-used-again')) return []
      const gone = ofType(scene.lines, 'fault').find((it) => it.step === 'gone')
      const reverting = ofType(scene.lines, 'fault').find((it) => it.step === 'reverting')
      const link = gone?.target['link']
      if (!gone || !reverting || link === undefined) return []
      return one(
        changed(scene.lines, (it) => {
          if (it.type === 'stack.log' && it.code === 'link-up' && it.seq > reverting.seq) return undefined
          return it.type === 'stack' && it.links && it.seq > reverting.seq && it.seq < scene.restore
            ? { ...it, links: { ...it.links, [link]: [] } }
            : it
        }),
      )
    },
  },
  {
    name: 'healthy-node-races',
    source:
      'VCS: only the loss of every link is a membership change, the last one is jeopardy (rows 3 and 7 of the table, FIELD 1.2)',
    does: 'races though no node had left',
    verdict: either,
    rules: ['nobody-raced', 'nobody-noticed', 'all-continue', 'nobody-ejected', 'viewers-agree'],
    plant: (scene) => {
      const asks = scene.started.scenario.rules.some((rule) => ['nobody-raced', 'nobody-noticed'].includes(rule))
      const verified = ofType(scene.lines, 'fault').find((it) => it.step === 'verified')
      const node = scene.nodes[0]
      if (!asks || !verified || node === undefined) return []
      return one(
        inserted(scene.lines, { after: verified.seq }, [
          says(scene, node, verified, 'race-won', 'won 2 of 3 coordination points', {
            won: 2,
            needed: 2,
            total: 3,
            lost: [scene.nodes[1] ?? ''],
          }),
        ]),
      )
    },
  },
  {
    name: 'lost-node-still-listed',
    source: "Pacemaker: a fenced node stays a member in the other partition's view (CTS PartitionAudit, FIELD 3.3)",
    does: 'lists the node that died among the members',
    verdict: either,
    rules: [...working, ...whoGoesOn, 'members-registered', 'members-are-who-goes-on', 'viewers-agree'],
    plant: (scene) => {
      const node = panicked(scene)
      return node === undefined || scene.survivors.length === 0
        ? []
        : one(
            changed(scene.lines, (it) =>
              it.type === 'stack' &&
              it.answered &&
              inTheEnd(scene, it) &&
              scene.survivors.includes(it.host ?? '') &&
              it.members
                ? asMember(it, [...it.members, node])
                : it,
            ),
          )
    },
  },
  {
    name: 'status-older-than-the-stop',
    source: 'a status that is cached: clpstat, crm_mon and status files lag behind (FIELD 2.10, 11)',
    does: 'shows a member though its log tells, later by its own clock, that the group stopped there',
    verdict: either,
    rules: [...working, ...whoGoesOn],
    plant: (scene) => {
      const owner = ownerOf(scene)?.node
      const status = owner === undefined ? undefined : lastStatuses(scene, owner).at(-1)
      if (owner === undefined || status?.hostAt === undefined || losesData(scene)) return []
      return one(
        inserted(scene.lines, { after: status.seq }, [
          line({
            at: status.at,
            host: owner,
            hostAt: status.hostAt + 0.01,
            type: 'stack.log',
            code: 'group-stopped',
            text: 'the group is not active here any more',
          }),
        ]),
      )
    },
  },
]
