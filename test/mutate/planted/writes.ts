import { ofType } from '../../../labs/journal/run.ts'
import { dueWrites, formerOwner, lateRecord, losesData, takeoverScanOf } from '../contradictions-ledger.ts'
import { inserted, line, type Scene } from '../scene.ts'
import { isFinal, isSame, recordsOnly, scansChanged, timed } from '../world.ts'
import { appearing, failing, landedLate, loser, ownWrites, wasFenced } from './tools.ts'
import { lateWrites, lostWrites, working } from './rules.ts'
import type { PlantedDefect } from './defect.ts'

const fail = ['fail'] as const
const either = ['fail', 'inconclusive'] as const

/** Writes that land though they must not, and writes that are gone though they were acknowledged. */
export const writeDefects: readonly PlantedDefect[] = [
  {
    name: 'in-flight-write-lands-after-the-fence',
    source: 'PREEMPT where PREEMPT AND ABORT was meant: MXFS pr_preempt (FIELD 12 no. 23, CERTIFICATION 4.4 no. 73)',
    does: 'lets a write that was on its way land after the takeover',
    verdict: fail,
    rules: lateWrites,
    plant: (scene) => landedLate(scene, -3000, 'own'),
  },
  {
    name: 'in-flight-write-lands-in-the-shared-log',
    source: 'MXFS (CERTIFICATION 4.4 no. 73); CERTIFICATION ABT-06: slow medium behind the array',
    does: 'lets the second half of a write land, over what the new owner wrote',
    verdict: fail,
    rules: [...lateWrites, ...lostWrites],
    plant: (scene) => landedLate(scene, -3000, 'shared'),
  },
  {
    name: 'aborted-write-is-sent-again-on-another-path',
    source: 'dm-mpath retries an aborted write on the next path (CERTIFICATION ABT-15, PATHS N11)',
    does: 'accepts the write of a fenced node on a path that it did not fence',
    verdict: fail,
    rules: lateWrites,
    plant: (scene) => landedLate(scene, 800, 'both'),
  },
  {
    name: 'no-enforcement',
    source:
      'NetApp ONTAP SM-BC, Dell PowerFlex, Longhorn: no persistent reservations (NetAppDocs/ontap#540, dell/csm#1556, longhorn#12055); OPS-12: GOOD without effect',
    does: 'acknowledges what a fenced node writes',
    verdict: fail,
    rules: lateWrites,
    plant: (scene) => acknowledgedAfterwards(scene),
  },
  {
    name: 'refused-writes-land',
    source: 'CERTIFICATION ACC-93: a refused write whose parts were written',
    does: 'refuses a write of the fenced node, and writes it all the same',
    verdict: fail,
    rules: lateWrites,
    plant: (scene) => {
      const refused = ofType(scene.lines, 'ledger.write').filter(
        (write) => write.result === 'refused' && scene.lost.includes(write.host ?? '') && write.seq < scene.restore,
      )
      if (refused.length === 0 || losesData(scene)) return []
      const [first] = refused
      const record = first?.host === undefined ? undefined : lateRecord(scene, first.host, first.at)
      if (!first || !record) return []
      return [
        [
          '',
          scansChanged(
            scene.lines,
            isFinal,
            appearing('both', { ...record, number: first.number, epoch: first.epoch, issued: first.issued }),
          ),
        ],
      ]
    },
  },
  {
    name: 'misdirected-write',
    source:
      'misdirected writes of disks and arrays: Bairavasundaram et al., An Analysis of Data Corruption in the Storage Stack (FAST 2008)',
    does: 'puts a record at a block that belongs to another one',
    verdict: fail,
    rules: ['ledger-intact', ...lostWrites],
    plant: ({ lines }) => [
      [
        '',
        scansChanged(lines, isFinal, (scan) => ({
          ...scan,
          odd: [...(scan.odd ?? []), { region: 0, slot: 200, kind: 'misplaced', who: 'nodeb 7' }],
        })),
      ],
    ],
  },
  {
    name: 'lun-shared-with-another-lab',
    source:
      'one LUN mapped to two clusters (vxfentsthdw and the guides of clustered file systems warn of it; FIELD 9.1)',
    does: 'takes the writes of another program while the run goes on',
    verdict: fail,
    rules: ['ledger-intact', ...lostWrites],
    plant: ({ lines }) => {
      const readings = ofType(lines, 'ledger.scan').filter(({ error }) => error === undefined)
      const [last] = readings.slice(-1)
      if (readings.length < 2 || !last) return []
      const more = [{ run: 'of-another-lab', records: 3 }]
      return [['', lines.map((it) => (it.seq === last.seq ? { ...it, otherRuns: more } : it))]]
    },
  },
  {
    name: 'write-back-cache-lost',
    source:
      'LIO fileio with write-back cache: acknowledged data in the page cache is lost with the target (targetcli(8), write_back)',
    does: 'lost the last acknowledged writes of before the takeover',
    verdict: fail,
    rules: lostWrites,
    plant: (scene) => {
      const node = formerOwner(scene)
      const gone = dueWrites(scene)
        .filter(({ host }) => host === node)
        .slice(-3)
      if (gone.length === 0 || losesData(scene)) return []
      return [
        [
          '',
          scansChanged(
            scene.lines,
            () => true,
            (scan) => recordsOnly(scan, (record) => !gone.some((write) => isSame(record, write))),
          ),
        ],
      ]
    },
  },
  {
    name: 'snapshot-rolled-back',
    source: 'OPS-03/OPS-08: a copy or the other site of a mirror is served after a switch (CERTIFICATION 2.18)',
    does: 'lost every acknowledged write',
    verdict: fail,
    rules: lostWrites,
    plant: (scene) =>
      dueWrites(scene).length > 0 && !losesData(scene)
        ? [['', scansChanged(scene.lines, isFinal, (scan) => recordsOnly(scan, () => false))]]
        : [],
  },
  {
    name: 'last-writes-lost-at-controller-failover',
    source:
      'CERTIFICATION ABT-18: a write that was acknowledged is read through the other controller; TrueNAS ALUA failover, truenas/middleware#13896',
    does: 'lost the last acknowledged write of who goes on',
    verdict: fail,
    rules: lostWrites,
    plant: (scene) => {
      const gone = dueWrites(scene)
        .filter(({ host }) => scene.survivors.includes(host ?? ''))
        .slice(-1)
      if (gone.length === 0 || losesData(scene)) return []
      return [
        [
          '',
          scansChanged(scene.lines, isFinal, (scan) =>
            recordsOnly(scan, (record) => !gone.some((write) => isSame(record, write))),
          ),
        ],
      ]
    },
  },
  {
    name: 'survivor-cannot-write',
    source: 'fence-agents#594: the node that fenced has no key, its writes are refused (CERTIFICATION 4.4 no. 67)',
    does: 'refuses every write of who goes on',
    verdict: either,
    rules: working,
    plant: (scene) => (ownWrites(scene).length > 0 ? [['', failing(scene, ownWrites(scene), 'refused', 52)]] : []),
  },
  {
    name: 'controller-failover-tears-sessions',
    source:
      'TrueNAS: a failover of more than 15 s tears the sessions down, truenas/middleware#13896 (CERTIFICATION 4.1 no. 23)',
    does: 'answers who goes on with an I/O error',
    verdict: either,
    rules: working,
    plant: (scene) => (ownWrites(scene).length > 0 ? [['', failing(scene, ownWrites(scene), 'failed', 5)]] : []),
  },
  {
    name: 'thin-pool-is-full',
    source: 'CERTIFICATION OPS-13: thin pool full while reserved',
    does: 'has no room for what who goes on writes',
    verdict: either,
    rules: working,
    plant: (scene) => (ownWrites(scene).length > 0 ? [['', failing(scene, ownWrites(scene), 'failed', 28)]] : []),
  },
  {
    name: 'preempt-and-abort-deadlocks',
    source:
      'LIO: PREEMPT AND ABORT hangs when the preemptor has I/O of its own in flight, Teigland, target-devel 2026-06-23 (CERTIFICATION 4.2 no. 29)',
    does: 'lets the one who goes on hang: it never writes',
    verdict: either,
    rules: working,
    plant: (scene) => {
      const own = new Set(ownWrites(scene).map(({ seq }) => seq))
      if (own.size === 0) return []
      const bad = ownWrites(scene)
      const lines = scansChanged(scene.lines, isFinal, (scan) =>
        recordsOnly(scan, (record) => !bad.some((write) => isSame(record, write))),
      )
      return [['', lines.filter(({ seq }) => !own.has(seq))]]
    },
  },
]

function acknowledgedAfterwards(scene: Scene) {
  const takeover = takeoverScanOf(scene)
  if (!wasFenced(scene) || !takeover || losesData(scene) || formerOwner(scene) !== loser(scene)) return []
  const node = loser(scene)
  const record = lateRecord(scene, node, takeover.at + 900)
  const place = scene.lines.findLast((one) => one.at <= takeover.at + 1000)
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
  return [
    ['', scansChanged(inserted(scene.lines, { after: place.seq }, [write]), isFinal, appearing('both', record))],
  ] as const
}
