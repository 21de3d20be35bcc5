/**
 * A host to test against: a real SSH server (ssh2's) whose commands are real /bin/sh processes, with TCP and unix socket
 * forwarding as sshd has it. In front of it stands a relay that can do what networks and dying hosts do.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { type AddressInfo, type Socket, connect, createServer } from 'node:net'
import { spawn as spawnPty, type IPty } from '@lydell/node-pty'
import ssh2 from 'ssh2'
import { type KeyKind, makeKeyPair } from './keys.ts'

export interface FakeHost {
  readonly port: number
  /** private key (PEM) that it lets in */
  readonly clientKey: string
  /** the first of its present host keys as a known_hosts line for `[127.0.0.1]:port` */
  knownHostsLine(): string
  /** connections that were accepted so far */
  connections(): number
  /** commands that were run so far, as they came over the wire */
  readonly commands: readonly string[]
  /** the most commands that ran at the same time */
  busiest(): number
  /** Has other host keys from the next connection on: one of each of these kinds (ed25519 if none is named). */
  changeHostKey(...kinds: readonly KeyKind[]): Promise<void>
  /** Present connections go silent, both ways, without being closed; `silent(false)` lets everything through again. */
  silent(on: boolean): void
  /** Present connections are dead for ever and silent; new ones work: a machine whose snapshot was loaded. */
  freezePresent(): void
  /** What it sends comes in lumps from now on: all that it says within so many milliseconds arrives at once. */
  lump(milliseconds: number): void
  /** Resets all connections. */
  drop(): void
  /** Refuses new connections (nothing listens), or listens again. */
  refuse(on: boolean): Promise<void>
  /** Does not take the next so many commands: they do not run. */
  turnAway(commands: number): void
  /** Whether it lets anybody in. */
  admit(on: boolean): void
  close(): Promise<void>
}

const client = makeKeyPair()

