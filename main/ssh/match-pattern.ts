/** Patterns of ssh_config(5), PATTERNS: `*` and `?`, in capital letters or small ones as they are written. */
export function matchPattern(text: string, pattern: string): boolean {
  const source = [...pattern].map((letter) =>
    letter === '*' ? '[^]*' : letter === '?' ? '[^]' : letter.replace(/[\\^$.+()[\]{}|/]/, '\\$&'),
  )
  return new RegExp(`^${source.join('')}$`, 'u').test(text)
}

/**
 * A pattern-list: patterns with commas between them. One that begins with `!` and matches makes the whole list not
 * match (OpenSSH match.c, match_pattern_list).
 */
export function matchPatternList(text: string, list: string): boolean {
  let found = false
  for (const pattern of list.split(',')) {
    const negated = pattern.startsWith('!')
    if (!matchPattern(text, negated ? pattern.slice(1) : pattern)) continue
    if (negated) return false
    found = true
  }
  return found
}

/** As `matchPatternList`, for names of hosts: capital letters do not count (match_hostname). */
export function matchHostName(name: string, list: string): boolean {
  return matchPatternList(name.toLowerCase(), list.toLowerCase())
}
