import { keyReadings, readingsByLun, type KeyReading, type Reading } from '../journal/key-tables.ts'
import type { LunRecord, RunStarted } from '../journal/event.ts'
import type { NodeState } from '../journal/nodes.ts'

/** The keys of a LUN became others. */
export interface KeyChange {
  /** lab time: not before this look began, not after that one ended; `earliest` can be -Infinity (clock not measured) */
  readonly earliest: number
  readonly latest: number
  readonly keys: readonly string[]
  readonly gone: readonly string[]
  readonly come: readonly string[]
  readonly generation: number
  /** the look before, and the first that shows the new keys */
  readonly events: readonly [number, number]
}

/** What one host saw of one LUN in the course of a run. */
export interface KeyHistory {
  readonly lun: LunRecord
  /** undefined where nobody ever looked */
  readonly viewer: string | undefined
  readonly changes: readonly KeyChange[]
}

/** The keys of every LUN over time, each as seen by the host that can be believed most. */
export function keyHistories(
  { testbed }: RunStarted,
  readings: readonly Reading[],
  nodes: readonly NodeState[],
): readonly KeyHistory[] {
  const byLun = readingsByLun(readings)
  return testbed.luns.map((lun) => {
    const own = byLun.get(lun.name) ?? []
    const viewer = bestViewer(own, nodes)
    const looks = keyReadings(own, lun.name).filter((one) => one.viewer === viewer)
    return { lun, viewer, changes: changesOf(looks) }
  })
}

/**
 * A host that only looks rather than a node, a node that goes on rather than one that does not; among those the one
 * with most good answers.
 */
function bestViewer(readings: readonly Reading[], nodes: readonly NodeState[]): string | undefined {
  const good = new Map<string, number>()
  for (const { viewer, answer } of readings) {
    good.set(viewer, (good.get(viewer) ?? 0) + (answer.kind === 'keys' ? 1 : 0))
  }
  const rank = (viewer: string): number => {
    const node = nodes.find(({ name }) => name === viewer)
    if (good.get(viewer) === 0) return 0
    return node === undefined ? 3 : node.outcome === 'running' ? 2 : 1
  }
  const best = [...good.keys()].toSorted((a, b) => rank(b) - rank(a) || (good.get(b) ?? 0) - (good.get(a) ?? 0))
  return best[0]
}

function changesOf(looks: readonly KeyReading[]): readonly KeyChange[] {
  return looks.flatMap((look, index) => {
    const before = looks[index - 1]
    if (!before) return []
    if (before.answer.keys === look.answer.keys) return []
    const gone = lacking(before.answer.keys, look.answer.keys)
    const come = lacking(look.answer.keys, before.answer.keys)
    if (gone.length + come.length === 0) return []
    const { keys, generation } = look.answer
    const latest = look.ended.latest
    const earliest = Math.min(before.began.earliest, latest)
    return [{ earliest, latest, keys, gone, come, generation, events: [before.seq, look.seq] as const }]
  })
}

/** What is in the one list and not in the other, counted: two paths of a node have the same key twice. */
function lacking(list: readonly string[], other: readonly string[]): readonly string[] {
  const left = [...other]
  return list.filter((key) => {
    const place = left.indexOf(key)
    if (place !== -1) left.splice(place, 1)
    return place === -1
  })
}
