import { log } from '../log/log.ts'
import { exitStatus, type ExitStatus } from './context.ts'
import { Stopped } from './stopped.ts'

export interface ProcessEnd {
  /** fires when the program is told to stop (reason `Stopped`), or after an error that nobody caught (reason: that error) */
  readonly signal: AbortSignal
  /** fires when whoever read standard output has closed it */
  readonly readerGone: AbortSignal
  /** the first error that nobody caught */
  internal(): unknown
  /** The command is over: writes out what is still buffered, then ends the process with this status. */
  finish(status: ExitStatus): void
}

/**
 * A signal that comes twice within this time is one request: `timeout` and `npx` pass on to their child what the process
 * group has got already, and a terminal that goes away sends SIGHUP from the shell and from the kernel.
 */
const repeatMilliseconds = 1000
/** after an internal error: healing has limits of its own, and is over by then */
const internalLimitMilliseconds = 900_000
/** errors that repeat themselves are not printed for ever */
const internalShown = 5
/** a connection that hangs must not keep a program that is done */
const exitMilliseconds = 3000

/**
 * Takes charge of how this process ends. Signals, a terminal that goes away, closed output and errors that nobody caught
 * only ask the command to stop: it takes back what is injected, closes its recording, and ends with its own status. An
 * internal error ends with 3, because 1 means that a row failed.
 * @param say where people are told; must not throw
 */
export function processEnd(say: (text: string) => void): ProcessEnd {
  const stop = new AbortController()
  const reader = new AbortController()
  let stoppedAt: number | undefined
  let over: ExitStatus | undefined
  let internal: { readonly error: unknown } | undefined
  let shown = 0
  let lost: NodeJS.ErrnoException | undefined

  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      const closed = error.code === 'EPIPE' || error.code === 'ECONNRESET' || (error.code === 'EIO' && stream.isTTY)
      if (stream === process.stdout && closed) reader.abort(error)
      // results that did not reach their file (no space) are missing there: not a success
      if (stream === process.stdout && !closed) lost ??= error
    })
  }

  const onSignal = (name: NodeJS.Signals) => {
    if (over !== undefined) process.exit()
    if (stoppedAt === undefined) {
      stoppedAt = performance.now()
      say('stopping: taking back what is injected (once more to stop at once)')
      stop.abort(new Stopped())
    } else if (name !== 'SIGHUP' && performance.now() - stoppedAt > repeatMilliseconds) process.exit(exitStatus.notRun)
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal)

  const onInternal = (error: unknown) => {
    internal ??= { error }
    shown += 1
    if (shown <= internalShown) {
      log.error('internal error', { error })
      say(`fencelab: internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    }
    if (over !== undefined) process.exit(exitStatus.notRun)
    setTimeout(() => process.exit(exitStatus.notRun), internalLimitMilliseconds).unref()
    stop.abort(error)
  }
  process.on('uncaughtException', onInternal)
  process.on('unhandledRejection', onInternal)
  // an event loop that ran dry before the command was over: Node's own status for that is 13
  process.on('exit', () => {
    if (over === undefined) process.exitCode = exitStatus.notRun
  })

  return {
    signal: stop.signal,
    readerGone: reader.signal,
    internal: () => internal?.error,
    finish(status) {
      over = internal ? exitStatus.notRun : status
      process.exitCode = over
      const end = () => {
        if (lost) {
          say(`fencelab: standard output could not be written: ${lost.message}`)
          process.exitCode = exitStatus.notRun
        }
        setTimeout(() => process.exit(), exitMilliseconds).unref()
      }
      // what a slow reader has not taken yet is not thrown away
      process.stdout.write('', () => process.stderr.write('', end))
    },
  }
}
