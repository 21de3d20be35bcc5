import type { Line, LineOf } from '../../../labs/journal/event.ts'
import { foldFaults, type FaultLife } from '../../../labs/journal/faults.ts'
import { isPanicLine } from '../../../labs/journal/panic-line.ts'
import { ofType } from '../../../labs/journal/run.ts'
import type { Variant } from '../change.ts'
import { contrary } from '../contradictions-engine.ts'
import { settled } from '../contradictions-keys.ts'
import { changed, inserted, keyOf, line, type Scene } from '../scene.ts'
import { timed, worldChanged } from '../world.ts'
import { isGuarded, removed } from './tools.ts'
import { dataKeys, lab, pointKeys, viewers, whoGoesOn } from './rules.ts'
import type { PlantedDefect } from './defect.ts'

const either = ['fail', 'inconclusive'] as const
const unclear = ['inconclusive'] as const
const one = (lines: readonly Line[]): readonly Variant[] => [['', lines]]
const before = (scene: Scene, it: Line) => it.seq < scene.restore
const inTheEnd = (scene: Scene, it: Line) => it.seq > scene.collect.seq && before(scene, it)

function eachFault(
  scene: Scene,
  which: (life: FaultLife) => boolean,
  change: (life: FaultLife, from: Line, to: Line) => readonly Line[] | undefined,
): readonly Variant[] {
  return foldFaults(scene.lines.filter((it) => before(scene, it))).flatMap((life): readonly Variant[] => {
    const to = life.steps.find((it) => it.step === 'reverting') ?? scene.collect
    const from = life.steps.findLast((it) => it.step === 'verified' && it.seq < to.seq)
    if (!from || !which(life)) return []
    const made = change(life, from, to)
    return made ? [[life.id, made]] : []
  })
}
const isCut = (life: FaultLife) => ['private-link-down', 'partition', 'private-network-off'].includes(life.fault)
const failedLook = (look: LineOf<'keys'>, exit: number, stderr: string): LineOf<'keys'> => ({
  ...look,
  exit,
  stdout: '',
  stderr,
})

/** Where it was not ready when the run began, what was never seen is unknown to other rules, too. */
const unready = [
  ...lab,
  'viewers-agree',
  'no-write-after-ejection',
  'hung-node-was-ejected-while-hung',
  'reservation-was-taken',
] as const

