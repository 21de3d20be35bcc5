import type { MessagePortMain, UtilityProcess } from 'electron'
import type { FromEngine, ToEngine } from './engine-messages.ts'

/** The parts of Electron that keep the engine's process; tests bring their own. */
export interface EngineParts {
  fork(): Pick<UtilityProcess, 'on' | 'postMessage' | 'kill' | 'pid'>
  /** starts the process that keeps local terminals and gives its line to it */
  startPtys(line: MessagePortMain): void
  channel(): { readonly port1: MessagePortMain; readonly port2: MessagePortMain }
  onUnfinished(faults: readonly string[]): void
  onUndone(ok: boolean, said: readonly string[]): void
  onEnded(text: string): void
}

/** milliseconds before an engine that broke is started again; doubles with each that does not stay */
const firstPause = 500
const longestPause = 30_000
/** one that stayed so long is none that breaks at once */
const settledMilliseconds = 60_000
/** how long it may take to say what is injected: an engine that hangs must not keep the window open */
const answerMilliseconds = 3000

/** Keeps the engine's process: starts it, starts it again where it broke, and hands out lines to it. */
export class EngineKeeper {
  readonly #parts: EngineParts
  #process: ReturnType<EngineParts['fork']> | undefined
  #ready = false
  #ending = false
  #pause = firstPause
  #question = 0
  readonly #questions = new Map<number, (activity: readonly string[]) => void>()
  #ended: ((problem: string | null) => void) | undefined

  constructor(parts: EngineParts) {
    this.#parts = parts
  }

  start(): void {
    const began = Date.now()
    const own = this.#parts.fork()
    this.#process = own
    own.on('message', (message: FromEngine) => this.#heard(message))
    own.on('exit', (code) => {
      if (this.#process !== own) return
      this.#process = undefined
      this.#ready = false
      for (const [question, answer] of this.#questions) {
        this.#questions.delete(question)
        answer([])
      }
      if (this.#ending)
        return this.#ended?.(
          `the engine ended with ${code} before everything was taken back; the hosts take it back by themselves, and the next start offers it`,
        )
      this.#parts.onEnded(`the engine ended with ${code} and is started again`)
      if (Date.now() - began > settledMilliseconds) this.#pause = firstPause
      setTimeout(() => !this.#ending && this.start(), this.#pause)
      this.#pause = Math.min(this.#pause * 2, longestPause)
    })
  }

  /** A new line for a view: its port, or undefined while there is no engine. */
  line(): MessagePortMain | undefined {
    if (!this.#ready) return undefined
    const { port1, port2 } = this.#parts.channel()
    this.#tell({ do: 'connect' }, [port2])
    return port1
  }

  /** What would be lost or left. An engine that does not answer is said to be one. */
  activity(): Promise<readonly string[]> {
    if (!this.#ready) return Promise.resolve([])
    const question = ++this.#question
    return new Promise((resolve) => {
      const late = setTimeout(() => {
        this.#questions.delete(question)
        resolve(['the engine does not answer: what is injected is not known'])
      }, answerMilliseconds)
      this.#questions.set(question, (activity) => {
        clearTimeout(late)
        resolve(activity)
      })
      this.#tell({ do: 'tell-activity', question })
    })
  }

  undo(): void {
    this.#tell({ do: 'undo' })
  }

  /** Ends the engine when everything is taken back. Resolves with what could not be. */
  end(): Promise<string | null> {
    this.#ending = true
    if (!this.#process) return Promise.resolve(null)
    return new Promise((resolve) => {
      this.#ended = resolve
      this.#tell({ do: 'end' })
    })
  }

  /** Ends it now, whatever it does. */
  kill(): void {
    this.#ending = true
    this.#process?.kill()
  }

  #tell(message: ToEngine, ports: MessagePortMain[] = []): void {
    this.#process?.postMessage(message, ports)
  }

  #heard(message: FromEngine): void {
    switch (message.is) {
      case 'ready':
        this.#ready = true
        if (message.unfinished.length > 0) this.#parts.onUnfinished(message.unfinished)
        return
      case 'wants-ptys': {
        const { port1, port2 } = this.#parts.channel()
        this.#parts.startPtys(port1)
        return this.#tell({ do: 'ptys', line: message.line }, [port2])
      }
      case 'activity': {
        const answer = this.#questions.get(message.question)
        this.#questions.delete(message.question)
        return answer?.(message.activity)
      }
      case 'undone':
        return this.#parts.onUndone(message.ok, message.said)
      case 'ended':
        return this.#ended?.(message.problem)
      default:
        return message satisfies never
    }
  }
}
