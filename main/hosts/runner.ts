/**
 * The one runner of commands on hosts. Every command that fencelab runs anywhere goes through here: an argument array,
 * one quoting function, expected exit codes, a time limit, and one recorded `command` event, whatever came of it.
 */
import type { Command } from '../../labs/journal/event.ts'
import { commandLine, fullArguments } from '../transport/quote.ts'
import { CommandFailed } from './command-failed.ts'
import { deadline } from '../transport/deadline.ts'
import { HostError } from '../transport/host-error.ts'
import { collector, lineSplitter, redactor } from '../transport/output.ts'
import type { Channel, Exit, Transport } from '../transport/transport.ts'

export type CommandRecord = Command & { readonly host: string; readonly hostAt?: number }

export interface RunnerOptions {
  /** takes the event of a command that is over; may return the event's sequence number, which results and errors then carry */
  record(event: CommandRecord): number | void
  /** strings that must never be written down, replaced by `•••` in events and error messages; results keep them */
  readonly redact?: readonly string[]
  /** milliseconds, monotonic */
  readonly now?: () => number
}

interface Invocation {
  /** what for, in words, for the journal: 'read the keys of coord1' */
  readonly purpose: string
  readonly argv: readonly string[]
  /** exit codes that are right; default [0]. An empty array: any end is right, by a signal too, and the caller judges */
  readonly expected?: readonly number[]
  /** the command needs root: through `sudo -n` on a host whose transport says that sudo is the way to it */
  readonly sudo?: boolean
  readonly env?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

export interface RunOptions extends Invocation {
  /** from the call until the end of the command, waiting for the connection included */
  readonly timeoutMs: number
  readonly stdin?: string | Uint8Array
}

export interface RunResult {
  /** null: ended by a signal */
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
  readonly milliseconds: number
  readonly failure?: 'signal'
  /** sequence number of the recorded event, where `record` returned one */
  readonly event?: number
}

export interface StreamOptions extends Invocation {
  onLine(line: string): void
  /** lines of the standard error; without it they are only kept for the event */
  onError?(line: string): void
}

export interface LineStream {
  /** Sends one line to the command. Ignored once the command has ended. */
  write(line: string): void
  /** Closes the command's standard input. */
  end(): void
  /**
   * How it ended, after the last line was handed out; after `stop` both fields are null. Rejects with CommandFailed,
   * HostGone, HostError `aborted`, or with what `onLine` threw (which ends the command).
   */
  readonly done: Promise<Exit>
  /** Ends the command (TERM). Nothing is handed out any more. */
  stop(): void
}

export interface Runner {
  /**
   * Runs a command to its end.
   *
   * @throws {CommandFailed} it ended otherwise than expected
   * @throws {HostError} it could not be run to its end: timeout (it is killed as far as the host lets us), aborted, gone, …
   */
  run(transport: Transport, options: RunOptions): Promise<RunResult>
  /** Starts a long-lived command and hands out its lines. Its event is recorded when it ends, without the lines. */
  stream(transport: Transport, options: StreamOptions): Promise<LineStream>
}

/** What of a stream's standard error goes into its event. */
const streamErrorLimit = 64 * 1024

export function createRunner({ record, redact = [], now = () => performance.now() }: RunnerOptions): Runner {
  const clean = redactor(redact)
  const longest = redact.reduce((most, secret) => Math.max(most, Buffer.byteLength(secret)), 0)

  /** A command under way, and the one record of its end. */
  function begin(transport: Transport, options: Invocation) {
    const began = now()
    const argv = fullArguments(options.argv, {
      sudo: (options.sudo ?? false) && transport.sudo,
      env: options.env ?? {},
    })
    const expected = options.expected ?? [0]
    const finish = (
      end: Pick<Command, 'exit' | 'stdout' | 'stderr'> & { failure?: Command['failure'] | undefined },
    ) => {
      const milliseconds = now() - began
      const { failure, ...rest } = end
      const event = record({
        type: 'command',
        host: transport.name,
        purpose: clean(options.purpose),
        argv: argv.map(clean),
        expected,
        ...rest,
        ...(failure && { failure }),
        milliseconds,
      })
      return { milliseconds, ...(typeof event === 'number' && { event }) }
    }
    return {
      argv,
      line: commandLine(argv),
      right: (exit: Exit) => expected.length === 0 || (exit.code !== null && expected.includes(exit.code)),
      finish,
      failed: (exit: Exit, said: string, event: number | undefined) =>
        new CommandFailed({
          host: transport.name,
          purpose: clean(options.purpose),
          argv: argv.map(clean),
          exit: exit.code,
          signal: exit.signal,
          expected,
          said: clean(said),
          event,
        }),
    }
  }

  async function run(transport: Transport, options: RunOptions): Promise<RunResult> {
    const command = begin(transport, options)
    const stdout = collector(undefined, longest)
    const stderr = collector(undefined, longest)
    const limit = deadline(
      transport.name,
      options.timeoutMs,
      options.signal,
      () =>
        `'${clean(command.line)}' (${clean(options.purpose)}) did not end within ${options.timeoutMs} ms; it was told to ` +
        `stop, and may still run there. Connection: ${transport.state()} (${transport.reason()})`,
    )
    let exit: Exit
    try {
      const channel = await transport.exec(command.line, {
        ...(options.stdin !== undefined && { stdin: options.stdin }),
        signal: limit.signal,
      })
      channel.stdout.on('data', (chunk: Buffer) => stdout.add(chunk))
      channel.stderr.on('data', (chunk: Buffer) => stderr.add(chunk))
      exit = await channel.exit
    } catch (error) {
      const { event } = command.finish({
        exit: null,
        failure: failureOf(error),
        stdout: stdout.text(clean),
        stderr: withReason(stderr.text(clean), clean(messageOf(error))),
      })
      throw carrying(error, event)
    } finally {
      limit.dispose()
    }
    const failure = exit.code === null ? 'signal' : undefined
    const ended = command.finish({ exit: exit.code, failure, stdout: stdout.text(clean), stderr: stderr.text(clean) })
    if (!command.right(exit)) throw command.failed(exit, stderr.text() || stdout.text(), ended.event)
    return { exit: exit.code, stdout: stdout.text(), stderr: stderr.text(), ...ended, ...(failure && { failure }) }
  }

  async function stream(transport: Transport, options: StreamOptions): Promise<LineStream> {
    const command = begin(transport, options)
    const stderr = collector(streamErrorLimit, longest)
    let lines = 0
    const finish = (exit: number | null, failure: Command['failure'] | undefined, reason?: string) =>
      command.finish({
        exit,
        failure,
        stdout: `[fencelab: ${lines} lines, handed on as they came]`,
        stderr: reason === undefined ? stderr.text(clean) : withReason(stderr.text(clean), clean(reason)),
      })
    let channel: Channel
    try {
      channel = await transport.exec(command.line, {
        keepStdin: true,
        ...(options.signal && { signal: options.signal }),
      })
    } catch (error) {
      const { event } = finish(null, failureOf(error), messageOf(error))
      throw carrying(error, event)
    }

    let stopped = false
    let broken: { readonly error: unknown } | undefined
    /** What a listener throws is the caller's error: it ends the command and comes out of `done`. */
    const guarded = (listener: (line: string) => void) => (line: string) => {
      if (stopped) return
      try {
        listener(line)
      } catch (error) {
        broken = { error }
        stop()
      }
    }
    const stop = () => {
      if (stopped) return
      stopped = true
      channel.kill('TERM')
    }
    const out = lineSplitter(
      guarded((line) => {
        lines += 1
        options.onLine(line)
      }),
    )
    const errors = lineSplitter(guarded((line) => options.onError?.(line)))
    channel.stdout.on('data', (chunk: Buffer) => out.add(chunk))
    channel.stderr.on('data', (chunk: Buffer) => {
      stderr.add(chunk)
      errors.add(chunk)
    })

    const done = channel.exit.then(
      (exit) => {
        out.end()
        errors.end()
        if (broken) {
          finish(null, 'aborted', `its reader failed: ${messageOf(broken.error)}`)
          throw broken.error
        }
        if (stopped) {
          finish(exit.code, 'aborted', 'stopped by fencelab')
          return exit
        }
        const { event } = finish(exit.code, exit.code === null ? 'signal' : undefined)
        if (!command.right(exit)) throw command.failed(exit, stderr.text(), event)
        return exit
      },
      (error: unknown) => {
        const { event } = finish(null, failureOf(error), messageOf(error))
        throw carrying(error, event)
      },
    )
    // `done` is for whoever wants to know; the end is recorded in any case, so nobody has to listen
    done.catch(() => undefined)
    return {
      write: (line) => channel.write(`${line}\n`),
      end: () => channel.end(),
      done,
      stop,
    }
  }

  return { run, stream }
}

/** How the journal calls it. All that is neither a time limit nor an abort means: there was no connection to run it to its end. */
function failureOf(error: unknown): NonNullable<Command['failure']> {
  if (error instanceof HostError && (error.code === 'timeout' || error.code === 'aborted')) return error.code
  return 'gone'
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

const withReason = (stderr: string, reason: string) =>
  `${stderr}${stderr === '' || stderr.endsWith('\n') ? '' : '\n'}[fencelab: ${reason}]\n`

/** The same error, carrying the number of the event that recorded it. */
function carrying(error: unknown, event: number | undefined): unknown {
  if (error instanceof HostError && event !== undefined) Object.assign(error, { event })
  return error
}
