import type { FromPtys, StartPtys, ToPtys } from '../terminals/pty-messages.ts'
import type { Port } from './port-channel.ts'

export interface PortPtys {
  readonly start: StartPtys
  /** the port of a line that was asked for */
  arrived(line: number, port: Port): void
}

/**
 * Local terminals in Electron: the process that keeps them is started by the window's process, because only that one
 * may; the engine gets a port to it. Until it is there, messages wait.
 * @param ask asks for the line of this number
 */
export function portPtys(ask: (line: number) => void): PortPtys {
  const waiting = new Map<number, (port: Port) => void>()
  let next = 1
  return {
    start() {
      const line = next++
      let port: Port | undefined
      let ended = false
      const early: ToPtys[] = []
      let heard: (message: FromPtys) => void = () => undefined
      let over: (reason: string) => void = () => undefined
      waiting.set(line, (arrived) => {
        if (ended) return arrived.close()
        port = arrived
        arrived.on('message', ({ data }) => heard(data as FromPtys))
        arrived.on('close', () => over('it was closed'))
        arrived.start()
        for (const message of early.splice(0)) arrived.postMessage(message)
      })
      ask(line)
      return {
        send(message) {
          if (port) port.postMessage(message)
          else early.push(message)
        },
        onMessage: (listener) => void (heard = listener),
        onEnd: (listener) => void (over = listener),
        end() {
          ended = true
          port?.close()
        },
      }
    },
    arrived(line, port) {
      const take = waiting.get(line)
      waiting.delete(line)
      if (take) take(port)
      else port.close()
    },
  }
}
