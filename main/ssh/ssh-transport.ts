/** A host over SSH: one connection, kept up for as long as the transport is open. */
import type { Duplex } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { HostError, HostGone, abortError } from '../transport/host-error.ts'
import type { Shell, ShellOptions, StateListener, Transport, TransportState } from '../transport/transport.ts'
import { type Dial, tcpDial } from './dial.ts'
import { type Connection, openConnection } from './ssh-connection.ts'
import { soonest } from './soonest.ts'
import { type SshTarget, type SshTimes, defaultSshTimes } from './ssh-target.ts'

export interface SshTransportOptions {
  readonly target: SshTarget
  readonly sudo?: boolean
  readonly times?: Partial<SshTimes>
  /** how to reach the target's address: TCP from here, or through a jump host (its `dial`) */
  readonly dial?: Dial
}

export interface SshTransport extends Transport {
  openShell(options: ShellOptions): Promise<Shell>
  /** Connects from this host to another address: what a host behind it takes as its `dial`. */
  readonly dial: Dial
}

/** Starts connecting at once, and reconnects whenever the connection is lost, until `close`. */
export function sshTransport(options: SshTransportOptions): SshTransport {
  return new Reconnecting(options)
}

class Reconnecting implements SshTransport {
  readonly name: string
  readonly sudo: boolean
  readonly #target: SshTarget
  readonly #times: SshTimes
  readonly #dialTarget: Dial
  readonly #listeners = new Set<StateListener>()
  /** those who wait for a connection; they look again whenever anything has changed */
  readonly #waiting = new Set<() => void>()
  #state: TransportState = 'connecting'
  #reason = 'first attempt'
  #connection: Connection | undefined
  /** why there is no connection, while there is none and an attempt has failed */
  #failure: HostError | undefined
  /** the loop has stopped trying, for `#failure`, until somebody asks again */
  #resting = false
  #admitted = false
  #closed = false
  /** aborts the present attempt, pause or rest, so that the loop starts over at once */
  #cycle = new AbortController()
  readonly #loop: Promise<void>

  constructor({ target, sudo = false, times = {}, dial = tcpDial }: SshTransportOptions) {
    this.name = target.name
    this.sudo = sudo
    this.#target = target
    this.#times = { ...defaultSshTimes, ...times }
    this.#dialTarget = dial
    this.#loop = this.#run()
  }

  state = () => this.#state
  reason = () => this.#reason