/** What goes wrong with the storage's answers, the lab and its witnesses, so that the run has shown something else or nothing. */
export const labDefects: readonly PlantedDefect[] = [
  {
    name: 'cut-without-effect',
    source:
      'network partitions that are not in effect: chaos-mesh/chaos-mesh#4280, chaosd#244; jepsen-io/jepsen#102: established connections go on',
    does: 'leaves the link up that was said to be down',
    verdict: unclear,
    rules: lab,
    plant: (scene) =>
      eachFault(scene, isCut, (life, from) => {
        const applying = life.steps[0]
        const raw = ofType(scene.lines, 'command').filter(
          (it) => it.seq > (applying?.seq ?? 0) && it.seq < from.seq && contrary(it) !== undefined,
        )
        return raw.length === 0
          ? undefined
          : changed(scene.lines, (it) => (it.type === 'command' && raw.includes(it) ? contrary(it) : it))
      }),
  },
  {
    name: 'cut-lapses',
    source:
      "a dead-man's timer or another program brings the interface up again (NetworkManager; jepsen-io/jepsen#102)",
    does: 'lets the nodes hear each other on the cut link in the middle of the fault',
    verdict: unclear,
    rules: lab,
    plant: (scene) =>
      eachFault(scene, isCut, (life, from, to) => {
        const links = life.fault === 'partition' ? scene.started.testbed.links : [life.target['link'] ?? '']
        const status = ofType(scene.lines, 'stack').findLast(
          (it) =>
            it.answered && it.links !== undefined && it.seq > from.seq && it.at > from.at + 500 && it.seq < to.seq,
        )
        const side = (life.target['side'] ?? '').split(' ')
        const other = scene.nodes.find(
          (node) =>
            node !== status?.host &&
            (life.fault !== 'partition' || side.includes(node) !== side.includes(status?.host ?? '')),
        )
        return status && other !== undefined
          ? inserted(scene.lines, { after: status.seq }, [
              {
                ...status,
                seq: 0,
                ...(status.hostAt !== undefined && { hostAt: status.hostAt + 0.1 }),
                links: { ...status.links, ...Object.fromEntries(links.map((link) => [link, [other]])) },
              },
            ])
          : undefined
      }),
  },
  {
    name: 'machine-was-not-paused',
    source: 'hypervisors resume a paused machine by themselves (oVirt AUTO_RESUME, oVirt/ovirt-site#1530)',
    does: 'lets the paused machine run in the middle of the fault',
    verdict: unclear,
    rules: lab,
    plant: (scene) =>
      eachFault(
        scene,
        (life) => life.fault === 'vm-freeze',
        (life, from) => {
          const node = life.target['node'] ?? ''
          const seen = ofType(scene.lines, 'process').find((it) => it.node === node)
          return inserted(scene.lines, { after: from.seq }, [
            line({ at: from.at, host: seen?.host ?? 'here', type: 'process', node, pid: seen?.pid ?? 1, state: 'R' }),
          ])
        },
      ),
  },
  {
    name: 'paused-machine-keeps-time-and-talks',
    source: 'oVirt/ovirt-site#1530; a paused guest whose clock and log go on was not paused',
    does: 'writes a log line in the middle of the freeze',
    verdict: either,
    rules: [...lab, 'hung-node-was-ejected-while-hung'],
    plant: (scene) =>
      eachFault(
        scene,
        (life) => life.fault === 'vm-freeze',
        (life, from, to) => {
          const place = scene.lines.findLast((it) => it.at <= (from.at + to.at) / 2)
          return (
            place &&
            inserted(scene.lines, { after: Math.max(place.seq, from.seq) }, [
              line({
                ...timed(scene, life.target['node'] ?? '', Math.max(place.at, from.at)),
                type: 'stack.log',
                code: 'link-trouble',
                text: 'private link priv1: send ENETUNREACH',
              }),
            ])
          )
        },
      ),
  },
  {
    name: 'outlet-feeds-another-machine',
    source:
      'mislabelled outlets: a unit that is right about its outlet and wrong about the host; sonic-net/sonic-mgmt#24850',
    does: 'lets the node live whose outlet is off',
    verdict: unclear,
    rules: [...lab, ...whoGoesOn],
    plant: (scene) =>
      scene.nodes
        .filter((node) => scene.verdict.nodes[node]?.observed === 'off')
        .map((node): Variant => [
          node,
          inserted(
            scene.lines.filter((it) => !(it.type === 'probe' && it.node === node && inTheEnd(scene, it))),
            { before: Math.min(scene.restore, scene.lines.length) },
            [
              line({
                at: scene.lines[scene.restore - 2]?.at ?? scene.collect.at,
                host: node,
                type: 'probe',
                node,
                reachable: true,
                boot: '55555555-2222-4333-8444-555555555555',
                text: 'it answered',
              }),
            ],
          ),
        ]),
  },
  {
    name: 'outlet-flaps',
    source: 'a unit that restores power by itself (APC "power on delay"), digimer/striker#41',
    does: 'gives a network its power back in the middle of the fault',
    verdict: unclear,
    rules: [...lab, 'expected-on-the-way'],
    plant: (scene) =>
      eachFault(
        scene,
        (life) => /-off$/.test(life.fault),
        (life, from, to) => {
          const off = ofType(scene.lines, 'outlet').find(
            (it) =>
              it.state === 'off' &&
              it.seq > (life.steps[0]?.seq ?? 0) &&
              it.seq < from.seq &&
              Object.values(life.target).some((name) => it.feeds.includes(name)),
          )
          const place = scene.lines.findLast((it) => it.at <= (from.at + to.at) / 2)
          return (
            off &&
            place &&
            inserted(scene.lines, { after: Math.max(place.seq, from.seq) }, [
              { ...off, seq: 0, at: Math.max(place.at, from.at), state: 'on' },
            ])
          )
        },
      ),
  },
  {
    name: 'no-persistent-reservations',
    source:
      'NetApp ONTAP SM-BC, Dell PowerFlex, Longhorn: NetAppDocs/ontap#540, dell/csm#1556, longhorn/longhorn#12055 (CERTIFICATION 4.1 no. 18, 24)',
    does: 'answers every look with ILLEGAL REQUEST since the fault',
    verdict: either,
    rules: [...viewers, ...dataKeys, ...pointKeys, ...whoGoesOn, 'points-were-lost'],
    plant: (scene) =>
      isGuarded(scene)
        ? one(
            changed(scene.lines, (it) =>
              it.type === 'keys' && it.seq > scene.injected.seq && before(scene, it)
                ? failedLook(it, 9, 'PR in (Read keys): command not supported\n')
                : it,
            ),
          )
        : [],
  },
  {
    name: 'unit-attention-eats-the-last-look',
    source:
      'pr_ops and tools fail on a pending unit attention, Christie 2022-08-10 (CERTIFICATION 4.4 no. 64); FIELD 2.8 no. 6',
    does: 'answers every last look at the data disk with a unit attention',
    verdict: either,
    rules: [...viewers, ...dataKeys, ...whoGoesOn],
    plant: (scene) =>
      isGuarded(scene)
        ? one(
            changed(scene.lines, (it) =>
              it.type === 'keys' && it.seq > settled(scene) && before(scene, it) && scene.dataDisks.includes(it.lun)
                ? failedLook(it, 6, 'PR in (Read keys): unit attention\n')
                : it,
            ),
          )
        : [],
  },
  {
    name: 'target-host-panics',
    source:
      "SCST: PREEMPT AND ABORT during the teardown of the victim's session panics the target, mxfs scst_pr_abort_shutdown_race (CERTIFICATION 4.3 no. 47)",
    does: 'answers nobody any more after the fence',
    verdict: either,
    rules: [...viewers, ...dataKeys, ...pointKeys, ...whoGoesOn],
    plant: (scene) =>
      isGuarded(scene)
        ? one(
            changed(scene.lines, (it) =>
              it.type === 'keys' && it.seq > settled(scene) && before(scene, it)
                ? failedLook(it, 15, 'PR in (Read keys): transport: Host_status=0x03 [DID_TIME_OUT]\n')
                : it,
            ),
          )
        : [],
  },
  {
    name: 'read-that-received-nothing',
    source:
      'sg_persist 1.46 ends with 0 and prints an empty table after a transport error (findings, verdicts F1; issue 9 no. 8)',
    does: 'shows every viewer an empty table of generation 0 in the end',
    verdict: either,
    rules: [...viewers, ...dataKeys, ...whoGoesOn],
    plant: (scene) =>
      isGuarded(scene)
        ? one(
            scene.dataDisks.reduce(
              (lines, lun) =>
                worldChanged({ ...scene, lines }, lun, settled(scene), {
                  keys: () => [],
                  held: () => null,
                  generation: () => 0,
                }),
              scene.lines,
            ),
          )
        : [],
  },
  {
    name: 'the-observer-lost-its-session',
    source:
      'open-iscsi: a session that is not re-established after a target restart, spdk/spdk#989 (CERTIFICATION 4.3 no. 57)',
    does: 'lets nobody look from outside any more since the fault',
    verdict: unclear,
    rules: [...viewers, ...dataKeys, ...lab, 'hung-node-was-ejected-while-hung'],
    plant: (scene) =>
      isGuarded(scene)
        ? one(
            changed(scene.lines, (it) =>
              it.type === 'keys' && it.host === 'observer' && it.seq > scene.injected.seq && before(scene, it)
                ? failedLook(it, 50, 'sg_persist: error opening file /dev/sda (ro): No such device\n')
                : it,
            ),
          )
        : [],
  },
  {
    name: 'serial-console-is-dead',
    source: 'a console that is not attached loses the panic: labgrid-project/labgrid serial over a proxy (FIELD 9.1)',
    does: 'shows no panic on the console',
    verdict: either,
    rules: [...whoGoesOn, ...dataKeys],
    plant: (scene) => {
      const node = Object.entries(scene.verdict.nodes).find(([, { observed }]) => observed === 'panicked')?.[0]
      return node === undefined
        ? []
        : one(
            scene.lines.filter(
              (it) => !(it.type === 'console' && it.host === node && isPanicLine(it.text) && before(scene, it)),
            ),
          )
    },
  },
  {
    name: 'pvpanic-is-not-there',
    source: 'a guest without the pvpanic device: no panic event reaches the hypervisor (QEMU docs/specs/pvpanic)',
    does: 'reports no panic event',
    verdict: either,
    rules: [...whoGoesOn, ...dataKeys],
    plant: (scene) => {
      const node = Object.entries(scene.verdict.nodes).find(([, { observed }]) => observed === 'panicked')?.[0]
      return node === undefined
        ? []
        : one(scene.lines.filter((it) => !(it.type === 'panic-event' && it.host === node && before(scene, it))))
    },
  },
  {
    name: 'console-of-another-machine',
    source: "consoles swapped in a rack; a panic that was another machine's (labgrid places and exporters, FIELD 9.1)",
    does: 'shows that the panicked node works on, on its console in the same boot',
    verdict: unclear,
    rules: [...whoGoesOn, ...lab],
    plant: (scene) => {
      const node = Object.entries(scene.verdict.nodes).find(([, { observed }]) => observed === 'panicked')?.[0]
      if (node === undefined) return []
      const { hostAt = 0 } = timed(scene, node, scene.collect.at)
      return one(
        inserted(scene.lines, { after: scene.collect.seq }, [
          line({
            at: scene.collect.at,
            host: node,
            type: 'console',
            text: `[${(hostAt + 5).toFixed(6).padStart(12)}] EXT4-fs (vda1): re-mounted. Quota mode: none.`,
          }),
        ]),
      )
    },
  },
  {
    name: 'ssh-answers-after-the-panic',
    source:
      'an address that another machine took over (fencing by IP, ClusterLabs/fence-agents#360 on answers to ping)',
    does: 'answers a command on the node that panicked',
    verdict: unclear,
    rules: [...whoGoesOn, ...lab],
    plant: (scene) => {
      const node = Object.entries(scene.verdict.nodes).find(([, { observed }]) => observed === 'panicked')?.[0]
      return node === undefined
        ? []
        : one(
            inserted(scene.lines, { after: scene.collect.seq }, [
              line({
                at: scene.collect.at,
                host: node,
                type: 'command',
                purpose: `versions on ${node}`,
                argv: ['uname', '-a'],
                expected: [0],
                exit: 0,
                stdout: `Linux ${node} 6.1.0\n`,
                stderr: '',
                milliseconds: 50,
              }),
            ]),
          )
    },
  },
  {
    name: 'two-nodes-with-one-key',
    source:
      'EXPRESSCLUSTER attacker.sh: the ordinal is not readable, both take the same key (STACK-ROWS 3.5, ecx-same-key); multipath-tools f834a595; fence-agents#285',
    does: 'lists one key twice and the other not at all when the run begins',
    verdict: unclear,
    rules: unready,
    plant: (scene) =>
      scene.keyed
        ? one(
            scene.dataDisks.reduce(
              (lines, lun) =>
                worldChanged(
                  { ...scene, lines },
                  lun,
                  0,
                  {
                    keys: (keys) =>
                      keys.map((key) =>
                        key === keyOf(scene, scene.nodes[1] ?? '', lun) ? keyOf(scene, scene.nodes[0] ?? '', lun) : key,
                      ),
                  },
                  scene.injected.seq,
                ),
              scene.lines,
            ),
          )
        : [],
  },
  {
    name: 'keys-of-an-earlier-test',
    source:
      'vxfentsthdw refuses a disk that holds keys; fence_scsi keys by position after a node was removed, fence-agents#289 (FIELD 1.3, STACK-ROWS 3.1)',
    does: "holds a stranger's key when the run begins",
    verdict: unclear,
    rules: unready,
    plant: (scene) =>
      scene.keyed
        ? one(
            scene.dataDisks.reduce(
              (lines, lun) =>
                worldChanged(
                  { ...scene, lines },
                  lun,
                  0,
                  { keys: (keys) => [...keys, '0x5645524954415300'] },
                  scene.injected.seq,
                ),
              scene.lines,
            ),
          )
        : [],
  },
  {
    name: 'never-unfenced',
    source:
      'a node that was never unfenced has no key, ClusterLabs/fence-agents#62; Pacemaker does not try unfencing again (STACK-ROWS 3.3)',
    does: "does not list one node's key on the data disk when the run begins",
    verdict: unclear,
    rules: unready,
    plant: (scene) =>
      scene.keyed
        ? one(
            scene.dataDisks.reduce(
              (lines, lun) =>
                worldChanged(
                  { ...scene, lines },
                  lun,
                  0,
                  removed(keyOf(scene, scene.nodes[0] ?? '', lun)),
                  scene.injected.seq,
                ),
              scene.lines,
            ),
          )
        : [],
  },
  {
    name: 'provides-unfencing-missing',
    source:
      'fence_scsi without meta provides=unfencing: no key, no reservation, all green (STACK-ROWS 3.7, provides-missing)',
    does: 'has no key and no reservation on the data disk when the run begins, and calls itself ready',
    verdict: unclear,
    rules: unready,
    plant: (scene) =>
      scene.keyed
        ? one(
            scene.dataDisks.reduce(
              (lines, lun) =>
                worldChanged({ ...scene, lines }, lun, 0, { keys: () => [], held: () => null }, scene.injected.seq),
              scene.lines,
            ),
          )
        : [],
  },
  {
    name: 'member-without-a-link',
    source:
      'a ring that was down before the test began (corosync-cfgtool -s, FIELD 11); "all green" before each test (FIELD 2.9)',
    does: 'hears nobody on one private network when the run begins',
    verdict: unclear,
    rules: lab,
    plant: (scene) => {
      const link = scene.started.testbed.links[0]
      return link === undefined
        ? []
        : one(
            changed(scene.lines, (it) =>
              it.type === 'stack' && it.seq < scene.injected.seq && it.links
                ? { ...it, links: { ...it.links, [link]: [] } }
                : it,
            ),
          )
    },
  },
  {
    name: 'wrong-victim',
    source: 'the wrong machine behind a port or outlet: stale device tables, ClusterLabs/pacemaker#2262',
    does: 'does to another node what the row does to this one',
    verdict: unclear,
    rules: lab,
    plant: (scene) =>
      eachFault(
        scene,
        (life) => life.target['node'] !== undefined,
        (life) => {
          const other = scene.nodes.find((node) => node !== life.target['node'])
          return other === undefined
            ? undefined
            : changed(scene.lines, (it) =>
                it.type === 'fault' && it.id === life.id ? { ...it, target: { ...it.target, node: other } } : it,
              )
        },
      ),
  },
  {
    name: 'lab-could-not-repair',
    source: 'a nemesis that cannot heal (jepsen-io/jepsen#102, Cjen1/reckon#17: rules that are not all dropped)',
    does: 'leaves the fault in place that the row took back',
    verdict: unclear,
    rules: lab,
    plant: (scene) =>
      eachFault(
        scene,
        (life) => life.steps.some((it) => it.step === 'gone' && before(scene, it)),
        (life) =>
          changed(scene.lines, (it) =>
            it.type === 'fault' && it.id === life.id && it.step === 'gone'
              ? { ...it, ok: false, evidence: 'it is still there' }
              : it,
          ),
      ),
  },
  {
    name: 'repair-without-effect',
    source: 'Cjen1/reckon#17, #18: multiple rules, not all removed; chaos-mesh/chaos-mesh#4280',
    does: 'shows that the link is still down after it was said to be up again',
    verdict: unclear,
    rules: lab,
    plant: (scene) =>
      eachFault(
        scene,
        (life) => life.steps.some((it) => it.step === 'gone' && before(scene, it)),
        (life) => {
          const reverting = life.steps.find((it) => it.step === 'reverting')
          const gone = life.steps.findLast((it) => it.step === 'gone')
          const raw = ofType(scene.lines, 'command').filter(
            (it) =>
              it.seq > (reverting?.seq ?? 0) &&
              it.seq < (gone?.seq ?? 0) &&
              contrary(it) !== undefined &&
              /up$|answer|carrier|state of/.test(it.purpose),
          )
          return raw.length === 0
            ? undefined
            : changed(scene.lines, (it) => (it.type === 'command' && raw.includes(it) ? contrary(it) : it))
        },
      ),
  },
]
