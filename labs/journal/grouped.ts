import type { Line, LineOf } from './event.ts'

interface Groups {
  /** how many lines there were: a list that grew since is gathered anew */
  readonly count: number
  readonly types: ReadonlyMap<Line['type'], readonly Line[]>
  names?: ReadonlyMap<string, readonly Line[]>
}

/** Held as long as the list itself. A list only ever grows at its end; whoever wants other lines makes another list. */
const known = new WeakMap<readonly Line[], Groups>()

function groupsOf(lines: readonly Line[]): Groups {
  const before = known.get(lines)
  if (before?.count === lines.length) return before
  const groups: Groups = { count: lines.length, types: gatherTypes(lines) }
  known.set(lines, groups)
  return groups
}

/** The lines of one type, in order. Each list of lines is gone through once, however often it is asked. */
export function ofType<T extends Line['type']>(lines: readonly Line[], type: T): readonly LineOf<T>[] {
  return (groupsOf(lines).types.get(type) ?? []) as readonly LineOf<T>[]
}

/** The lines that a host saw, and those that tell of it, in order. */
export function about(lines: readonly Line[], name: string): readonly Line[] {
  const groups = groupsOf(lines)
  groups.names ??= gatherNames(lines)
  return groups.names.get(name) ?? []
}

function gatherTypes(lines: readonly Line[]): Groups['types'] {
  const found = new Map<Line['type'], Line[]>()
  for (const line of lines) append(found, line.type, line)
  return found
}

function gatherNames(lines: readonly Line[]): ReadonlyMap<string, readonly Line[]> {
  const found = new Map<string, Line[]>()
  for (const line of lines) {
    const told = line.type === 'probe' || line.type === 'process' ? line.node : undefined
    if (line.host !== undefined) append(found, line.host, line)
    if (told !== undefined && told !== line.host) append(found, told, line)
  }
  return found
}

function append<K>(map: Map<K, Line[]>, key: K, line: Line): void {
  const list = map.get(key)
  if (list) list.push(line)
  else map.set(key, [line])
}
