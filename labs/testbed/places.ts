import * as v from 'valibot'

/** Where the variable parts of paths lie. Whoever has a file system fills this in; this room has none. */
export interface Places {
  /** the lab's own state directory, for `${lab}`; a file that uses `${lab}` cannot be read without it */
  readonly lab?: string
  /** the home directory, for `~/`; without it `~/` stays as it is and whoever opens the file expands it */
  readonly home?: string
}

/**
 * The two kinds of path of a testbed file.
 * `here` lies on the computer that runs the lab: absolute, or from `${lab}/`, or from `~/`.
 * `there` lies on a host: absolute or (where that host is this computer) from `${lab}/`; whose home `~` would mean
 * there is not for the reader to guess. A relative path is refused: it would mean another file from another directory.
 */
export function pathSchemas(places: Places) {
  return {
    here: path('a path: absolute, or starting with ~/ or ${lab}/', true, places),
    there: path('an absolute path on that host, or one starting with ${lab}/', false, places),
  }
}
export type PathSchemas = ReturnType<typeof pathSchemas>

function path(says: string, withHome: boolean, places: Places) {
  return v.pipe(
    v.string(says),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const refuse = (message: string) => {
        addIssue({ message })
        return NEVER
      }
      const text = dataset.value
      const lab = text.startsWith('${lab}/')
      const home = withHome && text.startsWith('~/')
      if (!lab && !home && !text.startsWith('/')) return refuse(says)
      if (/\$\{/.test(lab ? text.slice(6) : text)) return refuse('${lab} at the start of a path and no other ${…}')
      // A path with a line break in it would end the line of a command, too.
      if (/[\u0000-\u001f]/.test(text)) return refuse('a path without control characters')
      if (lab && places.lab === undefined) return refuse('a path without ${lab}: here no lab directory is known')
      if (lab) return `${trimmed(places.lab ?? '')}${text.slice('${lab}'.length)}`
      return home && places.home !== undefined ? `${trimmed(places.home)}${text.slice(1)}` : text
    }),
    v.description(says),
  )
}

function trimmed(directory: string): string {
  return directory.replace(/\/+$/, '')
}
