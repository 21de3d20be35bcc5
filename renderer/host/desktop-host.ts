import type { Bridge } from '../../preload/contract/bridge.ts'
import type { Channel } from '../../preload/contract/wire.ts'
import { NoConnection } from '../rpc/no-connection.ts'
import type { Host } from './host.ts'

/** Electron's window, where its bridge is there; undefined in a browser. */
export function desktopHost(bridge = (globalThis as { fencelab?: Bridge }).fencelab): Host | undefined {
  if (!bridge) return undefined
  return {
    kind: 'desktop',
    can: { choose: true, window: true },
    open: () => openPort(bridge),
    openExternal: (address) => bridge.openExternal(address),
    choose: (what) => bridge.choose(what),
    onCommand: (listener) => bridge.onCommand(listener),
    setApplicable: (commands) => bridge.setApplicable(commands),
    setTitle: (title) => (document.title = title),
  }
}

/** A line to the engine's process. The bridge hands out a new one after each loss. */
async function openPort(bridge: Bridge): Promise<Channel> {
  const listeners = new Set<(text: string) => void>()
  const closers = new Set<(reason: string) => void>()
  const line = await bridge.connect(
    (text) => {
      for (const listener of [...listeners]) listener(text)
    },
    (reason) => {
      for (const closer of [...closers]) closer(reason)
    },
  )
  if (line === undefined) throw new NoConnection('the engine is being started')
  return {
    post: (text) => bridge.post(line, text),
    on(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    onClose(listener) {
      closers.add(listener)
      return () => void closers.delete(listener)
    },
    close: () => bridge.close(line),
  }
}
