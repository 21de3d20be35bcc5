import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { until } from '../until.ts'

export interface QmpEvent {
  readonly event: string
  readonly data?: unknown
  /** microseconds since the epoch, QEMU's host's clock */
  readonly timestamp: { readonly seconds: number; readonly microseconds: number }
}

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
}

/** under software emulation on a busy computer a monitor is slow */
const answerMilliseconds = 60_000

/** One connection to a QEMU monitor (QMP: JSON lines over a unix socket). A monitor serves one client at a time. */
export class Qmp {
  readonly #socket: Duplex
  readonly #waiting = new Map<number, Waiting>()
  readonly #listeners = new Set<(event: QmpEvent) => void>()
  #next = 1
  #rest = ''
  #greeting: ((value: unknown) => void) | undefined

  private constructor(socket: Duplex) {
    this.#socket = socket
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => this.#receive(text))
    socket.on('close', () => this.#failAll(new Error('the QEMU monitor closed the connection')))
    socket.on('error', (error) => this.#failAll(error))
  }

  /** Connects and negotiates. Rejects when the socket is not there or the greeting does not come before `signal` aborts. */
  static async connect(path: string, signal: AbortSignal): Promise<Qmp> {
    signal.throwIfAborted()
    const socket = await new Promise<Socket>((resolve, reject) => {
      const attempt = connect(path)
      const onAbort = () => {
        attempt.destroy()
        reject(signal.reason as Error)
      }
      signal.addEventListener('abort', onAbort, { once: true })
      attempt.once('connect', () => {
        signal.removeEventListener('abort', onAbort)
        resolve(attempt)
      })
      attempt.once('error', (error) => {
        signal.removeEventListener('abort', onAbort)
        reject(error)
      })
    })
    return Qmp.over(socket, signal)
  }

  /** Negotiates on a connection that is there, as on one through SSH. */
  static async over(socket: Duplex, signal: AbortSignal): Promise<Qmp> {
    if (signal.aborted) socket.destroy()
    signal.throwIfAborted()
    const qmp = new Qmp(socket)
    const onAbort = () => socket.destroy(new Error('aborted'))
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await new Promise<unknown>((resolve, reject) => {
        qmp.#greeting = resolve
        socket.once('close', () =>
          reject(Object.assign(new Error('no greeting from the QEMU monitor'), { code: 'ECONNRESET' })),
        )
      })
      await qmp.execute('qmp_capabilities')
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
    return qmp
  }

  /**
   * @param milliseconds how long the answer may take: the monitor of a machine whose process is stopped never answers
   * @throws Error with what QEMU said, or that it did not answer
   */
  execute(command: string, argumentsOf?: Record<string, unknown>, milliseconds = answerMilliseconds): Promise<unknown> {
    const id = this.#next++
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new Error('the QEMU monitor is not connected'))
      const limit = setTimeout(() => {
        this.#waiting.delete(id)
        reject(new Error(`the QEMU monitor did not answer ${command} within ${milliseconds / 1000} s`))
      }, milliseconds)
      this.#waiting.set(id, {
        resolve(value) {
          clearTimeout(limit)
          resolve(value)
        },
        reject(error) {
          clearTimeout(limit)
          reject(error)
        },
      })
      this.#socket.write(
        `${JSON.stringify({ execute: command, ...(argumentsOf && { arguments: argumentsOf }), id })}\n`,
      )
    })
  }

  /** A command of the human monitor; its answer is text, and empty where all went well. */
  async human(commandLine: string, milliseconds?: number): Promise<string> {
    return String(await this.execute('human-monitor-command', { 'command-line': commandLine }, milliseconds))
  }

  onEvent(listener: (event: QmpEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  onClose(listener: () => void): () => void {
    this.#socket.on('close', listener)
    return () => this.#socket.off('close', listener)
  }

  close(): void {
    this.#socket.destroy()
  }

  #receive(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) {
      if (!line.trim()) continue
      let message: Record<string, unknown>
      try {
        message = JSON.parse(line) as Record<string, unknown>
      } catch (cause) {
        this.#socket.destroy(new Error(`what answers is no QEMU monitor: ${line.slice(0, 80)}`, { cause }))
        return
      }
      this.#handle(message)
    }
  }

  #handle(message: Record<string, unknown>): void {
    if ('QMP' in message) {
      this.#greeting?.(message)
      return
    }
    if ('event' in message) {
      for (const listener of this.#listeners) listener(message as unknown as QmpEvent)
      return
    }
    const waiting = this.#waiting.get(message['id'] as number)
    if (!waiting) return
    this.#waiting.delete(message['id'] as number)
    if ('error' in message) {
      const { desc } = message['error'] as { desc: string }
      waiting.reject(new Error(`QEMU refused: ${desc}`))
    } else waiting.resolve(message['return'])
  }

  #failAll(error: Error): void {
    for (const waiting of this.#waiting.values()) waiting.reject(error)
    this.#waiting.clear()
  }
}

/**
 * Connects to the monitor of a QEMU that is starting: it makes the socket before it listens, and listens before it is
 * able to answer. Resolves undefined when the process ended instead.
 */
export async function connectWhenReady(
  path: string,
  alive: () => boolean,
  signal: AbortSignal,
): Promise<Qmp | undefined> {
  let qmp: Qmp | undefined
  await until(
    async () => {
      if (alive()) qmp = await Qmp.connect(path, signal).catch(notYet)
      return qmp !== undefined || !alive()
    },
    { signal, everyMilliseconds: 30 },
  )
  return qmp
}

function notYet(error: NodeJS.ErrnoException): undefined {
  if (['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes(error.code ?? '')) return undefined
  throw error
}
