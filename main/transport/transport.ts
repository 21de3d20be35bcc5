/** A way to one host: run commands there, and reach its unix sockets. Over SSH, or this machine itself. */
import type { Duplex, Readable } from 'node:stream'

/**
 * `connecting`: the first attempt, or one after `poke`. `connected`: answers. `slow`: the TCP connection stands, but a
 * keepalive is unanswered for one interval. `gone`: closed, reset, refused, or unanswered for the whole count of
 * keepalives; the transport goes on trying to reconnect, and stays `gone` until it has. None of them says anything
 * about the health of the host beyond that.
 */
export type TransportState = 'connected' | 'connecting' | 'slow' | 'gone'

/** @param reason why, in words for people; goes into the `connection` event */
export type StateListener = (state: TransportState, reason: string) => void

export interface Transport {
  /** the host's name in the testbed */
  readonly name: string
  /** root is had through `sudo -n` on this host (false: the login is root, or nothing there needs root) */
  readonly sudo: boolean
  state(): TransportState
  /** why the state is what it is, in words */
  reason(): string
  /** Calls `listener` on every change of state from now on. Returns what ends it. */
  onState(listener: StateListener): () => void
  /**
   * Resolves when the host is connected (at once if it is). Waits through unreachability until `signal` fires. Rejects
   * with a HostError where waiting is of no use: `host-key-*`, `configuration`, `authentication` of a host that has never
   * let us in; `aborted` or `timeout` (AbortSignal.timeout) when the signal fires, naming the last reason.
   */
  connected(signal?: AbortSignal): Promise<void>
  /**
   * Starts one command line under the host's shell (build it with `commandLine` of main/transport/quote.ts). Waits while
   * `connecting`; rejects with HostError at once while `gone`. `signal` kills the command and closes the channel.
   * Use the runner (main/hosts/runner.ts), which records; this is what it stands on.
   */
  exec(commandLine: string, options?: ExecOptions): Promise<Channel>
  /** Connects to a unix stream socket on the host. The stream is destroyed with HostGone when the connection is lost. */
  openUnixSocket(path: string, signal?: AbortSignal): Promise<Duplex>
  /**
   * Opens a shell with a terminal of its own on the connection that exists, or runs a command line in one. Rejects like
   * `exec`, and with HostError `refused` where all sessions of the connection are in use. Absent where there is no other
   * host to open one on (this machine).
   */
  openShell?(options: ShellOptions): Promise<Shell>
  /**
   * Drops the present connection and connects anew at once: for when it is known to be dead though silent, as after a
   * machine's snapshot was loaded. Commands that were running end with HostGone. No-op on this machine.
   */
  poke(reason?: string): void
  /** Ends everything that runs through it. It does not reconnect any more. */
  close(): Promise<void>
}

export interface ExecOptions {
  /** what the command reads on its standard input; then end of file. Without it: end of file at once, see `keepStdin` */
  readonly stdin?: string | Uint8Array
  /** leave the standard input open after `stdin`, for `write` and `end` */
  readonly keepStdin?: boolean
  readonly signal?: AbortSignal
}

export interface ShellOptions {
  readonly columns: number
  readonly rows: number
  /** what runs in it; without it the login shell */
  readonly commandLine?: string
  readonly signal?: AbortSignal
}

/** What runs in a terminal on a host. */
export interface Shell {
  /** what it prints, both outputs as one. Paused, the host's program stops when the buffers on the way are full */
  readonly output: Readable
  write(text: string): void
  resize(columns: number, rows: number): void
  /** hangs up */
  close(): void
  /** How it ended. Rejects with HostGone when the connection was lost. */
  readonly exit: Promise<Exit>
}

/** A running command. Both outputs must be read (or resumed), else the host's command stalls. */
export interface Channel {
  readonly stdout: Readable
  readonly stderr: Readable
  /** Writes to the command's standard input. Ignored once the command has ended. */
  write(data: string | Uint8Array): void
  /** Closes the command's standard input. */
  end(): void
  /**
   * Signals the command (name without SIG; default KILL) as far as the host lets us, and closes the channel. `exit` then
   * settles at once: with what is known.
   */
  kill(signal?: string): void
  /** When the command has ended and both outputs are complete. Rejects with HostGone when the connection was lost. */
  readonly exit: Promise<Exit>
}

/** How a command ended: by itself with `code`, or by `signal` (name without SIG). Both null: we closed the channel. */
export interface Exit {
  readonly code: number | null
  readonly signal: string | null
}
