import { existsSync, readdirSync, statSync } from 'node:fs'

/**
 * The files that an absolute pattern names, as glob(3) finds them for Include: `*`, `?` and `[…]` in any part of the
 * path, none of which matches a leading dot; a backslash takes a letter's meaning away. In the order of their bytes.
 * Directories are left out: ssh reads nothing from them.
 */
export function globFiles(pattern: string): readonly string[] {
  const parts = pattern.split('/').filter((part) => part !== '')
  let found: readonly string[] = ['']
  for (const part of parts) {
    if (!/[*?[\\]/.test(part)) {
      found = found.map((directory) => `${directory}/${part}`)
      continue
    }
    const expression = partExpression(part)
    found = found.flatMap((directory) =>
      names(directory === '' ? '/' : directory)
        .filter((name) => expression.test(name) && (!name.startsWith('.') || part.startsWith('.')))
        .map((name) => `${directory}/${name}`),
    )
  }
  return found.filter((path) => existsSync(path) && !statSync(path).isDirectory())
}

/** No such directory, or a file where a directory should be: nothing is found there. */
function names(directory: string): readonly string[] {
  try {
    return readdirSync(directory).sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw error
  }
}

function partExpression(part: string): RegExp {
  let source = ''
  for (let at = 0; at < part.length; at += 1) {
    const letter = part.charAt(at)
    const set = /^\[(!|\^)?(\]?[^\]]*)\]/.exec(part.slice(at))
    if (letter === '*') source += '.*'
    else if (letter === '?') source += '.'
    else if (set) {
      source += `[${set[1] === undefined ? '' : '^'}${(set[2] ?? '').replace(/[\\\]^[]/g, '\\$&')}]`
      at += set[0].length - 1
    } else {
      if (letter === '\\') at += 1
      source += part.charAt(at).replace(/[\\^$.*+?()[\]{}|/]/, '\\$&')
    }
  }
  return new RegExp(`^${source}$`, 's')
}
