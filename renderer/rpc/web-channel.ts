import type { Channel } from '../../preload/contract/wire.ts'
import { NoConnection } from './no-connection.ts'

/** A channel to the engine over the WebSocket of the page's own server. The token is shown first, before anything else. */
export function webChannel(token: string, place: Pick<Location, 'host'> = location): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://${place.host}/engine`)
    let admitted = false
    socket.addEventListener('open', () => socket.send(JSON.stringify({ token })))
    socket.addEventListener('close', ({ code, reason }) => {
      if (!admitted) reject(new NoConnection(reason || 'the engine cannot be reached', code === 4401))
    })
    socket.addEventListener('message', function first() {
      socket.removeEventListener('message', first)
      admitted = true
      resolve(channelOf(socket))
    })
  })
}

function channelOf(socket: WebSocket): Channel {
  return {
    post: (text) => socket.send(text),
    on(listener) {
      const own = ({ data }: MessageEvent<unknown>) => listener(String(data))
      socket.addEventListener('message', own)
      return () => socket.removeEventListener('message', own)
    },
    onClose(listener) {
      const own = () => listener('the connection to the engine was lost')
      socket.addEventListener('close', own, { once: true })
      return () => socket.removeEventListener('close', own)
    },
    close: () => socket.close(1000),
  }
}
