import { HostError } from '../transport/host-error.ts'
import { UserError } from '../load-testbed.ts'
import { LabInUse, type LabUser } from '../locks/lab-in-use.ts'
import { RecordingFailed } from '../recorder/recording-failed.ts'
import { exitStatus, type ExitStatus } from './context.ts'
import type { RunDocument } from './run-document.ts'
import { Stopped } from './stopped.ts'
import { RunsEnded } from './runs-ended.ts'

/**
 * Why a command could not do its work: `user` what was asked for or a file is wrong, `busy` another program works with
 * the lab, `host` a host, `recording` the recording cannot be written, `stopped` it was told to stop, `lab` anything else
 * about the lab, `internal` a mistake in fencelab.
 */
export type ErrorKind = 'user' | 'busy' | 'host' | 'recording' | 'stopped' | 'lab' | 'internal'

/** What `--json` prints where a command could not do its work. */
export interface ErrorDocument {
  readonly error: {
    readonly kind: ErrorKind
    /** what is said on standard error, too; may have several lines */
    readonly message: string
    /** absent where no command was recognised */
    readonly command?: string
    /** the exit status of the program */
    readonly exit: ExitStatus
    /** the file that tells more: what was done before, and where it broke; absent where this is all there is to say */
    readonly log?: string
    /** kind `busy`: who works with the lab */
    readonly user?: LabUser
  }
  /** `run`: the rows that were judged before */
  readonly runs?: readonly RunDocument[]
}

/**
 * @param internal it was caught by nobody
 * @param log the file that tells more
 */
export function errorDocument(
  thrown: unknown,
  command: string | undefined,
  { internal = false, log }: { readonly internal?: boolean; readonly log?: string | undefined } = {},
): ErrorDocument {
  const error = thrown instanceof RunsEnded ? thrown.cause : thrown
  const kind = internal ? 'internal' : kindOf(error)
  return {
    error: {
      kind,
      message: error instanceof Error ? error.message : String(error),
      ...(command !== undefined && { command }),
      exit: exitStatus.notRun,
      ...(log !== undefined && { log }),
      ...(error instanceof LabInUse && { user: error.user }),
    },
    ...(thrown instanceof RunsEnded && { runs: thrown.runs }),
  }
}

function kindOf(error: unknown): ErrorKind {
  if (error instanceof Stopped) return 'stopped'
  if (error instanceof LabInUse) return 'busy'
  if (error instanceof UserError) return 'user'
  if (error instanceof HostError) return 'host'
  if (error instanceof RecordingFailed) return 'recording'
  const own = [TypeError, ReferenceError, RangeError, SyntaxError].some((kind) => error instanceof kind)
  return own || !(error instanceof Error) ? 'internal' : 'lab'
}
