/**
 * The recording could not be written: the disk is full, the folder is gone, the device has an error. A run without its
 * recording proves nothing, so this always ends the run. `file` is what could not be written, `code` the system's error
 * code where there is one.
 */
export class RecordingFailed extends Error {
  override readonly name = 'RecordingFailed'
  readonly file: string
  readonly code: string | undefined

  constructor(file: string, doing: string, cause: unknown) {
    const code = errorCode(cause)
    const what = cause instanceof Error ? cause.message : String(cause)
    super(`cannot ${doing} ${file}: ${what}. ${advice(code)} Then run the scenario again: this run cannot be judged.`, {
      cause,
    })
    this.file = file
    this.code = code
  }
}

function errorCode(cause: unknown): string | undefined {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return undefined
  return typeof cause.code === 'string' ? cause.code : undefined
}

function advice(code: string | undefined): string {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'Free space on that file system or choose another folder for the runs.'
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'Make the folder writable for this user or choose another folder for the runs.'
    case 'EEXIST':
      return 'Choose a folder that does not hold a recording yet.'
    default:
      return 'Check the disk and the folder, or choose another folder for the runs.'
  }
}
