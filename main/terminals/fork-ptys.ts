import { fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { FromPtys, StartPtys } from './pty-messages.ts'

/** Starts the process that keeps local terminals as a child of this one: for the engine under Node. */
export const forkPtys: StartPtys = () => {
  const inCheckout = fileURLToPath(new URL('./pty-process.ts', import.meta.url))
  const inBuild = fileURLToPath(new URL('./pty-process.mjs', import.meta.url))
  const child = fork(existsSync(inCheckout) ? inCheckout : inBuild, [], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  return {
    send: (message) => {
      if (child.connected) child.send(message)
    },
    onMessage: (listener) => void child.on('message', (message) => listener(message as FromPtys)),
    onEnd(listener) {
      // more than one can come: a message to a process that is about to end fails, and that must not end the engine, too
      child.on('error', (error) => listener(error.message))
      child.once('exit', (code, signal) => listener(signal ?? `exit ${code}`))
    },
    end: () => void child.disconnect(),
  }
}
