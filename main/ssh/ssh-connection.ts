/** One SSH connection, from the first packet until it is lost. What reconnects is main/ssh/ssh-transport.ts. */
import { readFile } from 'node:fs/promises'
import type { Duplex } from 'node:stream'
import ssh2 from 'ssh2'
import type { ClientChannel, Channel as RawChannel } from 'ssh2'
import { deadline } from '../transport/deadline.ts'
import { deferred } from '../transport/deferred.ts'
import { HostError, HostGone, abortError } from '../transport/host-error.ts'
import type { Channel, ExecOptions, Shell, ShellOptions } from '../transport/transport.ts'
import { credentials } from './credentials.ts'
import type { Dial } from './dial.ts'
import { hostKeyError } from './host-key-error.ts'
import { checkHostKey, knownHostName, parseKnownHosts, preferredAlgorithms } from './known-hosts.ts'
import { slots } from './slots.ts'
import { abandon, channelStream, execChannel, sendSignal, shellChannel } from './ssh-channel.ts'
import type { SshTarget, SshTimes } from './ssh-target.ts'

export interface Connection {
  exec(commandLine: string, options: ExecOptions): Promise<Channel>
  openShell(options: ShellOptions): Promise<Shell>
  openUnixSocket(path: string, signal?: AbortSignal): Promise<Duplex>
  /** a TCP connection that starts at the host */
  forward(address: string, port: number, signal?: AbortSignal): Promise<Duplex>
  /** resolves (never rejects) when the connection is over, with why */
  readonly lost: Promise<HostGone>
  /** ends it at once, for the reason given */
  drop(reason: string): void
  /** asks what runs on it to end (TERM), says goodbye, closes */
  end(): Promise<void>
}

/** how long a terminal waits for a session, where all are in use */
const shellMs = 4000
/** how long saying goodbye may take */
const closingMs = 500
/**
 * How often a command is given to the host until it takes it. One that it did not take has not run, so it can be given
 * again: dropbear (2022.83) closes a channel without an answer when another command ends at that moment.
 */
const startTries = 5
/** ssh2's word for a command whose channel was opened and which was not taken */
const notTaken = 'Unable to exec'

export interface ConnectionOptions {
  readonly target: SshTarget
  readonly times: SshTimes
  readonly dial: Dial
  /** the host has said its first word */
  onGreeting(): void
  /** a keepalive is overdue (true), or the host is heard again (false) */
  onSlow(slow: boolean): void
  readonly signal: AbortSignal
}

type Stage = 'connecting' | 'waiting for its greeting' | 'agreeing on keys' | 'logging in'

/**
 * Connects, checks the host's key, logs in.
 *
 * @throws {HostError} unreachable, authentication, host-key-*, configuration; what `signal` says
 */
