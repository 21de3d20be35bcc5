/** This machine as a host: a hypervisor that is the lab's own computer. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { connect } from 'node:net'
import { deferred } from '../transport/deferred.ts'
import { HostError, HostGone, abortError } from '../transport/host-error.ts'
import type { Channel, Exit, Transport } from '../transport/transport.ts'

export interface LocalTransportOptions {
  readonly name: string
  readonly sudo?: boolean
}

/** Commands run under /bin/sh with this process's environment, each as its own process group. Always `connected`. */
export function localTransport({ name, sudo = false }: LocalTransportOptions): Transport {
  const running = new Set<LocalChannel>()
  let closed = false
  const usable = () => {
    if (closed) throw new HostError('gone', name, 'its transport was closed; open the hosts again')
  }
  return {
    name,
    sudo,
    state: () => (closed ? 'gone' : 'connected'),
    reason: () => (closed ? 'closed' : 'this machine'),
    onState: () => () => undefined,
    async connected(signal) {
      if (signal?.aborted) throw abortError(name, signal, 'connecting')
      usable()
    },
    async exec(commandLine, { stdin, keepStdin = false, signal } = {}) {
      usable()
      if (signal?.aborted) throw abortError(name, signal, 'starting a command')
      const child = spawn('/bin/sh', ['-c', commandLine], {
        detached: true,
        stdio: ['pipe', 'pipe', 'pipe'],
        // what commands say is read: in one language, as over SSH
        env: { ...process.env, LC_ALL: 'C' },
      })
      const channel = childChannel(name, child, signal)
      running.add(channel)
      const over = () => running.delete(channel)
      channel.exit.then(over, over)
      if (stdin !== undefined) channel.write(stdin)
      if (!keepStdin) channel.end()
      return channel
    },
    openUnixSocket(path, signal) {
      return new Promise((resolve, reject) => {
        usable()
        if (signal?.aborted) return reject(abortError(name, signal, `connecting to ${path}`))
        const socket = connect(path)
        const onAbort = () => socket.destroy(abortError(name, signal as AbortSignal, `connecting to ${path}`))
        const onError = (cause: Error) => {
          signal?.removeEventListener('abort', onAbort)
          if (cause instanceof HostError) return reject(cause)
          reject(
            new HostError('refused', name, `cannot connect to the unix socket ${path}: ${cause.message}`, { cause }),
          )
        }
        signal?.addEventListener('abort', onAbort, { once: true })
        socket.once('error', onError)
        socket.once('connect', () => {
          signal?.removeEventListener('abort', onAbort)
          socket.off('error', onError)
          resolve(socket)
        })
      })
    },
    poke: () => undefined,
    async close() {
      closed = true
      for (const channel of [...running]) channel.lose(new HostGone(name, 'its transport was closed'))
    },
  }
}

interface LocalChannel extends Channel {
  /** asks the command to end (TERM), and ends waiting for it with `error` */
  lose(error: HostGone): void
}

function childChannel(
  host: string,
  child: ChildProcessWithoutNullStreams,
  signal: AbortSignal | undefined,
): LocalChannel {
  const { promise, resolve, reject } = deferred<Exit>()
  const settle = () => signal?.removeEventListener('abort', onAbort)
  const kill = (name = 'KILL') => {
    signalGroup(child, name)
    child.stdin.destroy()
    child.stdout.destroy()
    child.stderr.destroy()
    settle()
    resolve({ code: null, signal: null })
  }
  const onAbort = () => {
    reject(abortError(host, signal as AbortSignal, 'running a command'))
    kill()
  }
  signal?.addEventListener('abort', onAbort, { once: true })
  child.once('error', (cause) => {
    settle()
    reject(new HostError('configuration', host, `cannot start /bin/sh: ${cause.message}`, { cause }))
  })
  child.once('close', (code, by) => {
    settle()
    resolve({ code, signal: by === null ? null : by.replace(/^SIG/, '') })
  })
  // a command may end without reading its input (EPIPE): its exit tells what became of it
  child.stdin.on('error', () => undefined)
  // whoever runs the command awaits `exit`; it must not end the program where somebody does not
  promise.catch(() => undefined)
  return {
    stdout: child.stdout,
    stderr: child.stderr,
    write: (data) => {
      if (child.stdin.writable) child.stdin.write(data)
    },
    end: () => {
      child.stdin.end()
    },
    kill,
    lose: (error) => {
      reject(error)
      kill('TERM')
    },
    exit: promise,
  }
}

/** Signals the shell and what it started, as sshd does. What runs as another user (sudo) may be out of reach. */
function signalGroup(child: ChildProcessWithoutNullStreams, name: string): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, `SIG${name}` as NodeJS.Signals)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    // it has just ended, or it is not ours to signal: then closing its pipes is all that can be done
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
  }
}
