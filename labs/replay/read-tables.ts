import { tables } from '../journal/tables-at.ts'
import type { Reading } from '../journal/key-tables.ts'
import type { Case } from '../verdicts/case.ts'
import type { SceneTable } from './scene.ts'

export interface TableReader {
  /** The tables of a LUN as they were known at a moment: of every viewer that had looked, or of one. */
  at(lun: string, at: number, viewer?: string): readonly SceneTable[]
}

/** What one viewer saw of one LUN, with the way back from each look to the last good answers before it. */
interface Looks {
  readonly viewer: string
  /** in the order in which they had ended */
  readonly readings: readonly Reading[]
  /** for each look: the index of the last good answer of that kind up to it, -1 for none */
  readonly keys: Int32Array
  readonly reservation: Int32Array
  /** looks at which the keys were others than at the good answer before */
  readonly changes: readonly { readonly index: number; readonly before: number }[]
}

/** so many looks before the one asked for tell whether it failed (a unit attention is tried a second time) */
const recent = 3

export function readTables(run: Case): TableReader {
  const found = new Map<string, Map<string, Reading[]>>()
  for (const reading of run.readings) {
    const viewers = found.get(reading.lun) ?? new Map<string, Reading[]>()
    found.set(reading.lun, viewers)
    const list = viewers.get(reading.viewer)
    if (list) list.push(reading)
    else viewers.set(reading.viewer, [reading])
  }
  const all = new Map(
    [...found].map(([lun, viewers]) => [lun, [...viewers].map(([viewer, list]) => looksOf(viewer, list))]),
  )
  const injected = run.frame.injected?.at
  return {
    at(lun, at, viewer) {
      const looks = (all.get(lun) ?? []).filter((one) => viewer === undefined || one.viewer === viewer)
      return looks.flatMap((one) => tableAt(one, at, injected))
    },
  }
}

function looksOf(viewer: string, list: readonly Reading[]): Looks {
  // mostly they ended in the order of the journal
  const isSorted = list.every(
    (one, index) => index === 0 || (list[index - 1] as Reading).ended.latest <= one.ended.latest,
  )
  const readings = isSorted ? list : list.toSorted((a, b) => a.ended.latest - b.ended.latest)
  const keys = new Int32Array(readings.length)
  const reservation = new Int32Array(readings.length)
  const changes: { index: number; before: number }[] = []
  let lastKeys = -1
  let lastReservation = -1
  for (const [index, { answer }] of readings.entries()) {
    if (answer.kind === 'keys') {
      if (lastKeys !== -1 && !sameKeys(keysOf(readings[lastKeys]), answer.keys))
        changes.push({ index, before: lastKeys })
      lastKeys = index
    } else if (answer.kind === 'reservation') lastReservation = index
    keys[index] = lastKeys
    reservation[index] = lastReservation
  }
  return { viewer, readings, keys, reservation, changes }
}

function tableAt(looks: Looks, at: number, injected: number | undefined): readonly SceneTable[] {
  const last = lastIndex(looks.readings, at)
  const look = looks.readings[last]
  if (!look) return []
  const good = [looks.keys[last] ?? -1, looks.reservation[last] ?? -1].filter(
    (index) => index >= 0 && index <= last - recent,
  )
  const telling = [
    ...good.sort((a, b) => a - b).map((index) => looks.readings[index] as Reading),
    ...looks.readings.slice(Math.max(0, last - recent + 1), last + 1),
  ]
  const [table] = tables(telling)
  if (!table) return []
  const change = looks.changes.findLast(({ index }) => index <= last)
  const before = injected === undefined ? -1 : (looks.keys[lastIndex(looks.readings, injected)] ?? -1)
  return [
    {
      viewer: looks.viewer,
      keys: table.keys,
      generation: table.generation,
      reservation: table.reservation,
      failed: table.failed,
      keysAt: looks.readings[looks.keys[last] ?? -1]?.ended.latest,
      lookedAt: look.ended.latest,
      events: table.events,
      before: before === -1 ? undefined : keysOf(looks.readings[before]),
      change: change && changeOf(looks, change),
    },
  ]
}

function changeOf({ readings }: Looks, { index, before }: Looks['changes'][number]): SceneTable['change'] {
  const [was, is] = [readings[before] as Reading, readings[index] as Reading]
  const [old, fresh] = [keysOf(was), keysOf(is)]
  return {
    at: is.ended.latest,
    gone: old.filter((key) => !fresh.includes(key)),
    come: fresh.filter((key) => !old.includes(key)),
    events: [was.seq, is.seq],
  }
}

const keysOf = (reading: Reading | undefined) => (reading?.answer.kind === 'keys' ? reading.answer.keys : [])
const sameKeys = (one: readonly string[], other: readonly string[]) =>
  one.length === other.length && one.every((key, index) => key === other[index])

function lastIndex(readings: readonly Reading[], at: number): number {
  let low = 0
  let high = readings.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((readings[middle] as Reading).ended.latest <= at) low = middle + 1
    else high = middle
  }
  return low - 1
}
