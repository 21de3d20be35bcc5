/** Commands of the agent: argument arrays, no shell, and a time limit that holds whatever the command does. */
import { spawn } from 'node:child_process'

export interface CommandRun {
  /** null: it did not end in time, or did not start */
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs a command. After `limit` milliseconds it is killed and not waited for: a process that hangs in the kernel dies
 * only when the kernel lets it.
 */
export function runLimited(file: string, commandArguments: readonly string[], limit: number): Promise<CommandRun> {
  return new Promise((resolve) => {
    let stdout = ''
    let stderr = ''
    const child = spawn(file, commandArguments, { stdio: ['ignore', 'pipe', 'pipe'] })
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      resolve({ exit: null, stdout, stderr: `no answer within ${limit} ms` })
    }, limit)
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk))
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
    child.on('error', (error) => {
      clearTimeout(timer)
      resolve({ exit: null, stdout, stderr: String(error) })
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ exit: code, stdout, stderr })
    })
  })
}
