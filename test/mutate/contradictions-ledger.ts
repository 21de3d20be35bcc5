import type { LedgerRecord, Line, LineOf } from '../../labs/journal/event.ts'
import { ofType } from '../../labs/journal/run.ts'
import type { Change, Variant } from './change.ts'
import { bootAt, changed, hostTime, inserted, line, type Scene } from './scene.ts'
import { isFinal, isSame, ownerOf, recordsOnly, scansChanged, timed, writesOf, type Scan } from './world.ts'

type Write = LineOf<'ledger.write'>

/** Rows whose documented outcome is the loss of data. */
export const losesData = (scene: Scene): boolean => scene.started.scenario.rules.includes('both-wrote-at-once')

export const finalScanOf = (scene: Scene): Scan | undefined =>
  ofType(scene.lines, 'ledger.scan').findLast(
    (scan) => isFinal(scan) && scan.seq < scene.restore && scan.error === undefined,
  )
export const takeoverScanOf = (scene: Scene): Scan | undefined =>
  ofType(scene.lines, 'ledger.scan').find(
    (scan) => !isFinal(scan) && scan.seq > scene.injected.seq && scan.seq < scene.restore && scan.error === undefined,
  )

/** Writes that were acknowledged before anybody began to read the ledger for the last time. */
export function dueWrites(scene: Scene): readonly Write[] {
  const final = finalScanOf(scene)
  if (!final) return []
  const reading = ofType(scene.lines, 'command').findLast(
    (one) => one.seq < final.seq && one.host === final.host && /"records"/.test(one.stdout),
  )
  const began = final.at - (reading?.milliseconds ?? 0)
  return ofType(scene.lines, 'ledger.write').filter(
    (write) =>
      write.result === 'acknowledged' && write.at < began && final.records.some((record) => isSame(record, write)),
  )
}

const withoutRecords = (scene: Scene, gone: readonly Write[], where: 'own' | 'shared' | 'both'): readonly Line[] =>
  scansChanged(
    scene.lines,
    (scan) => isFinal(scan),
    (scan) => {
      const keep = (record: LedgerRecord) => !gone.some((write) => isSame(record, write))
      const less = recordsOnly(scan, keep)
      if (where === 'both') return less
      return where === 'own'
        ? { ...scan, records: less.records }
        : { ...scan, ...(less.shared && { shared: less.shared }) }
    },
  )

const missing = (name: string, pick: (due: readonly Write[], scene: Scene) => readonly Write[]): Change => ({
  kind: 'acknowledged writes',
  name,
  apply: (scene) => {
    if (losesData(scene)) return []
    const gone = pick(dueWrites(scene), scene)
    if (gone.length === 0) return []
    const shared = finalScanOf(scene)?.shared
    const inShared = gone.some((write) => shared?.some((record) => isSame(record, write)))
    return [
      ['own region', withoutRecords(scene, gone, 'own')],
      ...(inShared
        ? ([
            ['shared log', withoutRecords(scene, gone, 'shared')],
            ['both', withoutRecords(scene, gone, 'both')],
          ] as const)
        : []),
    ]
  },
})
const of = (due: readonly Write[], nodes: readonly string[]) => due.filter(({ host }) => nodes.includes(host ?? ''))
const some = <T>(list: readonly T[], index: number): readonly T[] => list.slice(index).slice(0, 1)

/** A record that a lost node's write left, though nobody told of it. */
export function lateRecord(scene: Scene, node: string, at: number): LedgerRecord | undefined {
  const last = writesOf(scene, node).at(-1)
  const boot = bootAt(scene, node, last?.seq ?? scene.injected.seq)
  const issued = hostTime(scene, node, at, boot)
  if (boot === undefined || issued === undefined) return undefined
  // one that was on its way when the node was lost may be on the disk though nobody told of it
  const told = ofType(scene.lines, 'ledger.scan').flatMap(({ records, shared = [] }) => [...records, ...shared])
  const numbers = told.filter((record) => record.node === node).map(({ number }) => number)
  return {
    node,
    number: Math.max(last?.number ?? 0, ...numbers) + 1,
    epoch: last?.epoch ?? 1,
    issued: Math.round(issued * 1e6) / 1e6,
    boot,
  }
}

/** The node that had the group before the fault and lost it, where another took it over. */
export function formerOwner(scene: Scene): string | undefined {
  const before = ofType(scene.lines, 'stack').findLast(
    (one) => one.active === true && one.seq < scene.injected.seq,
  )?.host
  const owner = ownerOf(scene)?.node
  return before !== undefined && owner !== undefined && before !== owner && takeoverScanOf(scene) ? before : undefined
}

