/** Everything that one connection needs to know, with configuration and defaults already applied. */
export interface SshTarget {
  /** the host's name in the testbed: what messages call it */
  readonly name: string
  readonly address: string
  readonly port: number
  readonly user: string
  /** private keys to offer; one that is `required` must be there */
  readonly keys: readonly { readonly path: string; readonly required: boolean }[]
  /** socket of an ssh agent */
  readonly agent?: string
  /** offer only those of the agent's keys whose public half lies beside one of `keys` */
  readonly onlyTheseKeys: boolean
  /** files that are asked for the host's key; a missing one is empty */
  readonly knownHosts: readonly string[]
  /** looked up in known_hosts instead of address and port (ssh's HostKeyAlias) */
  readonly hostKeyAlias?: string
}

/** Milliseconds, and how many. */
export interface SshTimes {
  /** a keepalive is sent when the one before was answered this long ago; unanswered for as long again: `slow` */
  readonly keepaliveMs: number
  /** this many unanswered in a row: `gone` */
  readonly keepaliveCount: number
  /** from the first packet until we are let in */
  readonly attemptMs: number
  /** without a word from the host for so long, another attempt begins beside the first */
  readonly againMs: number
  /** pause before reconnecting, doubling from the one to the other */
  readonly backoffMinimumMs: number
  readonly backoffMaximumMs: number
  /** commands at a time on one connection; more wait. sshd's MaxSessions is 10 unless configured otherwise */
  readonly sessions: number
}

export const defaultSshTimes: SshTimes = {
  keepaliveMs: 2_000,
  keepaliveCount: 5,
  attemptMs: 10_000,
  againMs: 2_500,
  backoffMinimumMs: 50,
  backoffMaximumMs: 1_000,
  sessions: 10,
}
