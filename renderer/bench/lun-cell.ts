import type { LunRecord, TestbedRecord } from '../../labs/journal/event.ts'
import { reservationType } from '../../labs/scsi/reservation-type.ts'
import type { SceneLun } from '../../labs/replay/scene.ts'
import { disagree, tableOf } from '../keys/read-table.ts'

/** Who is registered and who holds the reservation: one for each node, and for each key that belongs to none. */
export interface Sign {
  readonly node: string | undefined
  /** place of the node in the testbed; -1: a foreign key */
  readonly index: number
  readonly id: string
  readonly there: boolean
  readonly holds: boolean
}

/** What the picture tells of a LUN. */
export interface LunCell {
  readonly use: LunRecord['use']
  /** all of it in words, for who hears the picture */
  readonly text: string
  readonly signs: readonly Sign[]
  /** the type of the reservation in short, where there is one */
  readonly held: string | undefined
  readonly generation: number | undefined
  readonly failed: boolean
  readonly differ: boolean
}

export function lunCell(
  { name, use }: Pick<LunRecord, 'name' | 'use'>,
  lun: SceneLun | undefined,
  nodes: TestbedRecord['nodes'],
  owners: ReadonlyMap<string, string>,
): LunCell {
  const table = lun && tableOf(lun)
  if (!lun || !table)
    return {
      use,
      text: `LUN ${name}: nobody has looked yet`,
      signs: [],
      held: undefined,
      generation: undefined,
      failed: false,
      differ: false,
    }
  const { reservation } = table
  const there = new Set(table.keys ?? [])
  const own = nodes.map(({ name: node, id, keys }, index): Sign => {
    const key = use === 'data' ? keys.data : keys.coordination
    return { node, index, id: String(id), there: there.has(key), holds: reservation?.key === key }
  })
  const foreign = [...there]
    .filter((key) => !owners.has(key))
    .map((key): Sign => ({ node: undefined, index: -1, id: '?', there: true, holds: reservation?.key === key }))
  const signs = table.keys === undefined ? [] : [...own, ...foreign]
  const held = reservation ? (reservationType(reservation.type)?.short ?? `type ${reservation.type}`) : undefined
  const failed = table.failed !== undefined
  const differ = disagree(lun)
  const keysOf = signs.filter((sign) => sign.there).map(({ node }) => node ?? 'a foreign key')
  const reserved = reservation
    ? `reserved by ${owners.get(reservation.key) ?? 'a foreign key'}, ${held}`
    : 'not reserved'
  const text = `LUN ${name}, ${use}: keys of ${keysOf.join(', ') || 'nobody'}; ${reserved}${failed ? '; the last look failed' : ''}${differ ? '; the viewers do not agree' : ''}`
  return { use, text, signs, held, generation: table.generation, failed, differ }
}

/** The same object as before where nothing is otherwise: what is drawn of it is not drawn again. */
export function kept<T>(
  before: ReadonlyMap<string, T> | undefined,
  now: ReadonlyMap<string, T>,
): ReadonlyMap<string, T> {
  return new Map(
    [...now].map(([name, made]) => {
      const old = before?.get(name)
      return [name, old !== undefined && JSON.stringify(old) === JSON.stringify(made) ? old : made]
    }),
  )
}
