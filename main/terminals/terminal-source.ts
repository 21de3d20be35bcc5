import { StringDecoder } from 'node:string_decoder'
import type { Transport } from '../transport/transport.ts'
import { mostOnTheWay, type PtyLine, type StartPtys } from './pty-messages.ts'

/** Where a terminal's characters come from. */
export interface TerminalSource {
  write(text: string): void
  resize(columns: number, rows: number): void
  /** while paused, the program stops as soon as the buffers on the way are full */
  pause(): void
  resume(): void
  close(): void
}

export interface SourceListener {
  output(text: string): void
  /** it ended: how, in words; `lost` where that was not its own doing */
  ended(reason: string, code: number | null, lost: boolean): void
}

export interface Size {
  readonly columns: number
  readonly rows: number
}

/** A terminal on a host, over the connection that exists. */
export async function hostSource(
  transport: Transport,
  size: Size,
  commandLine: string | undefined,
  listener: SourceListener,
  signal: AbortSignal,
): Promise<TerminalSource> {
  if (!transport.openShell) throw new Error(`${transport.name} is this computer`)
  const shell = await transport.openShell({ ...size, signal, ...(commandLine !== undefined && { commandLine }) })
  // a character may be cut in two by a packet
  const decoder = new StringDecoder('utf8')
  shell.output.on('data', (chunk: Buffer) => {
    const text = decoder.write(chunk)
    if (text !== '') listener.output(text)
  })
  shell.exit.then(
    ({ code, signal: by }) => listener.ended(by === null ? `exit ${code ?? 'unknown'}` : `signal ${by}`, code, false),
    (error: Error) => listener.ended(error.message, null, true),
  )
  return {
    write: (text) => shell.write(text),
    resize: (columns, rows) => shell.resize(columns, rows),
    pause: () => void shell.output.pause(),
    resume: () => void shell.output.resume(),
    close: () => shell.close(),
  }
}

/** Local terminals, all in one process of their own that is started with the first of them. */
export class LocalTerminals {
  readonly #start: StartPtys
  #line: PtyLine | undefined
  readonly #terminals = new Map<string, { readonly listener: SourceListener; owed: number; paused: boolean }>()

  constructor(start: StartPtys) {
    this.#start = start
  }

  open(id: string, argv: readonly string[], size: Size, listener: SourceListener): TerminalSource {
    const line = (this.#line ??= this.#connect())
    const own = { listener, owed: 0, paused: false }
    this.#terminals.set(id, own)
    line.send({ do: 'open', id, argv, ...size, folder: '' })
    return {
      write: (text) => line.send({ do: 'write', id, text }),
      resize: (columns, rows) => line.send({ do: 'resize', id, columns, rows }),
      pause: () => void (own.paused = true),
      resume: () => {
        own.paused = false
        this.#acknowledge(line, id, 1)
      },
      close: () => line.send({ do: 'close', id }),
    }
  }

  close(): void {
    this.#line?.end()
    this.#line = undefined
  }

  #connect(): PtyLine {
    const line = this.#start()
    line.onMessage((message) => {
      if (message.is === 'output') this.#output(line, message)
      if (message.is === 'failed') this.#over(message.id, `could not be started: ${message.reason}`, null, true)
      if (message.is === 'ended')
        this.#over(
          message.id,
          message.signal === null || message.signal === 0 ? `exit ${message.code}` : `signal ${message.signal}`,
          message.code,
          false,
        )
    })
    line.onEnd((reason) => {
      if (this.#line === line) this.#line = undefined
      for (const id of [...this.#terminals.keys()])
        this.#over(id, `the process that keeps local terminals ended: ${reason}`, null, true)
    })
    return line
  }

  #output(line: PtyLine, { id, text }: { readonly id: string; readonly text: string }): void {
    const own = this.#terminals.get(id)
    if (!own) return
    own.owed += text.length
    own.listener.output(text)
    this.#acknowledge(line, id, mostOnTheWay / 4)
  }

  /** While it is paused nothing is acknowledged: that is what stops the program. */
  #acknowledge(line: PtyLine, id: string, least: number): void {
    const own = this.#terminals.get(id)
    if (!own || own.paused || own.owed < least) return
    line.send({ do: 'taken', id, characters: own.owed })
    own.owed = 0
  }

  #over(id: string, reason: string, code: number | null, lost: boolean): void {
    const own = this.#terminals.get(id)
    this.#terminals.delete(id)
    own?.listener.ended(reason, code, lost)
  }
}
