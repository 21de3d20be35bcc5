/** ssh2's channels in the shapes of main/transport/transport.ts. */
import { Duplex } from 'node:stream'
import type { ClientChannel, Channel as RawChannel } from 'ssh2'
import { deferred } from '../transport/deferred.ts'
import { type HostGone, abortError } from '../transport/host-error.ts'
import type { Channel, Exit, Shell } from '../transport/transport.ts'

/** Calls back when the connection under the channel is lost. Returns what ends the subscription. */
export type OnLost = (listener: (gone: HostGone) => void) => () => void

/** A command on a session channel. */
export function execChannel(
  host: string,
  raw: ClientChannel,
  { signal, onLost }: { signal: AbortSignal | undefined; onLost: OnLost },
): Channel {
  const { promise, resolve, reject } = deferred<Exit>()
  let ended: Exit = { code: null, signal: null }
  const settle = () => {
    signal?.removeEventListener('abort', onAbort)
  }
  const kill = (name = 'KILL') => {
    abandon(raw, name)
    settle()
    resolve({ code: null, signal: null })
  }
  const onAbort = () => {
    reject(abortError(host, signal as AbortSignal, 'running a command'))
    kill()
  }
  const forget = onLost((gone) => {
    settle()
    reject(gone)
  })
  signal?.addEventListener('abort', onAbort, { once: true })
  raw.on('exit', (code: number | null, name?: string) => {
    ended = { code, signal: name?.replace(/^SIG/, '') ?? null }
  })
  raw.on('close', () => {
    forget()
    settle()
    resolve(ended)
  })
  // a write that came too late; `exit` tells what became of the command
  raw.on('error', () => undefined)
  // whoever runs the command awaits `exit`; it must not end the program where somebody does not
  promise.catch(() => undefined)
  return {
    stdout: raw,
    stderr: raw.stderr,
    write: (data) => {
      if (raw.writable) raw.write(data)
    },
    end: () => {
      raw.end()
    },
    kill,
    exit: promise,
  }
}

/** A shell with a terminal on a session channel. What it writes to its standard error comes with the rest. */
export function shellChannel(
  host: string,
  raw: ClientChannel,
  { signal, onLost }: { signal: AbortSignal | undefined; onLost: OnLost },
): Shell {
  const channel = execChannel(host, raw, { signal, onLost })
  channel.stderr.resume()
  return {
    output: raw,
    write: (text) => channel.write(text),
    resize: (columns, rows) => {
      if (raw.writable) raw.setWindow(rows, columns, 0, 0)
    },
    close: () => channel.kill('HUP'),
    exit: channel.exit,
  }
}

/**
 * Sends a `signal` request (RFC 4254 6.9). ssh2's own method refuses once our side has sent EOF, which every command
 * without standard input has; the protocol allows it until the channel is closed.
 */
export function sendSignal(raw: RawChannel, name: string): void {
  const inner = raw as unknown as {
    outgoing: { id: number; state: string }
    _client: { _protocol: { signal(id: number, name: string): void } }
  }
  if (inner.outgoing.state !== 'open' && inner.outgoing.state !== 'eof') return
  inner._client._protocol.signal(inner.outgoing.id, name)
}

/** Ends a channel that nobody wants any more, with the command that runs on it, if any. */
export function abandon(raw: RawChannel, signal = 'KILL'): void {
  if (raw.type === 'session') sendSignal(raw, signal)
  raw.close()
  // what is still on its way must be read, else the channel never closes
  raw.resume()
  ;(raw as ClientChannel).stderr.resume()
}

/** A forwarded connection as a stream that ends with an error, HostGone, when the connection under it is lost. */
export function channelStream(raw: RawChannel, onLost: OnLost): Duplex {
  let closed = false
  const stream = new Duplex({
    read: () => {
      raw.resume()
    },
    write(chunk: Buffer, _encoding, done) {
      if (closed) done(new Error('The other side has closed the forwarded connection'))
      else raw.write(chunk, done)
    },
    final(done) {
      raw.end()
      done()
    },
    destroy(error, done) {
      forget()
      raw.close()
      raw.resume()
      done(error)
    },
  })
  const forget = onLost((gone) => stream.destroy(gone))
  raw.on('data', (chunk: Buffer) => {
    if (!stream.destroyed && !stream.push(chunk)) raw.pause()
  })
  raw.on('end', () => {
    if (!stream.destroyed) stream.push(null)
  })
  raw.on('close', () => {
    closed = true
    forget()
    if (!stream.destroyed) stream.end()
  })
  raw.on('error', (error: Error) => stream.destroy(error))
  return stream
}