export async function fakeHost({ sessions = 10 } = {}): Promise<FakeHost> {
  let hostKeys = [makeKeyPair()]
  let admitting = true
  let accepted = 0
  let silenced = false
  let lumpMs = 0
  let turnedAway = 0
  let busiest = 0
  const commands: string[] = []
  const children = new Set<ChildProcess>()
  const terminals = new Set<IPty>()
  const pairs = new Set<{ readonly front: Socket; readonly back: Socket }>()

  let inner = startInner()
  let innerPort = await listen(inner, 0)

  const front = createServer({ noDelay: true }, (socket) => {
    accepted += 1
    const back = connect({ port: innerPort, host: '127.0.0.1', noDelay: true })
    const pair = { front: socket, back }
    pairs.add(pair)
    const pump = (from: Socket, to: Socket) => {
      let held: Buffer[] | undefined
      from.on('data', (chunk) => {
        if (from !== back || lumpMs === 0) return void to.write(chunk)
        if (held) return void held.push(chunk)
        held = [chunk]
        setTimeout(() => {
          if (to.writable) to.write(Buffer.concat(held ?? []))
          held = undefined
        }, lumpMs)
      })
      from.on('error', () => to.destroy())
      from.on('close', () => {
        pairs.delete(pair)
        to.destroy()
      })
    }
    pump(socket, back)
    pump(back, socket)
    if (silenced) for (const one of [socket, back]) one.pause()
  })
  const port = await listen(front, 0)

  function startInner() {
    const server = new ssh2.Server({ hostKeys: hostKeys.map((key) => key.private) }, (connection) => {
      let open = 0
      connection.on('error', () => undefined)
      // as sshd does; it is there, but not in the types
      ;(connection as unknown as { setNoDelay(on: boolean): void }).setNoDelay(true)
      connection.on('authentication', (context) => {
        const allowed = ssh2.utils.parseKey(client.public)
        if (allowed instanceof Error) throw allowed
        if (!admitting || context.method !== 'publickey' || !context.key.data.equals(allowed.getPublicSSH())) {
          return context.reject(['publickey'])
        }
        if (!context.signature) return context.accept()
        if (allowed.verify(context.blob as Buffer, context.signature, context.hashAlgo)) context.accept()
        else context.reject(['publickey'])
      })
      connection.on('session', (accept, reject) => {
        if (open >= sessions) return reject()
        open += 1
        busiest = Math.max(busiest, open)
        const session = accept()
        let child: ChildProcess | undefined
        // ssh2's server hears no signal after the client's EOF; sshd does (session_signal_req looks at the session alone)
        session.on('end', () => {
          ;(session as unknown as { _ending: boolean })._ending = false
        })
        session.on('close', () => {
          open -= 1
        })
        session.on('signal', (_accept: unknown, _reject: unknown, info: { name: string }) => {
          if (child?.pid !== undefined) process.kill(-child.pid, `SIG${info.name}` as NodeJS.Signals)
        })
        let size: { readonly cols: number; readonly rows: number } | undefined
        let terminal: IPty | undefined
        session.on('pty', (acceptPty, _reject, info) => {
          size = { cols: info.cols, rows: info.rows }
          acceptPty?.()
        })
        session.on('window-change', (acceptChange, _reject, info) => {
          terminal?.resize(info.cols, info.rows)
          acceptChange?.()
        })
        session.on('shell', (acceptShell) => {
          terminal = inTerminal(acceptShell(), [], size)
        })
        session.on('exec', (acceptExec, rejectExec, info) => {
          if (turnedAway > 0) {
            turnedAway -= 1
            return rejectExec()
          }
          commands.push(info.command)
          const channel = acceptExec()
          if (size) {
            terminal = inTerminal(channel, ['-c', info.command], size)
            return
          }
          const started = spawn('/bin/sh', ['-c', info.command], { detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
          child = started
          children.add(started)
          channel.on('data', (chunk: Buffer) => started.stdin.write(chunk))
          channel.on('end', () => started.stdin.end())
          started.stdin.on('error', () => undefined)
          started.stdout.on('data', (chunk: Buffer) => channel.write(chunk))
          started.stderr.on('data', (chunk: Buffer) => channel.stderr.write(chunk))
          started.on('close', (code, signal) => {
            children.delete(started)
            if (signal) channel.exit(signal.replace(/^SIG/, ''), false, '')
            else channel.exit(code ?? 0)
            channel.end()
          })
        })
      })
      connection.on('tcpip', (accept, reject, info) => {
        forward(connect({ port: info.destPort, host: info.destIP, noDelay: true }), accept, reject)
      })
      connection.on('openssh.streamlocal', (accept, reject, info) => {
        forward(connect(info.socketPath), accept, reject)
      })
    })
    return server
  }

  /** A real shell in a real terminal; what it prints waits while the channel takes no more. */
  function inTerminal(channel: ssh2.ServerChannel, words: string[], size = { cols: 80, rows: 24 }): IPty {
    const terminal = spawnPty('/bin/sh', words, {
      name: 'xterm-256color',
      ...size,
      cwd: '/',
      env: { ...process.env, PS1: '$ ', ENV: '' },
    })
    terminals.add(terminal)
    terminal.onData((text) => {
      if (channel.write(text)) return
      terminal.pause()
      channel.once('drain', () => terminal.resume())
    })
    channel.on('data', (chunk: Buffer) => terminal.write(chunk.toString()))
    channel.on('close', () => end(terminal))
    terminal.onExit(({ exitCode }) => {
      terminals.delete(terminal)
      channel.exit(exitCode)
      channel.end()
    })
    return terminal
  }
  const end = (terminal: IPty) => {
    if (terminals.delete(terminal)) terminal.kill('SIGHUP')
  }

  function forward(target: Socket, accept: () => ssh2.ServerChannel, reject: () => void) {
    let opened = false
    target.on('error', () => {
      if (!opened) reject()
    })
    target.once('connect', () => {
      opened = true
      const channel = accept()
      channel.on('error', () => undefined)
      channel.on('close', () => target.destroy())
      target.pipe(channel)
      channel.pipe(target)
    })
  }

  const drop = () => {
    for (const pair of [...pairs]) {
      pair.front.resetAndDestroy()
      pair.back.destroy()
    }
  }

  return {
    port,
    clientKey: client.private,
    commands,
    connections: () => accepted,
    busiest: () => busiest,
    knownHostsLine() {
      const [type, key] = (hostKeys[0]?.public ?? '').split(' ')
      return `[127.0.0.1]:${port} ${type} ${key}\n`
    },
    async changeHostKey(...kinds) {
      hostKeys = (kinds.length ? kinds : (['ed25519'] as const)).map(makeKeyPair)
      const before = inner
      inner = startInner()
      before.close()
      innerPort = await listen(inner, 0)
    },
    silent(on) {
      silenced = on
      for (const pair of pairs) {
        for (const socket of [pair.front, pair.back]) {
          if (on) socket.pause()
          else socket.resume()
        }
      }
    },
    freezePresent() {
      for (const pair of pairs) for (const socket of [pair.front, pair.back]) socket.pause()
    },
    lump(milliseconds) {
      lumpMs = milliseconds
    },
    drop,
    turnAway(commands) {
      turnedAway = commands
    },
    async refuse(on) {
      if (on) front.close()
      else await listen(front, port)
    },
    admit(on) {
      admitting = on
    },
    async close() {
      drop()
      for (const terminal of [...terminals]) end(terminal)
      for (const child of children) {
        if (child.pid === undefined) continue
        try {
          process.kill(-child.pid, 'SIGKILL')
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
        }
      }
      front.close()
      inner.close()
    },
  }
}

interface Listening {
  listen(port: number, host: string, callback: () => void): unknown
  address(): unknown
}

function listen(server: Listening, port: number): Promise<number> {
  return new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}
