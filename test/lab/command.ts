import { spawn, type ChildProcess } from 'node:child_process'
import { fencelabCommand } from '../../main/program.ts'

export interface Finished {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The program itself, begun with these words: the process, and how it ends. */
export function fencelab(...words: string[]): { readonly child: ChildProcess; readonly finished: Promise<Finished> } {
  const [command = '', ...rest] = fencelabCommand(...words)
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const finished = new Promise<Finished>((resolve) =>
    child.once('close', (status) => resolve({ status, stdout, stderr })),
  )
  return { child, finished }
}
