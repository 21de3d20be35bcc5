import type { Mark } from './time-line.ts'

/** Marks of one kind that lie too near one another to be told apart. */
export interface Bin<K extends string> {
  readonly kind: K
  /** the middle of those in it, lab time */
  readonly at: number
  readonly first: number
  readonly last: number
  readonly marks: readonly Mark<K>[]
}

/**
 * Marks gathered where they are dense: those of one kind within `width` milliseconds of the first of them become one.
 * Kinds are never mixed: one refused write among a hundred acknowledged ones is still to be seen. In the order of time.
 */
export function binMarks<K extends string>(marks: readonly Mark<K>[], width: number): readonly Bin<K>[] {
  const open = new Map<K, Mark<K>[]>()
  const groups: Mark<K>[][] = []
  for (const mark of marks.toSorted((a, b) => a.at - b.at)) {
    const group = open.get(mark.kind)
    if (group?.[0] && mark.at - group[0].at < width) group.push(mark)
    else {
      const fresh = [mark]
      open.set(mark.kind, fresh)
      groups.push(fresh)
    }
  }
  return groups.map((group) => {
    const first = (group[0] as Mark<K>).at
    const last = (group.at(-1) as Mark<K>).at
    return { kind: (group[0] as Mark<K>).kind, at: (first + last) / 2, first, last, marks: group }
  })
}
