/**
 * The process that keeps local terminals. It is apart from the engine, so that a crash of native code takes terminals
 * along and no run.
 */
import { spawn, type IPty } from '@lydell/node-pty'
import { homedir } from 'node:os'
import { assertNever } from '../../labs/assert-never.ts'
import { mostOnTheWay, type FromPtys, type ToPtys } from './pty-messages.ts'

/** A port to the engine: its end as Electron has it. */
interface Line {
  on(event: 'message', listener: (message: { readonly data: ToPtys }) => void): void
  on(event: 'close', listener: () => void): void
  start(): void
  postMessage(message: FromPtys): void
}
/** Electron's utility processes get the line to the engine through this port, as their first message. */
interface ParentPort {
  once(event: 'message', listener: (message: { readonly ports: readonly Line[] }) => void): void
}
const parentPort = (process as unknown as { readonly parentPort?: ParentPort }).parentPort

const terminals = new Map<string, { readonly terminal: IPty; onTheWay: number; held: boolean }>()
/** Node's children speak through `process.send`. */
let tell = (message: FromPtys): void => {
  // what cannot be sent has nobody who would read it: the engine is gone, and so are its terminals
  process.send?.(message, undefined, undefined, (error) => error && process.exit(0))
}

function take(message: ToPtys): void {
  switch (message.do) {
    case 'open':
      return open(message)
    case 'write':
      return terminals.get(message.id)?.terminal.write(message.text)
    case 'resize':
      return terminals.get(message.id)?.terminal.resize(message.columns, message.rows)
    case 'taken':
      return onTheWay(message.id, -message.characters)
    case 'close':
      return terminals.get(message.id)?.terminal.kill()
    default:
      return assertNever(message, 'message')
  }
}

function open({ id, argv, columns, rows, folder }: Extract<ToPtys, { do: 'open' }>): void {
  const [command = '', ...words] = argv
  try {
    const terminal = spawn(command, words, {
      name: 'xterm-256color',
      cols: columns,
      rows,
      cwd: folder === '' ? homedir() : folder,
      env: environment(),
    })
    terminals.set(id, { terminal, onTheWay: 0, held: false })
    terminal.onData((text) => {
      tell({ is: 'output', id, text })
      onTheWay(id, text.length)
    })
    terminal.onExit(({ exitCode, signal }) => {
      terminals.delete(id)
      tell({ is: 'ended', id, code: exitCode, signal: signal ?? null })
    })
    tell({ is: 'opened', id, pid: terminal.pid })
  } catch (error) {
    tell({ is: 'failed', id, reason: error instanceof Error ? error.message : String(error) })
  }
}

/** The program of a terminal stops where too much of what it put out was not taken in yet, and goes on when half of it was. */
function onTheWay(id: string, more: number): void {
  const own = terminals.get(id)
  if (!own) return
  own.onTheWay += more
  if (!own.held && own.onTheWay > mostOnTheWay) {
    own.held = true
    own.terminal.pause()
  } else if (own.held && own.onTheWay < mostOnTheWay / 2) {
    own.held = false
    own.terminal.resume()
  }
}

/** The person's own environment, without what belongs to the programs around this one. */
function environment(): Record<string, string> {
  const own = Object.entries(process.env).filter(
    ([name, value]) => value !== undefined && !/^(ELECTRON|npm_|NODE_)/.test(name),
  )
  return { ...(Object.fromEntries(own) as Record<string, string>), TERM: 'xterm-256color', COLORTERM: 'truecolor' }
}

if (parentPort) {
  parentPort.once('message', ({ ports: [line] }) => {
    if (!line) throw new Error('the first message to the process that keeps terminals brings its line')
    tell = (message) => line.postMessage(message)
    line.on('message', ({ data }) => take(data))
    // the engine is gone: so are its terminals
    line.on('close', () => process.exit(0))
    line.start()
  })
} else {
  process.on('message', (message) => take(message as ToPtys))
  // the engine is gone: so are its terminals
  process.on('disconnect', () => process.exit(0))
}
process.on('exit', () => {
  for (const { terminal } of terminals.values()) terminal.kill('SIGHUP')
})
