import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, open, readFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import type { OnProgress, Progress } from '../progress.ts'
import { fencelabCommand } from '../program.ts'
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
      const answer = JSON.parse(line) as Answer
      this.#waiting.get(answer.id)?.(answer)
    })
    socket.on('close', () => {
      for (const [id, tell] of this.#waiting) tell({ id, error: 'the process that keeps the lab is gone' })
    })
  }

  /** Connects to a lab that is up. @throws Error where it is not */
  static async attach(directory: string): Promise<VirtualLab> {
    const socket = await new Promise<Socket>((resolve, reject) => {
      const attempt = connect(labFiles(directory).control)
      attempt.once('connect', () => resolve(attempt))
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
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const log = await open(files.log, 'w')
    const [command = '', ...words] = fencelabCommand('keep-lab', directory, testbedFile, bound ? 'bound' : 'free')
    const keeper = spawn(command, words, { detached: true, stdio: [bound ? 'pipe' : 'ignore', log.fd, log.fd] })
    await log.close()
    let ended = false
    keeper.once('error', () => (ended = true))
    keeper.once('exit', () => (ended = true))
    await until(async () => ended || (await answers(files.control)), { signal, everyMilliseconds: 30 })
    if (ended) throw new Error(`the virtual lab did not start: ${(await readFile(files.log, 'utf8')).trim()}`)
    keeper.unref()
    const lab = await VirtualLab.attach(directory)
    if (bound) lab.#keeper = keeper
    return lab
  }

  up(greenKey: string, onProgress: OnProgress) {
    return this.#ask<{ restored: boolean; accelerator: string }>({ method: 'up', greenKey }, onProgress)
  }
  saveGreen(greenKey: string) {
    return this.#ask<null>({ method: 'saveGreen', greenKey })
  }
  /** Back to a state that was saved: the one taken of `greenKey`, else the one used last. */
  reset(greenKey?: string) {
    return this.#ask<null>({ method: 'reset', ...(greenKey !== undefined && { greenKey }) })
  }
  /** What the saved states were taken of; the one used last is first. */
  greenKeys() {
    return this.#ask<readonly string[]>({ method: 'greenKeys' })
  }
  status() {
    return this.#ask<MachineReport[]>({ method: 'status' })
  }
  power(machine: string, on: boolean) {
    return this.#ask<null>({ method: 'power', machine, on })
  }
  async down(): Promise<void> {
    await this.#ask<null>({ method: 'down' })
    this.close()
  }

  /** Lets go of the lab; it stays up, unless it is bound to this process. */
  close(): void {
    this.#socket.destroy()
    this.#keeper?.stdin?.end()
  }

  #ask<T>(request: Unnumbered<KeeperRequest>, onProgress?: OnProgress): Promise<T> {
    const id = this.#next++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (answer) => {
        if (answer.progress) return onProgress?.(answer.progress)
        this.#waiting.delete(id)
        if (answer.error !== undefined) reject(new Error(answer.error))
        else resolve(answer.result as T)
      })
      this.#socket.write(`${JSON.stringify({ id, ...request })}\n`)
    })
  }
}
