/**
 * The known word that a mistyped one most likely stands for; undefined where none is near. Case, `-` and `_` do not
 * count: `known_hosts` is near `knownHosts`. What begins one known word alone stands for that one. Near means at most a
 * third of the letters (and at least one) are wrong.
 */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  const given = bare(word)
  const longer = known.filter((candidate) => given !== '' && bare(candidate).startsWith(given))
  if (longer.length === 1) return longer[0]
  // any digit is one edit away from any other, and means something else
  if (/^\d$/.test(given)) return undefined
  let best: string | undefined
  let least = Math.max(1, Math.floor(given.length / 3)) + 1
  for (const candidate of known) {
    const away = distance(given, bare(candidate))
    if (away < least) {
      least = away
      best = candidate
    }
  }
  return best
}

/** `one of a, b; did you mean "b"?`: the words that may stand where `word` stands. */
export function oneOf(known: readonly string[], word?: string): string {
  const near = word === undefined ? undefined : didYouMean(word, known)
  const list = known.length === 0 ? 'none is declared' : `one of ${known.join(', ')}`
  return near === undefined ? list : `${list}; did you mean "${near}"?`
}

function bare(word: string): string {
  return word.toLowerCase().replace(/[-_]/g, '')
}

/** Edits (one letter more, less, other, or two neighbours swapped) that lead from one word to the other. */
function distance(from: string, to: string): number {
  // Nothing so unlike is ever suggested, and a line of a megabyte must not cost a square of it.
  if (Math.abs(from.length - to.length) > 8) return Number.POSITIVE_INFINITY
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, column) => column)]
  for (let row = 1; row <= from.length; row += 1) {
    const line = [row]
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1]
      let cost = Math.min(
        (rows[row - 1]?.[column] ?? 0) + 1,
        (line[column - 1] ?? 0) + 1,
        (rows[row - 1]?.[column - 1] ?? 0) + (same ? 0 : 1),
      )
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      if (swapped) cost = Math.min(cost, (rows[row - 2]?.[column - 2] ?? 0) + 1)
      line.push(cost)
    }
    rows.push(line)
  }
  return rows[from.length]?.[to.length] ?? Number.POSITIVE_INFINITY
}
