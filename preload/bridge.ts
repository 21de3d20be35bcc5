/**
 * The preload script: gives the page the few functions of `Bridge`, and nothing else of Electron. Text goes through it
 * as it is; both ends check it against the contract. No event of Electron's is handed on.
 */
import { contextBridge, ipcRenderer } from 'electron'
import type { Bridge } from './contract/bridge.ts'
import { channels } from './channels.ts'

const ports = new Map<number, MessagePort>()
const awaited = new Map<number, (port: MessagePort) => void>()

ipcRenderer.on(channels.line, ({ ports: [port] }, line: number) => {
  if (!port) return
  const take = awaited.get(line)
  awaited.delete(line)
  if (take) take(port)
  else ports.set(line, port)
})

/** The port of a line, whichever comes first: it, or the line's number. */
function portOf(line: number): Promise<MessagePort> {
  const port = ports.get(line)
  return port ? Promise.resolve(port) : new Promise((resolve) => awaited.set(line, resolve))
}

const bridge: Bridge = {
  async connect(onMessage, onClose) {
    const line = (await ipcRenderer.invoke(channels.connect)) as number | undefined
    if (line === undefined) return undefined
    const port = await portOf(line)
    ports.set(line, port)
    port.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (typeof data === 'string') onMessage(data)
    }
    port.addEventListener('close', () => {
      if (ports.delete(line)) onClose('the engine ended')
    })
    port.start()
    return line
  },
  post(line, text) {
    ports.get(line)?.postMessage(String(text))
  },
  close(line) {
    ports.get(line)?.close()
    ports.delete(line)
  },
  openExternal(address) {
    ipcRenderer.send(channels.openExternal, String(address))
  },
  choose: (what) => ipcRenderer.invoke(channels.choose, what) as Promise<string | undefined>,
  onCommand(listener) {
    const own = (_event: unknown, command: unknown) => listener(String(command))
    ipcRenderer.on(channels.command, own)
    return () => void ipcRenderer.off(channels.command, own)
  },
  setApplicable(commands) {
    ipcRenderer.send(channels.applicable, commands.map(String))
  },
}

contextBridge.exposeInMainWorld('fencelab', bridge)
