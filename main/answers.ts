import { connect } from 'node:net'

/** a local socket is connected at once, or the queue of whoever should take the connection is full */
const limitMilliseconds = 3000

/** Does something listen on this unix socket? A process that is stopped still does; one that takes nobody does not. */
export function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const end = (is: boolean) => {
      socket.destroy()
      resolve(is)
    }
    socket.setTimeout(limitMilliseconds, () => end(false))
    socket.once('error', () => end(false))
    socket.once('connect', () => end(true))
  })
}
