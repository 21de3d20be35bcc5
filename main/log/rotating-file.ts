import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../make-folder.ts'

export interface RotatingFileOptions {
  readonly folder: string
  /** the file is `NAME.log`, those before it are `NAME-TIME-PID-N.log` */
  readonly name: string
  /** a file that would grow beyond this is put aside first */
  readonly maxBytes: number
  /** how many files that were put aside are kept; older ones are removed */
  readonly kept: number
}

export interface RotatingFile {
  readonly path: string
  /**
   * Adds one line (its end included), and is done with it when this returns: a process that exits loses nothing.
   * @throws the system's error where it cannot be written
   */
  append(line: string): void
}

const own = 0o600

/**
 * A file that several processes add lines to, and that none of them keeps open. Each line is one write(2) with O_APPEND,
 * which no other one can come into the middle of. A full file is renamed, and to a name that never comes again: of two
 * processes that do so at once, neither overwrites what the other put aside, and a line that was on its way to the renamed
 * file still gets there. That is why the rotation of a library, which numbers its files and knows of one process only, is
 * not used. (Over NFS, O_APPEND does not hold between computers.)
 */
export function rotatingFile({ folder, name, maxBytes, kept }: RotatingFileOptions): RotatingFile {
  const path = join(folder, `${name}.log`)
  const isAside = new RegExp(`^${name}-\\d{8}T\\d{9}Z-\\d+-\\d+\\.log$`)
  let putAside = 0

  const open = (): number => {
    const flags = constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY
    try {
      return openSync(path, flags, own)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      makeFolder(folder)
      return openSync(path, flags, own)
    }
  }

  const rotate = (inode: number) => {
    // another process was faster: what lies there now is a new file
    if (unlessGone(() => statSync(path).ino) !== inode) return
    const time = new Date().toISOString().replace(/[-:.]/g, '')
    // names that are in order of time, also within a millisecond
    const number = String(putAside++).padStart(6, '0')
    unlessGone(() => renameSync(path, join(folder, `${name}-${time}-${process.pid}-${number}.log`)))
    const aside = readdirSync(folder)
      .filter((file) => isAside.test(file))
      .toSorted()
    for (const file of aside.slice(0, Math.max(0, aside.length - kept)))
      unlessGone(() => unlinkSync(join(folder, file)))
  }

  return {
    path,
    append(line) {
      const bytes = Buffer.from(line, 'utf8')
      let descriptor = open()
      try {
        const { size, ino, mode } = fstatSync(descriptor)
        if (size > 0 && size + bytes.length > maxBytes) {
          closeSync(descriptor)
          descriptor = -1
          rotate(ino)
          descriptor = open()
        } else if ((mode & 0o077) !== 0 && process.platform !== 'win32') fchmodSync(descriptor, own)
        const written = writeSync(descriptor, bytes)
        if (written < bytes.length) throw new Error(`${written} of ${bytes.length} bytes were written to ${path}`)
      } finally {
        if (descriptor >= 0) closeSync(descriptor)
      }
    },
  }
}

/** Another process may have renamed or removed it meanwhile. */
function unlessGone<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
