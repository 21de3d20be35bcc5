/** Reads ssh configuration files line by line with their Includes, as far as a reader without a network can. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { globFiles } from './glob-files.ts'
import { configLines, type ConfigLine } from './ssh-config-lines.ts'

/** deepest Include that ssh follows (readconf.c, READCONF_MAX_DEPTH) */
export const maximumDepth = 16

export interface ConfigFile {
  readonly path: string
  /** directory that relative Includes start from: ~/.ssh, or /etc/ssh for the system's file */
  readonly base: string
}

/** @throws {Error} the file is there and cannot be read or split into words; a missing one has no lines */
export function readConfigLines(path: string): readonly ConfigLine[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new Error(`cannot be read: ${(error as Error).message}`, { cause: error })
  }
  return configLines(text, path)
}

/**
 * The files that the words of an Include name, in their order.
 * @param expand puts in tokens and environment variables
 * @throws {Error} what cannot be expanded
 */
export function includedFiles(
  words: readonly string[],
  base: string,
  home: string,
  expand: (text: string) => string,
): readonly string[] {
  return words.flatMap((word) => {
    const path = expand(word).replace(/^~(?=\/|$)/, home)
    if (path.startsWith('~')) throw new Error(`Include ${word}: write the home directory of another user in full`)
    return globFiles(path.startsWith('/') ? path : join(base, path))
  })
}

/**
 * The names that stand for one host each, in the order of the file and with all Includes, wherever these stand.
 * Patterns are no names.
 * @throws {Error} as `readConfigLines`; an Include that goes deeper than ssh follows it
 */
export function configuredNames({ path, base }: ConfigFile, home: string, depth = 0): readonly string[] {
  if (depth > maximumDepth) throw new Error(`Include goes deeper than ${maximumDepth} files`)
  const found = readConfigLines(path).flatMap(({ keyword, words }) => {
    if (keyword === 'host') return words.filter((word) => /^[A-Za-z0-9][\w.-]*$/.test(word))
    if (keyword !== 'include') return []
    // what an Include with tokens names depends on the host that is asked for
    const plain = words.filter((word) => !/%|\$\{/.test(word))
    return includedFiles(plain, base, home, (text) => text).flatMap((file) =>
      configuredNames({ path: file, base }, home, depth + 1),
    )
  })
  return [...new Set(found)]
}
