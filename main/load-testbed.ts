import { closeSync, constants, existsSync, fstatSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { formatProblems } from '../labs/testbed/format-problems.ts'
import { readTestbed } from '../labs/testbed-file/read-testbed.ts'
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
    text = readText(file)
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError(
      `testbed ${nameOrFile}: ${whyUnreadable(error as NodeJS.ErrnoException)}. Give a file, or the name of one that is included: ${testbedNames().join(', ')}`,
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

/** no testbed comes near it */
const mostBytes = 1024 * 1024

/**
 * A regular file's text. A pipe is refused: it may never end, and a testbed is read again when something is to be undone.
 * @throws UserError; the system's error where the file cannot be opened
 */
function readText(file: string): string {
  // a pipe that nobody writes to must not keep us in open(2), where no signal is heard
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stat = fstatSync(descriptor)
    if (stat.isDirectory()) throw Object.assign(new Error('that is a folder'), { code: 'EISDIR' })
    if (!stat.isFile())
      throw new UserError(
        `testbed ${file}: that is a pipe or a device. Give a regular file: it is read again when something is to be undone`,
      )
    if (stat.size > mostBytes)
      throw new UserError(`testbed ${file}: ${stat.size} bytes are too many for a testbed; is it another file?`)
    return decoded(readFileSync(descriptor), file)
  } finally {
    closeSync(descriptor)
  }
}

/** @throws UserError with the encoding that it seems to have */
function decoded(bytes: Buffer, file: string): string {
  const isUtf16 =
    (bytes[0] === 0xff && bytes[1] === 0xfe) ||
    (bytes[0] === 0xfe && bytes[1] === 0xff) ||
    bytes.subarray(0, 64).includes(0)
  if (isUtf16) throw new UserError(`testbed ${file}: the file is UTF-16. Save it as UTF-8`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new UserError(`testbed ${file}: the file is not UTF-8 (Latin-1, perhaps). Save it as UTF-8`)
  }
}

function whyUnreadable({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'there is no such file'
  return code === 'EISDIR' ? 'that is a folder' : message
}
