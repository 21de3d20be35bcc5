/** The items of a list by what a function says of each, in order. (Map.groupBy is newer than the library this is compiled with.) */
export function groupBy<T, K>(list: readonly T[], by: (item: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>()
  for (const item of list) {
    const key = by(item)
    const group = groups.get(key)
    if (group) group.push(item)
    else groups.set(key, [item])
  }
  return groups
}
