import type { Line } from '../../labs/journal/event.ts'
import type { FullStatusEntry } from '../../labs/scsi/listing.ts'
import type { Change, Variant } from './change.ts'
import type { Held, StateChange } from './looks.ts'
import { keyOf, majorityOf, type Scene } from './scene.ts'
import { believableViewers, keyedPoints, seenBy, usedPoints, worldChanged, worldOf } from './world.ts'

/** Where what became of everybody was settled: what is seen from here on is the end. */
export const settled = (scene: Scene): number =>
  Math.max(
    scene.injected.seq,
    ...scene.lost.flatMap((node) => scene.verdict.nodes[node]?.events ?? []).filter((seq) => seq < scene.collect.seq),
  )

/** Rows whose data disk holds registrations and a reservation at the end of those who go on. */
const guarded = (scene: Scene): boolean => scene.keyed && scene.survivors.length > 0
const stranger = '0x5354524e47455221'

const variants = (scene: Scene, of: readonly string[], make: (one: string) => readonly Line[]): readonly Variant[] =>
  guarded(scene) ? of.map((one) => [one, make(one)] as const) : []

const onData = (
  name: string,
  kind: string,
  change: (scene: Scene, lun: string) => StateChange | undefined,
): Change => ({
  kind,
  name,
  apply: (scene) =>
    guarded(scene)
      ? scene.dataDisks.flatMap((lun): readonly Variant[] => {
          const made = change(scene, lun)
          return made ? [[lun, worldChanged(scene, lun, settled(scene), made)]] : []
        })
      : [],
})
/** The same, as one believable viewer sees it and no other. */
const onDataByOne = (
  name: string,
  kind: string,
  change: (scene: Scene, lun: string) => StateChange | undefined,
): Change => ({
  kind,
  name: `${name}, as one viewer sees it`,
  apply: (scene) =>
    guarded(scene)
      ? scene.dataDisks.flatMap((lun): readonly Variant[] => {
          const made = change(scene, lun)
          return made
            ? believableViewers(scene, lun, scene.collect.seq).map((viewer): Variant => [
                `${lun} by ${viewer}`,
                seenBy(scene, viewer, lun, settled(scene), made),
              ])
            : []
        })
      : [],
})
const onPoints = (name: string, change: (scene: Scene, lun: string) => StateChange | undefined): Change => ({
  kind: 'keys of the points',
  name,
  apply: (scene) => {
    const seen = usedPoints(scene)
    if (!guarded(scene) || seen.length < majorityOf(scene).length) return []
    const luns = seen.slice(0, majorityOf(scene).length)
    const made = luns.map((lun) => [lun, change(scene, lun)] as const)
    if (made.some(([, one]) => !one)) return []
    return [
      [
        'a majority',
        made.reduce((lines, [lun, one]) => worldOf(scene, lines, lun, settled(scene), one ?? {}), scene.lines),
      ],
    ]
  },
})

const loserKey = (scene: Scene, lun: string) => {
  const [loser] = scene.lost
  return loser === undefined ? undefined : keyOf(scene, loser, lun)
}
const withKey = (key: string | undefined): StateChange | undefined =>
  key === undefined ? undefined : { keys: (keys) => (keys.includes(key) ? keys : [...keys, key]) }
const without = (key: string): StateChange => ({ keys: (keys) => keys.filter((one) => one !== key) })
const held = (change: (held: Held | null) => Held | null): StateChange => ({ held: change })
const firstOf = (scene: Scene) => scene.survivors[0] ?? ''

const keyChanges: readonly (readonly [string, (scene: Scene, lun: string) => StateChange | undefined])[] = [
  ['the key of a lost node is still there', (scene, lun) => withKey(loserKey(scene, lun))],
  ['the key of one who goes on is gone', (scene, lun) => without(keyOf(scene, firstOf(scene), lun))],
  ['a key that nobody in the cluster has', () => withKey(stranger)],
  ['no key at all', () => ({ keys: () => [], held: () => null })],
]
const holds = (key: string, type?: number) =>
  held((before) => (before ? { ...before, key, type: type ?? before.type } : before))
const reservationChanges: readonly (readonly [string, (scene: Scene, lun: string) => StateChange | undefined])[] = [
  ['no reservation', () => held(() => null)],
  [
    'the reservation is held by a lost node',
    (scene, lun) => {
      const key = loserKey(scene, lun)
      return key === undefined ? undefined : holds(key)
    },
  ],
  [
    'Write Exclusive, held by a lost node',
    (scene, lun) => {
      const key = loserKey(scene, lun)
      return key === undefined ? undefined : holds(key, 1)
    },
  ],
  [
    'Exclusive Access, held by a lost node',
    (scene, lun) => {
      const key = loserKey(scene, lun)
      return key === undefined ? undefined : holds(key, 3)
    },
  ],
  ['the reservation is held by a key that nobody has', () => holds(stranger)],
  ['an obsolete type', () => held((before) => before && { ...before, type: 2 })],
  ['type 0', () => held((before) => before && { ...before, type: 0 })],
  ['element scope', () => held((before) => before && { ...before, scope: 2 })],
]

