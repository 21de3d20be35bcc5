import { spawn } from 'node:child_process'

export interface CommandEnd {
  /** null: ended by a signal */
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs one command of a power unit to its end, whatever the end. Where it runs is the caller's affair: this computer
 * (`runLocal`), or a host through the runner. Rejects with the signal's reason when that fires; the command is killed.
 */
export type RunCommand = (
  argv: readonly string[],
  options: { readonly stdin?: string; readonly signal: AbortSignal },
) => Promise<CommandEnd>

/** how much of each output is kept: its end */
const kept = 64 * 1024

/** On this computer, without a shell, as its own process group (an agent starts tools of its own). */
export const runLocal: RunCommand = (argv, { stdin = '', signal }) =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const [command = '', ...rest] = argv
    const child = spawn(command, rest, {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      // what it says is read
      env: { ...process.env, LC_ALL: 'C' },
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout = (stdout + text).slice(-kept)))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-kept)))
    const onAbort = () => {
      killGroup(child.pid)
      reject(signal.reason as Error)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    const over = () => signal.removeEventListener('abort', onAbort)
    child.once('error', (error) => {
      over()
      reject(error)
    })
    child.once('close', (exit) => {
      over()
      resolve({ exit, stdout, stderr })
    })
    // a command may end without reading its input (EPIPE): its exit tells what became of it
    child.stdin.on('error', () => undefined)
    child.stdin.end(stdin)
  })

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // it has just ended
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
