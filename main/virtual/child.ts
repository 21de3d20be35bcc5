import { spawn, type ChildProcess } from 'node:child_process'
import { open } from 'node:fs/promises'

/**
 * Starts a program that must not outlive this process: the kernel kills it when its parent dies, however that comes
 * about (`setpriv --pdeathsig`). Its words go to the log file.
 */
export async function startBoundChild(argv: readonly string[], log: string): Promise<ChildProcess> {
  const file = await open(log, 'a')
  try {
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...argv], { stdio: ['pipe', file.fd, file.fd] })
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', reject)
    })
    return child
  } finally {
    await file.close()
  }
}

/** Kills a child and waits for its end. A stopped process (SIGSTOP) is killed too. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGKILL')
  await ended
}
