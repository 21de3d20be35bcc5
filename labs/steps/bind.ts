import type { RunStarted } from '../journal/event.ts'

type Bound = Pick<RunStarted, 'testbed'> & { readonly roles: Readonly<Record<string, string>> }

/**
 * The words of a row's target become names of this testbed. `A`, `B` are roles (several of them for a side); `#1` is the
 * first private link; `@point-1` the first coordination point; `@majority-array` the array that has more than half of
 * them.
 * @throws Error where the testbed has no such thing
 */
export function bindTarget(target: Readonly<Record<string, string>>, bound: Bound): Record<string, string> {
  return Object.fromEntries(
    Object.entries(target).map(([what, words]) => [
      what,
      words
        .split(' ')
        .map((word) => bindWord(what, word, bound))
        .join(' '),
    ]),
  )
}

function bindWord(what: string, word: string, { roles, testbed }: Bound): string {
  const found = word.startsWith('#')
    ? testbed.links[Number(word.slice(1)) - 1]
    : word.startsWith('@')
      ? bindPlace(word, testbed)
      : roles[word]
  if (found === undefined)
    throw new Error(`the row needs a ${what} ${word}, which the testbed ${testbed.name} does not have`)
  return found
}

function bindPlace(word: string, testbed: RunStarted['testbed']): string | undefined {
  const points = testbed.luns.filter(({ use }) => use === 'coordination')
  const point = /^@point-(\d+)$/.exec(word)
  if (point) return points[Number(point[1]) - 1]?.name
  if (word !== '@majority-array') return undefined
  const arrays = [...new Set(points.flatMap(({ array }) => array ?? []))]
  return arrays.find((array) => points.filter((lun) => lun.array === array).length * 2 > points.length)
}

/** Binds the names of several roles. @throws Error where one is bound to no node */
export function bindRoles(of: readonly string[], roles: Readonly<Record<string, string>>): string[] {
  return of.map((role) => {
    const node = roles[role]
    if (node === undefined) throw new Error(`the row needs a node ${role}, which the testbed does not have`)
    return node
  })
}