  onState(listener: StateListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async connected(signal?: AbortSignal): Promise<void> {
    this.#retry()
    await this.#until(() => {
      if (this.#connection) return true
      if (this.#resting && this.#failure) throw this.#failure
      return undefined
    }, signal)
  }

  async exec(...[commandLine, options = {}]: Parameters<Transport['exec']>) {
    return (await this.#usable(options.signal)).exec(commandLine, options)
  }

  async openShell(options: ShellOptions): Promise<Shell> {
    return (await this.#usable(options.signal)).openShell(options)
  }

  async openUnixSocket(path: string, signal?: AbortSignal): Promise<Duplex> {
    return (await this.#usable(signal)).openUnixSocket(path, signal)
  }

  readonly dial: Dial = async (name, address, port, signal) => {
    try {
      this.#retry()
      return await (await this.#usable(signal)).forward(address, port, signal)
    } catch (cause) {
      if (signal.aborted) throw abortError(name, signal, `connecting through ${this.name}`)
      if (!(cause instanceof HostError)) throw cause
      // what keeps us off the jump host for good keeps us off the host behind it for good
      const code = this.#resting ? cause.code : 'unreachable'
      throw new HostError(code, name, `cannot be reached through the jump host ${cause.message}`, { cause })
    }
  }

  poke(reason = 'a new connection was asked for'): void {
    if (this.#closed) return
    this.#failure = undefined
    this.#resting = false
    const connection = this.#connection
    this.#connection = undefined
    this.#set('connecting', reason)
    this.#cycle.abort()
    connection?.drop(reason)
  }

  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true
      this.#failure = new HostError('gone', this.name, 'its transport was closed; open the hosts again')
      const connection = this.#connection
      this.#connection = undefined
      this.#cycle.abort()
      await connection?.end()
      this.#set('gone', 'closed')
    }
    await this.#loop
  }

  /** Connect, stay, reconnect. Every turn of the loop can be cut short by `poke` and `close` through `#cycle`. */
  async #run(): Promise<void> {
    let backoff = 0
    while (!this.#closed) {
      this.#cycle = new AbortController()
      const { signal } = this.#cycle
      try {
        if (backoff > 0) await pause(backoff, undefined, { signal })
        backoff = Math.min(Math.max(2 * backoff, this.#times.backoffMinimumMs), this.#times.backoffMaximumMs)
        const since = await this.#stay(signal)
        // a connection that held was a good one: after it, be quick again
        if (performance.now() - since >= this.#times.backoffMaximumMs) backoff = this.#times.backoffMinimumMs
      } catch (error) {
        if (signal.aborted) {
          backoff = 0
          continue
        }
        const failure = error instanceof HostError ? error : unexpected(this.name, error)
        this.#failure = failure
        this.#resting = this.#isFinal(failure)
        this.#set('gone', failure.message)
        if (this.#resting) await aborted(signal)
      }
      if (signal.aborted) backoff = 0
    }
  }

  /** Connects and stays until the connection is lost. Returns when it was made (performance.now). */
  async #stay(signal: AbortSignal): Promise<number> {
    const connection: Connection = await soonest(
      (own, onGreeting) =>
        openConnection({
          target: this.#target,
          times: this.#times,
          dial: this.#dialTarget,
          signal: own,
          onGreeting,
          onSlow: (slow) => {
            if (this.#connection !== connection) return
            if (slow) this.#set('slow', `a keepalive has been unanswered for ${this.#times.keepaliveMs} ms`)
            else this.#set('connected', 'answers again')
          },
        }),
      this.#times.againMs,
      (late) => late.drop('another attempt was quicker'),
      signal,
    )
    if (signal.aborted) {
      connection.drop('no longer wanted')
      throw abortError(this.name, signal, 'connecting')
    }
    const since = performance.now()
    this.#admitted = true
    this.#failure = undefined
    this.#connection = connection
    this.#set('connected', `logged in as ${this.#target.user}@${this.#target.address}:${this.#target.port}`)
    const gone = await connection.lost
    if (this.#connection === connection) {
      this.#connection = undefined
      this.#failure = gone
      this.#set('gone', gone.message)
    }
    return since
  }

  /**
   * Trying again changes nothing, somebody has to act. A host that has let us in before may refuse us while it boots
   * (pam_nologin), so there it is worth trying again.
   */
  #isFinal({ code }: HostError): boolean {
    if (code === 'authentication') return !this.#admitted
    return code.startsWith('host-key-') || code === 'configuration'
  }

  #retry(): void {
    if (this.#resting) this.poke('asked to try again')
  }

  /** The connection to use now: waits while connecting, throws while there is none. */
  #usable(signal: AbortSignal | undefined): Promise<Connection> {
    return this.#until(() => {
      if (this.#connection) return this.#connection
      if (this.#failure) throw notConnected(this.name, this.#failure)
      return undefined
    }, signal)
  }

  /** Resolves with what `look` finds, which is asked now and at every change of state; rejects with what it throws. */
  #until<T>(look: () => T | undefined, signal: AbortSignal | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(abortError(this.name, signal, 'waiting for the connection'))
      const step = () => {
        try {
          if (this.#closed) throw this.#failure
          const found = look()
          if (found === undefined) return
          settle()
          resolve(found)
        } catch (error) {
          settle()
          reject(error)
        }
      }
      const onAbort = () => {
        settle()
        const doing = `waiting for the connection (${this.#state}: ${this.#reason})`
        reject(abortError(this.name, signal as AbortSignal, doing))
      }
      const settle = () => {
        this.#waiting.delete(step)
        signal?.removeEventListener('abort', onAbort)
      }
      this.#waiting.add(step)
      signal?.addEventListener('abort', onAbort, { once: true })
      step()
    })
  }

  #set(state: TransportState, reason: string): void {
    // coming to rest is news too: now it is known that trying again will not help
    const changed = state !== this.#state || this.#resting
    this.#state = state
    this.#reason = reason
    for (const look of [...this.#waiting]) look()
    if (!changed) return
    for (const listener of [...this.#listeners]) {
      try {
        listener(state, reason)
      } catch (error) {
        // the listener's fault must be heard, but must not pass for a failure of the connection
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}

/** A command that cannot even start, said with the cause. A lost connection stays `gone`, others keep their own code. */
function notConnected(name: string, failure: HostError): HostError {
  const message = `not connected: ${failure.message}`
  return failure.code === 'gone'
    ? new HostGone(name, message, { cause: failure })
    : new HostError(failure.code, name, message, { cause: failure })
}

const unexpected = (name: string, cause: unknown) =>
  new HostError('configuration', name, `cannot connect: ${cause instanceof Error ? cause.message : String(cause)}`, {
    cause,
  })

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
