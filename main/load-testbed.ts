import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { formatProblems } from '../labs/testbed/format-problems.ts'
import { readTestbed } from '../labs/testbed/read-testbed.ts'
import type { Testbed } from '../labs/testbed/testbed.ts'
import { labDirectory } from './directories.ts'
import { root } from './root.ts'

export interface LoadedTestbed {
  readonly testbed: Testbed
  readonly file: string
  readonly text: string
  /** the lab's own directory, `${lab}` in the file */
  readonly directory: string
  /** for people: what is odd though allowed */
  readonly warnings: string
}

/** What is wrong with a file or a word the user gave: shown as it is, without a stack. */
export class UserError extends Error {
  override readonly name = 'UserError'
}

const examples = join(root, 'labs/testbeds')

/**
 * Reads a testbed: a file, or the name of one that comes along (labs/testbeds).
 * @throws UserError with file, line and what was expected
 */
export function loadTestbed(nameOrFile: string): LoadedTestbed {
  const named = /^[\w-]+$/.test(nameOrFile) ? resolve(examples, `${nameOrFile}.yaml`) : undefined
  const file = named !== undefined && existsSync(named) ? named : resolve(nameOrFile)
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new UserError(
      `testbed ${nameOrFile}: ${whyUnreadable(error as NodeJS.ErrnoException)}. Give a file, or a name that comes along: ${testbedNames().join(', ')}`,
    )
  }
  // the lab's directory is named after the file: its name inside is only known once it is read
  const directory = labDirectory(basename(file).replace(/\.ya?ml$/, ''))
  const read = readTestbed(text, file, { lab: directory, home: homedir() })
  if (!read.ok) throw new UserError(formatProblems(read.problems))
  return { testbed: read.testbed, file, text, directory, warnings: formatProblems(read.warnings) }
}

/** The testbeds that come along, by name. */
export const testbedNames = (): readonly string[] =>
  readdirSync(examples)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))
    .toSorted()

function whyUnreadable({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'there is no such file'
  return code === 'EISDIR' ? 'that is a folder' : message
}
