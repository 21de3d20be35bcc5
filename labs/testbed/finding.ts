import type { Path } from './yaml-source.ts'

/** Something found in the values of a testbed, not yet tied to its place in the file. */
export interface Finding {
  readonly severity: 'error' | 'warning'
  readonly path: Path
  /** is the key wrong or its value */
  readonly at: 'key' | 'value'
  readonly message: string
  readonly expected: string
}

export function errorAt(path: Path, message: string, expected: string): Finding {
  return { severity: 'error', path, at: 'value', message, expected }
}
export function warningAt(path: Path, message: string, expected: string): Finding {
  return { severity: 'warning', path, at: 'value', message, expected }
}

/**
 * One error for every value that stands a second time; `describe` says where it stood first. `key` undefined: not
 * compared.
 */
export function repeated<T>(
  items: readonly T[],
  key: (item: T) => string | undefined,
  describe: (item: T, first: T) => Finding,
): Finding[] {
  const firsts = new Map<string, T>()
  return items.flatMap((item) => {
    const value = key(item)
    if (value === undefined) return []
    const first = firsts.get(value)
    if (first !== undefined) return [describe(item, first)]
    firsts.set(value, item)
    return []
  })
}
