import { spawn, type ChildProcess } from 'node:child_process'
import { open, readFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import type { OnProgress, Progress } from '../progress.ts'
import { fencelabCommand } from '../program.ts'
import { makeFolder } from '../make-folder.ts'
import { until } from '../until.ts'
import { answers } from '../answers.ts'
import { eachLine, type KeeperRequest } from './keeper-process.ts'
import type { MachineReport } from './keeper.ts'
import { labFiles } from './lab-files.ts'

type Unnumbered<T> = T extends unknown ? Omit<T, 'id'> : never
interface Answer {
  readonly id: number
  readonly progress?: Progress
  readonly result?: unknown
  readonly error?: string
}

/** Is the lab of this directory up? */
export const labIsUp = (directory: string) => answers(labFiles(directory).control)

/**
 * How long the keeper may take to answer. What it does itself has limits of its own, which are shorter: these end the
 * wait for a keeper that is stopped or stuck.
 */
const limits = {
  connect: 5000,
  launch: 60_000,
  ask: 15_000,
  up: 480_000,
  saveGreen: 300_000,
  reset: 300_000,
  power: 480_000,
  down: 60_000,
}

/** A client of the process that keeps a virtual lab. */
export class VirtualLab {
  readonly directory: string
  readonly #socket: Socket
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #next = 1
  /** the keeper, where it is bound to us */
  #keeper: ChildProcess | undefined

  private constructor(directory: string, socket: Socket) {
    this.directory = directory
    this.#socket = socket
    eachLine(socket, (line) => {
      const answer = answerOf(line)
      if (answer) this.#waiting.get(answer.id)?.(answer)
      else socket.destroy()
    })
    socket.on('close', () => {
      for (const [id, tell] of this.#waiting) tell({ id, error: gone })
    })
  }

  /** Connects to a lab that is up. @throws Error where it is not, or where nothing listens within a few seconds */
  static async attach(directory: string): Promise<VirtualLab> {
    const socket = await new Promise<Socket>((resolve, reject) => {
      const attempt = connect(labFiles(directory).control)
      attempt.setTimeout(limits.connect, () => {
        attempt.destroy()
        reject(new Error(`the process that keeps the lab does not take connections (${labFiles(directory).control})`))
      })
      attempt.once('connect', () => {
        attempt.setTimeout(0)
        resolve(attempt)
      })
      attempt.once('error', () => reject(new Error('the virtual lab is not up: start it with "fencelab up"')))
    })
    return new VirtualLab(directory, socket)
  }

  /**
   * Starts the process that keeps the lab (its machines are started by `up`). `bound`: it ends with this process, even if
   * this one is killed; else it stays until `down`.
   */
  static async launch(
    directory: string,
    testbedFile: string,
    bound: boolean,
    signal: AbortSignal,
  ): Promise<VirtualLab> {
    const files = labFiles(directory)
    makeFolder(directory)
    const log = await open(files.log, 'w')
    const [command = '', ...words] = fencelabCommand('keep-lab', directory, testbedFile, bound ? 'bound' : 'free')
    const keeper = spawn(command, words, { detached: true, stdio: [bound ? 'pipe' : 'ignore', log.fd, log.fd] })
    await log.close()
    let ended = false
    keeper.once('error', () => (ended = true))
    keeper.once('exit', () => (ended = true))
    await until(async () => ended || (await answers(files.control)), {
      signal: AbortSignal.any([signal, AbortSignal.timeout(limits.launch)]),
      everyMilliseconds: 30,
    })
    if (ended) throw new Error(`the virtual lab did not start: ${(await readFile(files.log, 'utf8')).trim()}`)
    keeper.unref()
    const lab = await VirtualLab.attach(directory)
    if (bound) lab.#keeper = keeper
    return lab
  }

  up(greenKey: string, onProgress: OnProgress, signal?: AbortSignal) {
    return this.#ask<{ restored: boolean; accelerator: string }>(
      { method: 'up', greenKey },
      { limit: limits.up, onProgress, signal },
    )
  }
  saveGreen(greenKey: string, signal?: AbortSignal) {
    return this.#ask<null>({ method: 'saveGreen', greenKey }, { limit: limits.saveGreen, signal })
  }
  /** Back to a state that was saved: the one taken of `greenKey`, else the one used last. */
  reset(greenKey?: string, signal?: AbortSignal) {
    return this.#ask<null>(
      { method: 'reset', ...(greenKey !== undefined && { greenKey }) },
      { limit: limits.reset, signal },
    )
  }
  /** What the saved states were taken of; the one used last is first. */
  greenKeys(signal?: AbortSignal) {
    return this.#ask<readonly string[]>({ method: 'greenKeys' }, { limit: limits.ask, signal })
  }
  /** What each machine is now, asked of its process and its monitor. */
  status(signal?: AbortSignal) {
    return this.#ask<MachineReport[]>({ method: 'status' }, { limit: limits.ask, signal })
  }
  power(machine: string, on: boolean, signal?: AbortSignal) {
    return this.#ask<null>({ method: 'power', machine, on }, { limit: limits.power, signal })
  }
  async down(signal?: AbortSignal): Promise<void> {
    await this.#ask<null>({ method: 'down' }, { limit: limits.down, signal })
    this.close()
  }

  /** Lets go of the lab; it stays up, unless it is bound to this process. */
  close(): void {
    this.#socket.destroy()
    this.#keeper?.stdin?.end()
  }

  /** Rejects when the keeper is gone, already or while it is asked; when the time is up; with the reason of the signal. */
  #ask<T>(request: Unnumbered<KeeperRequest>, { limit, onProgress, signal }: Asking): Promise<T> {
    const id = this.#next++
    return new Promise<T>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error)
      if (this.#socket.destroyed || !this.#socket.writable) return reject(new Error(gone))
      const settle = () => {
        this.#waiting.delete(id)
        clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
      }
      const onAbort = () => {
        settle()
        reject(signal?.reason as Error)
      }
      const timer = setTimeout(() => {
        settle()
        reject(
          new Error(
            `the process that keeps the lab did not answer "${request.method}" within ${limit / 1000} s; is it stopped?`,
          ),
        )
      }, limit)
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiting.set(id, (answer) => {
        if (answer.progress) return onProgress?.(answer.progress)
        settle()
        if (answer.error !== undefined) reject(new Error(answer.error))
        else resolve(answer.result as T)
      })
      this.#socket.write(`${JSON.stringify({ id, ...request })}\n`)
    })
  }
}

interface Asking {
  /** milliseconds */
  readonly limit: number
  readonly onProgress?: OnProgress
  readonly signal?: AbortSignal | undefined
}

const gone = 'the process that keeps the lab is gone'

function answerOf(line: string): Answer | undefined {
  try {
    return JSON.parse(line) as Answer
  } catch (error) {
    // what answers is no keeper
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