export async function openConnection({
  target,
  times,
  dial,
  onGreeting,
  onSlow,
  signal,
}: ConnectionOptions): Promise<Connection> {
  const where = `${target.user}@${target.address}:${target.port}`
  const { methods, offered } = await credentials(target)
  const known = (await Promise.all(target.knownHosts.map(readKnownHosts))).flat()
  const name = target.hostKeyAlias ?? knownHostName(target.address, target.port)
  let stage: Stage = 'connecting'
  const limit = deadline(target.name, times.attemptMs, signal, () => 'the attempt took too long')
  const client = new ssh2.Client()
  let socket: Duplex | undefined
  try {
    socket = await dial(target.name, target.address, target.port, limit.signal)
    // read by nobody once the client has let go of it: a late reset must not end the program
    socket.on('error', () => undefined)
    const onAbort = deferred<never>()
    const abort = () => onAbort.reject(limit.signal.reason)
    if (limit.signal.aborted) abort()
    limit.signal.addEventListener('abort', abort, { once: true })
    onAbort.promise.catch(() => undefined)
    await Promise.race([onAbort.promise, logIn(socket)])
  } catch (error) {
    client.on('error', () => undefined)
    client.destroy()
    socket?.destroy()
    if (signal.aborted) throw abortError(target.name, signal, `connecting to ${where}`)
    if (limit.signal.aborted) {
      throw new HostError(
        'unreachable',
        target.name,
        `could not log in to ${where} within ${times.attemptMs} ms: it ended while ${stage}. ${stage === 'connecting' ? 'Is the host up?' : 'Something accepts connections there, but no sshd answers in time; is the host hung or starting?'}`,
        { cause: error },
      )
    }
    throw error
  } finally {
    limit.dispose()
  }
  return established(client, socket)

  function logIn(stream: Duplex): Promise<void> {
    return new Promise((resolve, reject) => {
      stage = 'waiting for its greeting'
      stream.once('data', onGreeting)
      let refusal: HostError | undefined
      let accepted: readonly string[] = []
      const notes: string[] = []
      let next = 0
      client.once('ready', resolve)
      client.on('handshake', () => {
        stage = 'logging in'
      })
      client.on('error', (cause: Error & { level?: string }) => {
        if (refusal) return reject(refusal)
        const final = cause.message === 'All configured authentication methods failed'
        if (cause.level === 'agent' || (cause.level === 'client-authentication' && !final)) {
          // one key or the agent failed; the others are still tried
          notes.push(cause.message)
          return
        }
        if (!final) return reject(connectError(cause))
        const message =
          `${where} refused the login. Offered: ${offered.join('; ')}. It accepts: ${accepted.join(', ') || 'nothing it told'}. ` +
          `${notes.length ? `Noted: ${notes.join('; ')}. ` : ''}Put the public key into ~${target.user}/.ssh/authorized_keys there`
        reject(new HostError('authentication', target.name, message, { cause }))
      })
      client.once('close', () => reject(refusal ?? connectError(new Error('it closed the connection'))))
      client.connect({
        sock: stream,
        username: target.user,
        readyTimeout: 0,
        keepaliveInterval: times.keepaliveMs,
        keepaliveCountMax: times.keepaliveCount,
        // the ways to unix sockets are OpenSSH's, but others speak them too; let the answer tell
        strictVendor: false,
        // ssh2 puts the fastest first by itself (curve25519, AES-GCM where the processor has AES)
        algorithms: { serverHostKey: preferredAlgorithms(known, name) },
        hostVerifier: (key: Buffer) => {
          stage = 'agreeing on keys'
          refusal = hostKeyError(target, key, checkHostKey(known, name, key))
          return refusal === undefined
        },
        authHandler: (left, _partial, give) => {
          accepted = left ?? accepted
          const method = methods[next++]
          // ssh2's types lack the false that its documentation asks for when nothing is left
          give(method ?? (false as unknown as 'none'))
        },
      })
    })
  }

  function connectError(cause: Error): HostError {
    return new HostError('unreachable', target.name, `${where}: ${cause.message} (while ${stage})`, { cause })
  }

  function established(client: ssh2.Client, stream: Duplex): Connection {
    const listeners = new Set<(gone: HostGone) => void>()
    const lost = deferred<HostGone>()
    const sessions = slots(times.sessions)
    const commands = new Set<ClientChannel>()
    let gone: HostGone | undefined

    const onLost = (listener: (gone: HostGone) => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    }
    const lose = (reason: string, cause?: unknown) => {
      if (gone) return
      gone = new HostGone(target.name, `the connection to ${where} was lost: ${reason}`, { cause })
      clearTimeout(overdue)
      sessions.fail(gone)
      for (const listener of [...listeners]) listener(gone)
      listeners.clear()
      client.destroy()
      stream.destroy()
      lost.resolve(gone)
    }
    client.removeAllListeners('error').removeAllListeners('close')
    client.on('error', (cause: Error & { level?: string }) => {
      if (cause.level === 'client-timeout') {
        lose(`${times.keepaliveCount} keepalives in a row went unanswered (one every ${times.keepaliveMs} ms)`, cause)
      } else lose(cause.message, cause)
    })
    client.on('end', () => lose('the host ended it'))
    client.on('close', () => lose('it was closed'))

    // a keepalive leaves `keepaliveMs` after the last answer; not a byte for as long again means that it is overdue
    let slow = false
    const overdue = setTimeout(() => {
      // a program that was itself busy has not looked yet: read first, then judge
      setImmediate(() => {
        if (gone || heardMeanwhile) return
        slow = true
        onSlow(true)
      })
      let heardMeanwhile = false
      stream.once('data', () => {
        heardMeanwhile = true
      })
    }, 2 * times.keepaliveMs)
    stream.on('data', () => {
      if (gone) return
      overdue.refresh()
      if (!slow) return
      slow = false
      onSlow(false)
    })

    /**
     * Opens a channel; a failure says what was asked for and what may be in the way. `wrap` is called within the very
     * callback: the command's end may lie in the same packet as the answer, and its events wait for nobody.
     */
    function open<T extends RawChannel, R>(
      start: (callback: (error: Error | undefined, channel: T) => void) => void,
      wrap: (channel: T) => R,
      doing: string,
      hint: string,
      abort: AbortSignal | undefined,
    ): Promise<R> {
      return new Promise((resolve, reject) => {
        if (gone) return reject(gone)
        if (abort?.aborted) return reject(abortError(target.name, abort, doing))
        const settle = () => {
          forget()
          abort?.removeEventListener('abort', onAbort)
        }
        const onAbort = () => {
          settle()
          reject(abortError(target.name, abort as AbortSignal, doing))
        }
        const forget = onLost((error) => {
          settle()
          reject(error)
        })
        abort?.addEventListener('abort', onAbort, { once: true })
        start((cause, channel) => {
          settle()
          if (gone) return reject(gone)
          if (cause) {
            return reject(new HostError('refused', target.name, `${doing}: ${cause.message} (${hint})`, { cause }))
          }
          // too late: nobody wants it any more
          if (abort?.aborted) abandon(channel)
          else resolve(wrap(channel))
        })
      })
    }

    return {
      async exec(commandLine, { stdin, keepStdin = false, signal: abort }) {
        const release = await sessions.take(abort).catch((error: unknown) => {
          throw abort?.aborted ? abortError(target.name, abort, 'waiting for a free session') : error
        })
        let started = false
        /** The host counts a session until its channel is closed, wanted by us or not: so does the slot. */
        const start = (callback: (error: Error | undefined, channel: ClientChannel) => void, tries = 1) => {
          started = true
          // sshd takes it where AcceptEnv says LC_*, as Debian's and Red Hat's do; elsewhere it is ignored
          client.exec(commandLine, { env: { LC_ALL: 'C' } }, (error, channel) => {
            const again = error?.message === notTaken && tries < startTries && !gone && !abort?.aborted
            if (again) return start(callback, tries + 1)
            if (error) release()
            else {
              commands.add(channel)
              channel.on('close', () => {
                commands.delete(channel)
                release()
              })
            }
            callback(error, channel)
          })
        }
        const channel = await open(
          (callback: (error: Error | undefined, channel: ClientChannel) => void) => start(callback),
          (raw) => execChannel(target.name, raw, { signal: abort, onLost }),
          'starting a command',
          `sshd allows as many sessions on a connection as its MaxSessions says; fencelab uses up to ${times.sessions}`,
          abort,
        ).finally(() => {
          if (!started) release()
        })
        if (stdin !== undefined) channel.write(stdin)
        if (!keepStdin) channel.end()
        return channel
      },
      async openShell({ columns, rows, commandLine, signal: abort }) {
        const patience = AbortSignal.any([...(abort ? [abort] : []), AbortSignal.timeout(shellMs)])
        const release = await sessions.take(patience).catch((error: unknown) => {
          if (abort?.aborted) throw abortError(target.name, abort, 'waiting for a free session')
          if (error instanceof HostError) throw error
          throw new HostError(
            'refused',
            target.name,
            `all ${times.sessions} sessions of its connection are in use: close a terminal on it, or wait until less is being watched`,
          )
        })
        const terminal = { term: 'xterm-256color', cols: columns, rows, width: 0, height: 0 }
        try {
          return await open<ClientChannel, Shell>(
            (callback) =>
              void (commandLine === undefined
                ? client.shell(terminal, callback)
                : client.exec(commandLine, { pty: terminal }, callback)),
            (raw) => {
              commands.add(raw)
              raw.on('close', () => {
                commands.delete(raw)
                release()
              })
              return shellChannel(target.name, raw, { signal: abort, onLost })
            },
            'opening a terminal',
            `does its sshd allow terminals (PermitTTY)? It allows as many sessions on a connection as its MaxSessions says; fencelab uses up to ${times.sessions}`,
            abort,
          )
        } catch (error) {
          release()
          throw error
        }
      },
      async openUnixSocket(path, abort) {
        return open<RawChannel, Duplex>(
          (callback) => void client.openssh_forwardOutStreamLocal(path, callback),
          (raw) => channelStream(raw, onLost),
          `connecting to the unix socket ${path} there`,
          'does the socket exist, may we use it, does sshd have AllowStreamLocalForwarding?',
          abort,
        )
      },
      async forward(address, port, abort) {
        return open<RawChannel, Duplex>(
          (callback) => void client.forwardOut('127.0.0.1', 0, address, port, callback),
          (raw) => channelStream(raw, onLost),
          `connecting from there to ${address}:${port}`,
          'is that host up, does sshd have AllowTcpForwarding?',
          abort,
        )
      },
      lost: lost.promise,
      drop: (reason) => lose(reason),
      async end() {
        if (gone) return
        for (const command of commands) sendSignal(command, 'TERM')
        const flushed = deferred<void>()
        // a host that takes nothing more does not keep us from closing
        const giveUp = setTimeout(() => flushed.resolve(), closingMs)
        stream.once('finish', () => flushed.resolve())
        client.end()
        await flushed.promise
        clearTimeout(giveUp)
        lose('closed by fencelab')
      },
    }
  }
}

async function readKnownHosts(file: string) {
  try {
    return parseKnownHosts(await readFile(file, 'utf8'), file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