const appearing =
  (where: 'own' | 'shared' | 'both', record: LedgerRecord) =>
  (scan: Scan): Scan => ({
    ...scan,
    records: where === 'shared' ? scan.records : [...scan.records, record],
    ...(scan.shared && {
      shared: where === 'own' ? scan.shared : [...scan.shared.filter(({ number }) => number !== record.number), record],
    }),
  })

/** All that the one who runs the group in the end wrote since it does, and told of. */
function writesSinceTakeover(scene: Scene): readonly Write[] {
  const owner = ownerOf(scene)
  return owner ? writesOf(scene, owner.node).filter(({ seq }) => seq > owner.since) : []
}

const allFailed = (name: string, change: Partial<Pick<Write, 'result' | 'errno'>> | undefined): Change => ({
  kind: 'writes of who goes on',
  name,
  apply: (scene) => {
    const own = writesSinceTakeover(scene)
    if (own.length === 0 || losesData(scene)) return []
    const seqs = new Set(own.map(({ seq }) => seq))
    const lines = scansChanged(
      scene.lines,
      () => true,
      (scan) => recordsOnly(scan, (record) => !own.some((write) => isSame(record, write))),
    )
    return [
      [
        '',
        changed(lines, (one) =>
          seqs.has(one.seq) ? (change && one.type === 'ledger.write' ? { ...one, ...change } : undefined) : one,
        ),
      ],
    ]
  },
})

