import type { SceneLun, SceneTable } from '../../labs/replay/scene.ts'

export interface ShownKey {
  readonly hex: string
  readonly change: 'none' | 'gone' | 'come'
  readonly times: number
}

/** A table's keys as they are shown, with what is otherwise than `before`. */
export function shownKeys(
  keys: readonly string[] | undefined,
  before: readonly string[] | undefined,
): readonly ShownKey[] {
  const now = [...new Set(keys ?? [])]
  const times = (hex: string) => (keys ?? []).filter((one) => one === hex).length
  const gone =
    keys === undefined || before === undefined ? [] : [...new Set(before)].filter((hex) => !now.includes(hex))
  return [
    ...now.map((hex): ShownKey => ({
      hex,
      change: before !== undefined && !before.includes(hex) ? 'come' : 'none',
      times: times(hex),
    })),
    ...gone.map((hex): ShownKey => ({ hex, change: 'gone', times: 1 })),
  ]
}

/** The table of the viewer that can be believed most, or of the one that is asked for. */
export function tableOf(lun: SceneLun, viewer?: string): SceneTable | undefined {
  return (
    lun.tables.find((table) => table.viewer === (viewer ?? lun.best)) ??
    (viewer === undefined ? lun.tables[0] : undefined)
  )
}

/** Whether viewers whose last looks succeeded and know the same generation see other keys: then one of them is wrong. */
export function disagree(lun: SceneLun): boolean {
  const good = lun.tables.filter(({ keys, failed }) => keys !== undefined && failed === undefined)
  return good.some((one) =>
    good.some((other) => one.generation === other.generation && !same(one.keys ?? [], other.keys ?? [])),
  )
}

const same = (one: readonly string[], other: readonly string[]) =>
  one.length === other.length && one.every((key) => other.includes(key))
