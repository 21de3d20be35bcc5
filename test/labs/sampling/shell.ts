/** Shell scripts as a host runs them: by /bin/sh, with programs of the test first on the PATH. */
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { onTestFinished } from 'vitest'

/** A folder that is gone after the test. */
export function folder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'fencelab-shell-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** Puts a program into a folder that can stand first on a PATH. Returns that folder. */
export function program(directory: string, name: string, script: string): string {
  const place = join(directory, 'bin')
  mkdirSync(place, { recursive: true })
  const file = join(place, name)
  writeFileSync(file, `#!/bin/sh\n${script}`)
  chmodSync(file, 0o755)
  return place
}

export interface Running {
  readonly pid: number
  readonly lines: readonly string[]
  readonly errors: () => string
  /** resolves when the lines so far satisfy it; rejects when the script ends before they do */
  seen(condition: (lines: readonly string[]) => boolean): Promise<void>
  /** exit status, or the signal's name */
  readonly ended: Promise<number | string>
  /** nobody reads its output any more */
  hangUp(): void
  kill(signal: NodeJS.Signals): void
}

/** Starts `sh -c script` as its own process group, as sshd does. What is left of it is killed after the test. */
export function start(
  script: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Running {
  const child = spawn('/bin/sh', ['-c', script, 'script', ...words], {
    env: { PATH: process.env['PATH'], ...environment },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const pid = child.pid ?? 0
  const lines: string[] = []
  const waiting = new Set<() => void>()
  let rest = ''
  let errors = ''
  const look = () => [...waiting].forEach((one) => one())
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
    look()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  let over = false
  // `exit`, not `close`: what it left in the background may hold its output open
  const ended = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => {
      over = true
      resolve(code ?? signal ?? 'unknown')
      setImmediate(look)
    })
  })
  onTestFinished(() => killGroup(pid))
  return {
    pid,
    lines,
    errors: () => errors,
    seen: (condition) =>
      new Promise((resolve, reject) => {
        const check = () => {
          if (!condition(lines) && !over) return
          waiting.delete(check)
          if (condition(lines)) resolve()
          else reject(new Error(`the script ended: ${lines.join('\n')}\n${errors}`))
        }
        waiting.add(check)
        check()
      }),
    ended,
    hangUp: () => child.stdout.destroy(),
    kill: (signal) => process.kill(-pid, signal),
  }
}

/** Runs it to its end. */
export async function run(
  script: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
) {
  const child = spawn('/bin/sh', ['-c', script, 'script', ...words], {
    env: { PATH: process.env['PATH'], ...environment },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const exit = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { exit, stdout, stderr }
}

export function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Looks again and again; the test's own time limit ends it. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(20)
}
