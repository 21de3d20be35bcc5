import type { LedgerRecord, Line } from '../../../labs/journal/event.ts'
import { ofType } from '../../../labs/journal/run.ts'
import type { Variant } from '../change.ts'
import { settled } from '../contradictions-keys.ts'
import { finalScanOf, formerOwner, lateRecord, losesData, takeoverScanOf } from '../contradictions-ledger.ts'
import type { StateChange } from '../looks.ts'
import { changed, keyOf, majorityOf, type Scene } from '../scene.ts'
import {
  believableViewers,
  isFinal,
  isSame,
  ownerOf,
  recordsOnly,
  scansChanged,
  seenBy,
  usedPoints,
  worldOf,
  writesOf,
  type Scan,
} from '../world.ts'

/** Rows at whose end somebody goes on, on a data disk that holds keys. */
export const isGuarded = (scene: Scene): boolean => scene.keyed && scene.survivors.length > 0
/** Those in which somebody was lost to them. */
export const wasFenced = (scene: Scene): boolean => isGuarded(scene) && scene.lost.length > 0

export const loser = (scene: Scene): string => scene.lost[0] ?? ''
export const winner = (scene: Scene): string => scene.survivors[0] ?? ''
export const loserKey = (scene: Scene, lun: string): string => keyOf(scene, loser(scene), lun)
export const winnerKey = (scene: Scene, lun: string): string => keyOf(scene, winner(scene), lun)

type When = (scene: Scene) => boolean
type Of = (scene: Scene, lun: string) => StateChange

/** Every data disk is in another state since the outcome, for everybody who looks. */
export const dataInTheEnd =
  (when: When, of: Of, from: (scene: Scene) => number = settled) =>
  (scene: Scene): readonly Variant[] =>
    when(scene)
      ? [
          [
            '',
            scene.dataDisks.reduce(
              (lines, lun) => worldOf(scene, lines, lun, from(scene), of(scene, lun)),
              scene.lines,
            ),
          ],
        ]
      : []

/** A majority of the coordination points is. */
export const pointsInTheEnd =
  (when: When, of: Of, from: (scene: Scene) => number = settled) =>
  (scene: Scene): readonly Variant[] => {
    const seen = usedPoints(scene)
    const luns = seen.slice(0, majorityOf(scene).length)
    return when(scene) && luns.length > 0 && luns.length === majorityOf(scene).length
      ? [['', luns.reduce((lines, lun) => worldOf(scene, lines, lun, from(scene), of(scene, lun)), scene.lines)]]
      : []
  }

/** Every LUN that these viewers still see is in another state for them, and for nobody else. */
export const asSeenBy =
  (
    when: When,
    viewers: (scene: Scene, lun: string) => readonly string[],
    luns: (scene: Scene) => readonly string[],
    of: Of,
    from: (scene: Scene) => number = settled,
  ) =>
  (scene: Scene): readonly Variant[] => {
    if (!when(scene)) return []
    return [
      [
        '',
        luns(scene).reduce(
          (lines, lun) =>
            viewers(scene, lun).reduce(
              (made, viewer) => seenBy({ ...scene, lines: made }, viewer, lun, from(scene), of(scene, lun)),
              lines,
            ),
          scene.lines,
        ),
      ],
    ]
  }
export const observers = (scene: Scene, lun: string): readonly string[] =>
  believableViewers(scene, lun, scene.collect.seq).filter((host) => !scene.nodes.includes(host))
export const members = (scene: Scene, lun: string): readonly string[] =>
  believableViewers(scene, lun, scene.collect.seq).filter((host) => scene.nodes.includes(host))

export const added = (key: string): StateChange => ({ keys: (keys) => (keys.includes(key) ? keys : [...keys, key]) })
export const removed = (key: string): StateChange => ({ keys: (keys) => keys.filter((one) => one !== key) })
export const heldBy = (key: string, type?: number): StateChange => ({
  held: (held) => ({ key, scope: held?.scope ?? 'LU_SCOPE', type: type ?? held?.type ?? 5 }),
})
export const notHeld: StateChange = { held: () => null }

/** A record of who had the group before is on the disk in the end, and was not at the takeover. */
export function landedLate(scene: Scene, when: number, where: 'own' | 'shared' | 'both'): readonly Variant[] {
  const node = formerOwner(scene)
  const takeover = takeoverScanOf(scene)
  const final = finalScanOf(scene)
  if (node === undefined || !takeover || !final || losesData(scene) || (where !== 'own' && !final.shared)) return []
  const record = lateRecord(scene, node, takeover.at + when)
  return record ? [['', scansChanged(scene.lines, isFinal, appearing(where, record))]] : []
}

export const appearing =
  (where: 'own' | 'shared' | 'both', record: LedgerRecord) =>
  (scan: Scan): Scan => ({
    ...scan,
    records: where === 'shared' ? scan.records : [...scan.records, record],
    ...(scan.shared && {
      shared: where === 'own' ? scan.shared : [...scan.shared.filter(({ number }) => number !== record.number), record],
    }),
  })

/** The writes of who runs the group in the end, since it does. */
export function ownWrites(scene: Scene) {
  const owner = ownerOf(scene)
  return owner && !losesData(scene) ? writesOf(scene, owner.node).filter(({ seq }) => seq > owner.since) : []
}

/** These writes failed, and are on no disk. */
export function failing(
  scene: Scene,
  bad: ReturnType<typeof ownWrites>,
  result: 'refused' | 'failed',
  errno: number,
): readonly Line[] {
  const seqs = new Set(bad.map(({ seq }) => seq))
  const lines = scansChanged(
    scene.lines,
    () => true,
    (scan) => recordsOnly(scan, (record) => !bad.some((write) => isSame(record, write))),
  )
  return changed(lines, (one) => (one.type === 'ledger.write' && seqs.has(one.seq) ? { ...one, result, errno } : one))
}

/** The statuses of a node from after everybody was asked. */
export const lastStatuses = (scene: Scene, node: string) =>
  ofType(scene.lines, 'stack').filter(
    (one) => one.host === node && one.seq > scene.collect.seq && one.seq < scene.restore,
  )