export const keyContradictions: readonly Change[] = [
  ...keyChanges.flatMap(([name, change]) => [
    onData(name, 'keys of the data disk', change),
    onDataByOne(name, 'keys of the data disk', change),
  ]),
  ...keyChanges.slice(0, 3).map(([name, change]) => onPoints(name, change)),
  onPoints('no key at all', () => ({ keys: () => [] })),
  ...keyChanges.slice(0, 1).map(([name, change]): Change => ({
    kind: 'keys of the points',
    name: `${name} on every point, as one viewer sees it`,
    apply: (scene) => {
      if (!guarded(scene) || scene.lost.length === 0) return []
      const points = usedPoints(scene)
      const viewers = new Set(points.flatMap((lun) => believableViewers(scene, lun, scene.collect.seq)))
      return [...viewers].map((viewer): Variant => [
        viewer,
        keyedPoints(scene).reduce((lines, lun) => {
          const made = change(scene, lun)
          return made ? seenBy({ ...scene, lines }, viewer, lun, settled(scene), made) : lines
        }, scene.lines),
      ])
    },
  })),
  ...reservationChanges.flatMap(([name, change]) => [
    onData(name, 'reservation', change),
    onDataByOne(name, 'reservation', change),
  ]),
  onData('the generation goes back', 'generation', () => ({ generation: () => 0 })),
  {
    kind: 'full status',
    name: 'the key of one who goes on, registered from the port of a lost node',
    apply: (scene) =>
      variants(scene, scene.lost.length > 0 ? scene.dataDisks : [], (lun) => {
        const ports = portsBefore(scene, lun)
        const loser = ports.get(loserKey(scene, lun) ?? '')
        return loser
          ? worldChanged(scene, lun, settled(scene), {
              entries: (entries) => entries.map((entry) => ({ ...entry, ...loser })),
            })
          : scene.lines
      }).filter(([, lines]) => lines !== scene.lines),
  },
  {
    kind: 'full status',
    name: 'the key of a lost node is still there, in the full status alone',
    apply: (scene) =>
      scene.lost.length === 0
        ? []
        : variants(scene, scene.dataDisks, (lun) =>
            onlyIn(scene, lun, 'full-status', withKey(loserKey(scene, lun)) ?? {}),
          ),
  },
  {
    kind: 'the array',
    name: 'the key of a lost node is still there, as the array itself says',
    apply: (scene) =>
      scene.lost.length === 0
        ? []
        : variants(scene, arrayTells(scene), (lun) => onlyIn(scene, lun, 'array', withKey(loserKey(scene, lun)) ?? {})),
  },
  {
    kind: 'the array',
    name: 'no registration and no holder, as the array itself says',
    apply: (scene) =>
      variants(scene, arrayTells(scene), (lun) => onlyIn(scene, lun, 'array', { keys: () => [], held: () => null })),
  },
]

/** Data disks of which the array itself said something. */
const arrayTells = (scene: Scene) =>
  scene.dataDisks.filter((lun) =>
    scene.lines.some((one) => one.type === 'array-keys' && one.lun === lun && one.text.includes('SPC-3')),
  )

/** One kind of witness alone says something else in the end. */
function onlyIn(scene: Scene, lun: string, witness: 'full-status' | 'array', change: StateChange) {
  const all = worldChanged(scene, lun, settled(scene), change)
  const before = new Map(scene.lines.map((one) => [one.seq, one]))
  const isIt = (one: Line) =>
    witness === 'array' ? one.type === 'array-keys' : one.type === 'keys' && one.action === 'full-status'
  return all.flatMap((one) =>
    one.seq === 0 ? (isIt(one) ? [one] : []) : [isIt(one) ? one : (before.get(one.seq) ?? one)],
  )
}

function portsBefore(
  scene: Scene,
  lun: string,
): ReadonlyMap<string, Pick<FullStatusEntry, 'transport' | 'relativePort'>> {
  const found = new Map<string, Pick<FullStatusEntry, 'transport' | 'relativePort'>>()
  worldChanged(scene, lun, 0, {
    entries: (entries) => {
      for (const { key, transport, relativePort } of entries)
        if (!found.has(key))
          found.set(key, { ...(transport && { transport }), ...(relativePort !== undefined && { relativePort }) })
      return entries
    },
  })
  return found
}
