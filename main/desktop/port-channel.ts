import { mostBytes, type Channel } from '../../preload/contract/wire.ts'

/** The part of a MessagePort that a channel needs. */
export interface Port {
  postMessage(message: unknown): void
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown
  off(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown
  on(event: 'close', listener: () => void): unknown
  off(event: 'close', listener: () => void): unknown
  start(): void
  close(): void
}

/** A line to a view over a port. What is no text, or too long, ends it: our own window sends neither. */
export function portChannel(port: Port): Channel {
  let started = false
  return {
    post: (text) => port.postMessage(text),
    on(listener) {
      const own = ({ data }: { readonly data: unknown }) => {
        if (typeof data === 'string' && data.length <= mostBytes) listener(data)
        else port.close()
      }
      port.on('message', own)
      // what came before anybody listened is waiting
      if (!started) port.start()
      started = true
      return () => void port.off('message', own)
    },
    onClose(listener) {
      const own = () => listener('the window is gone')
      port.on('close', own)
      return () => void port.off('close', own)
    },
    close: () => port.close(),
  }
}
