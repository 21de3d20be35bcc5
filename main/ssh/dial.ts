/** Opening the byte stream on which an SSH connection runs. */
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { HostError, abortError } from '../transport/host-error.ts'

/** Connects to `address`:`port` for the host `name`. Rejects with HostError. */
export type Dial = (name: string, address: string, port: number, signal: AbortSignal) => Promise<Duplex>

/** What to look at, by the code of the system's error. */
const advice: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there; is sshd running, is the port right?',
  ENOTFOUND: 'the name is not known; correct the address in the testbed',
  EAI_AGAIN: 'the name could not be looked up; is DNS reachable?',
  EHOSTUNREACH: 'no route to it; is the host up, is the network?',
  ENETUNREACH: 'no route to its network',
  ETIMEDOUT: 'it does not answer; is the host up, does a firewall drop it?',
}

/** Plain TCP, without Nagle's delay: commands are small, and their times are evidence. */
export const tcpDial: Dial = (name, address, port, signal) =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(abortError(name, signal, 'connecting'))
    const socket = new Socket()
    const onAbort = () => {
      reject(abortError(name, signal, `connecting to ${address}:${port}`))
      socket.destroy()
    }
    signal.addEventListener('abort', onAbort, { once: true })
    const onError = (cause: NodeJS.ErrnoException) => {
      signal.removeEventListener('abort', onAbort)
      const hint = advice[cause.code ?? '']
      reject(
        new HostError(
          'unreachable',
          name,
          `cannot connect to ${address}:${port}: ${cause.message}${hint === undefined ? '' : ` (${hint})`}`,
          { cause },
        ),
      )
    }
    socket.once('error', onError)
    socket.once('connect', () => {
      signal.removeEventListener('abort', onAbort)
      socket.off('error', onError)
      socket.setNoDelay(true)
      resolve(socket)
    })
    socket.connect(port, address)
  })