export const ledgerContradictions: readonly Change[] = [
  missing('all are missing', (due) => due),
  missing('the last one is missing', (due) => some(due, -1)),
  missing('the last one of who goes on is missing', (due, scene) => some(of(due, scene.survivors), -1)),
  missing('one in the middle is missing', (due) => some(due, Math.floor(due.length / 2))),
  missing('the first one is missing', (due) => some(due, 0)),
  missing('all of a lost node are missing', (due, scene) => of(due, scene.lost)),
  missing('all of who goes on are missing', (due, scene) => of(due, scene.survivors)),
  {
    kind: 'acknowledged writes',
    name: 'the whole shared log is empty',
    apply: (scene) =>
      finalScanOf(scene)?.shared?.length && !losesData(scene)
        ? [['', scansChanged(scene.lines, isFinal, (scan) => ({ ...scan, shared: [] }))]]
        : [],
  },
  {
    kind: 'acknowledged writes',
    name: 'all of who goes on are missing, and its clock was not measured',
    apply: (scene) => {
      if (losesData(scene)) return []
      const gone = of(dueWrites(scene), scene.survivors)
      const writers = new Set(gone.map(({ host }) => host))
      return gone.length === 0
        ? []
        : [['', withoutRecords(scene, gone, 'both').filter((one) => !(one.type === 'clock' && writers.has(one.host)))]]
    },
  },
  {
    kind: 'the last reading',
    name: 'there is none',
    apply: (scene) =>
      finalScanOf(scene)
        ? [
            [
              '',
              scansChanged(
                scene.lines,
                (scan) => isFinal(scan) && scan.seq < scene.restore,
                () => undefined,
              ),
            ],
          ]
        : [],
  },
  {
    kind: 'the last reading',
    name: 'it failed',
    apply: (scene) =>
      finalScanOf(scene)
        ? [
            [
              '',
              scansChanged(
                scene.lines,
                (scan) => isFinal(scan) && scan.seq < scene.restore,
                ({ shared: _, ...scan }) => ({ ...scan, error: 'input/output error', records: [] }),
              ),
            ],
          ]
        : [],
  },
  ...(['own', 'shared', 'both'] as const).flatMap((where): readonly Change[] => [
    {
      kind: 'late writes',
      name: `a record of the former owner, issued before it was fenced, is on the disk in the end and was not at the takeover (${where})`,
      apply: (scene) => late(scene, where, (takeover) => takeover.at - 4000),
    },
    {
      kind: 'late writes',
      name: `a record of the former owner that was issued after the takeover (${where})`,
      apply: (scene) => late(scene, where, (takeover) => takeover.at + 500),
    },
  ]),
  {
    kind: 'late writes',
    name: 'a lost node tells of an acknowledged write after it was lost',
    apply: (scene) =>
      scene.keyed && !losesData(scene)
        ? scene.lost.flatMap((node): readonly Variant[] => {
            const lost = latestBearing(scene, node)
            const place = scene.lines.find(({ seq }) => seq === Math.max(lost, scene.collect.seq))
            if (!place) return []
            const record = lateRecord(scene, node, place.at)
            if (!record) return []
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
            const told = inserted(scene.lines, { after: place.seq }, [write])
            return [
              [node, told],
              [`${node}, and it is on the disk`, scansChanged(told, isFinal, appearing('both', record))],
            ]
          })
        : [],
  },
  {
    kind: 'refused writes',
    name: 'all that were refused were acknowledged, and are on the disk',
    apply: (scene) => {
      const refused = ofType(scene.lines, 'ledger.write').filter(
        ({ result, seq }) => result !== 'acknowledged' && seq > scene.injected.seq && seq < scene.restore,
      )
      if (refused.length === 0) return []
      const seqs = new Set(refused.map(({ seq }) => seq))
      const lines = changed(scene.lines, (one) =>
        one.type === 'ledger.write' && seqs.has(one.seq) ? { ...one, result: 'acknowledged', errno: 0 } : one,
      )
      const records = refused.map((write): LedgerRecord => ({
        node: write.host ?? '',
        number: write.number,
        epoch: write.epoch,
        issued: write.issued,
        boot: bootAt(scene, write.host ?? '', write.seq) ?? '',
      }))
      return [
        [
          '',
          scansChanged(lines, isFinal, (scan) =>
            records.reduce((made, record) => appearing('both', record)(made), scan),
          ),
        ],
      ]
    },
  },
  {
    kind: 'refused writes',
    name: 'all that were refused were acknowledged, and are not on the disk',
    apply: (scene) => {
      const is = (one: Line) =>
        one.type === 'ledger.write' &&
        one.result !== 'acknowledged' &&
        one.seq > scene.injected.seq &&
        one.seq < scene.restore
      return scene.lines.some(is)
        ? [
            [
              '',
              changed(scene.lines, (one) =>
                is(one) && one.type === 'ledger.write' ? { ...one, result: 'acknowledged', errno: 0 } : one,
              ),
            ],
          ]
        : []
    },
  },
  allFailed('all failed with EIO', { result: 'failed', errno: 5 }),
  allFailed('all were refused', { result: 'refused', errno: 52 }),
  allFailed('there are none', undefined),
  {
    kind: 'writes of who goes on',
    name: 'the last ones failed with EIO, as long as anybody looked',
    apply: (scene) => {
      const own = writesSinceTakeover(scene)
      if (losesData(scene) || own.length < 3 || scene.collect.at - (own[1]?.at ?? 0) < 4000) return []
      const bad = own.slice(2)
      const seqs = new Set(bad.map(({ seq }) => seq))
      const lines = scansChanged(scene.lines, isFinal, (scan) =>
        recordsOnly(scan, (record) => !bad.some((write) => isSame(record, write))),
      )
      return [
        [
          '',
          changed(lines, (one) =>
            one.type === 'ledger.write' && seqs.has(one.seq) ? { ...one, result: 'failed', errno: 5 } : one,
          ),
        ],
      ]
    },
  },
  {
    kind: 'writes of who goes on',
    name: 'it hangs in its last one, long before the end',
    apply: (scene) => {
      const own = writesSinceTakeover(scene)
      if (losesData(scene) || own.length < 3 || scene.collect.at - (own[1]?.at ?? 0) < 5000) return []
      const never = own.slice(2)
      const seqs = new Set(never.map(({ seq }) => seq))
      const lines = scansChanged(scene.lines, isFinal, (scan) =>
        recordsOnly(scan, (record) => !never.some((write) => isSame(record, write))),
      )
      return [['', lines.filter(({ seq }) => !seqs.has(seq))]]
    },
  },
  {
    kind: 'writes of others',
    name: 'another who goes on writes beside the one that runs the group',
    apply: (scene) => {
      const owner = ownerOf(scene)
      const other = scene.survivors.find((node) => node !== owner?.node)
      const record = other !== undefined ? lateRecord(scene, other, scene.collect.at) : undefined
      if (!owner || other === undefined || !record) return []
      const write = line({
        ...timed(scene, other, scene.collect.at),
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
        [
          '',
          scansChanged(
            inserted(scene.lines, { after: scene.collect.seq }, [write]),
            isFinal,
            appearing('both', record),
          ),
        ],
      ]
    },
  },
]

function late(scene: Scene, where: 'own' | 'shared' | 'both', when: (takeover: Scan) => number): readonly Variant[] {
  const node = formerOwner(scene)
  const takeover = takeoverScanOf(scene)
  const final = finalScanOf(scene)
  if (node === undefined || !takeover || !final || losesData(scene) || (where !== 'own' && !final.shared)) return []
  const record = lateRecord(scene, node, when(takeover))
  return record ? [[node, scansChanged(scene.lines, isFinal, appearing(where, record))]] : []
}

/** The last line that proves what became of a node. */
export const latestBearing = (scene: Scene, node: string): number =>
  Math.max(0, ...(scene.verdict.nodes[node]?.events ?? []).filter((seq) => seq < scene.restore))
