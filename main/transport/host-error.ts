/** Why a host could not be used. A program may act on it; people read the message. */
export type HostErrorCode =
  | 'unreachable'
  | 'authentication'
  | 'host-key-unknown'
  | 'host-key-changed'
  | 'host-key-revoked'
  | 'gone'
  | 'timeout'
  | 'aborted'
  /** the host answers, but does not let us open what we asked for (MaxSessions, AllowTcpForwarding, no such socket) */
  | 'refused'
  /** what we were told about the host cannot be used (ssh configuration, key file) */
  | 'configuration'

/** Something about reaching or using `host` failed. The message says what, where and what to do about it. */
export class HostError extends Error {
  override readonly name: string = 'HostError'
  readonly code: HostErrorCode
  readonly host: string
  /** sequence number of the recorded command, where one was recorded */
  readonly event?: number

  constructor(code: HostErrorCode, host: string, message: string, more: { cause?: unknown; event?: number } = {}) {
    super(`${host}: ${message}`, more.cause === undefined ? {} : { cause: more.cause })
    this.code = code
    this.host = host
    if (more.event !== undefined) this.event = more.event
  }
}

/**
 * The connection that carried a command was lost before the command had ended: whether it ran, and to which end, is
 * not known. The transport reconnects by itself; what was running on the old connection is over for us.
 */
export class HostGone extends HostError {
  override readonly name = 'HostGone'

  constructor(host: string, message: string, more: { cause?: unknown; event?: number } = {}) {
    super('gone', host, message, more)
  }
}

/** The error for an AbortSignal that fired: `timeout` for one of AbortSignal.timeout, else `aborted`. */
export function abortError(host: string, signal: AbortSignal, doing: string): HostError {
  const reason: unknown = signal.reason
  if (reason instanceof HostError) return reason
  const timedOut = reason instanceof Error && reason.name === 'TimeoutError'
  return new HostError(
    timedOut ? 'timeout' : 'aborted',
    host,
    `${timedOut ? 'ran out of time' : 'was stopped'} while ${doing}`,
    { cause: reason },
  )
}
