/** Lines over ports: real ones of Node's, which are the same as Electron's but for the way they are listened to. */
import { MessageChannel } from 'node:worker_threads'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { portChannel, type Port } from '../../../main/desktop/port-channel.ts'
import { portPtys } from '../../../main/desktop/port-ptys.ts'
import { mostBytes } from '../../../preload/contract/wire.ts'

type NodePort = MessageChannel['port1']
/** Electron hands out events, Node their data. */
function asElectron(port: NodePort): Port {
  const wrapped = new Map<unknown, (data: unknown) => void>()
  return {
    postMessage: (message) => port.postMessage(message),
    on(event: string, listener: (event: { readonly data: unknown }) => void) {
      const own = (data: unknown) => listener({ data })
      wrapped.set(listener, own)
      port.on(event as 'message', own)
    },
    off: (event: string, listener: unknown) => port.off(event as 'message', wrapped.get(listener) ?? (() => undefined)),
    start: () => port.start(),
    close: () => port.close(),
  }
}
const open: NodePort[] = []
function pair() {
  const { port1, port2 } = new MessageChannel()
  open.push(port1, port2)
  return { engine: asElectron(port1), view: port2 }
}
afterEach(() => open.splice(0).forEach((port) => port.close()))

describe('a line to a view', () => {
  it('carries text both ways, also what was sent before anybody listened', async () => {
    const { engine, view } = pair()
    view.postMessage('early')
    const channel = portChannel(engine)
    const [heard, seen] = [vi.fn(), vi.fn()]
    view.on('message', seen)
    channel.on(heard)
    channel.post('hello')
    await vi.waitFor(() => expect([heard.mock.calls, seen.mock.calls]).toEqual([[['early']], [['hello']]]))
  })
  it.each([
    ['no text', { service: 'control' }],
    ['bytes', new Uint8Array(4)],
    ['too long a text', 'x'.repeat(mostBytes + 1)],
  ])('ends with %s', async (_, message) => {
    const { engine, view } = pair()
    const channel = portChannel(engine)
    const [heard, closed] = [vi.fn(), vi.fn()]
    channel.on(heard)
    channel.onClose(closed)
    view.postMessage(message)
    await vi.waitFor(() => expect(closed).toHaveBeenCalledWith('the window is gone'))
    expect(heard).not.toHaveBeenCalled()
  })
  it('says so when the window is gone', async () => {
    const { engine, view } = pair()
    const closed = vi.fn()
    portChannel(engine).onClose(closed)
    view.close()
    await vi.waitFor(() => expect(closed).toHaveBeenCalledTimes(1))
  })
})

describe('local terminals over a port', () => {
  it('wait for their process, and lose nothing meanwhile', async () => {
    const asked = vi.fn()
    const ptys = portPtys(asked)
    const line = ptys.start()
    line.send({ do: 'open', id: 't1', argv: ['sh'], columns: 80, rows: 24, folder: '' })
    line.send({ do: 'write', id: 't1', text: 'x' })
    expect(asked.mock.calls).toEqual([[1]])
    const { engine, view } = pair()
    const seen: unknown[] = []
    view.on('message', (message) => seen.push(message))
    const heard = vi.fn()
    line.onMessage(heard)
    ptys.arrived(1, engine)
    line.send({ do: 'close', id: 't1' })
    await vi.waitFor(() => expect(seen).toHaveLength(3))
    expect(seen.map((message) => (message as { do: string }).do)).toEqual(['open', 'write', 'close'])
    view.postMessage({ is: 'opened', id: 't1', pid: 5 })
    await vi.waitFor(() => expect(heard).toHaveBeenCalledWith({ is: 'opened', id: 't1', pid: 5 }))
  })
  it('end with their process, and with the engine', async () => {
    const ptys = portPtys(() => undefined)
    const [first, second] = [ptys.start(), ptys.start()]
    const [one, two] = [pair(), pair()]
    const over = vi.fn()
    first.onEnd(over)
    ptys.arrived(1, one.engine)
    ptys.arrived(2, two.engine)
    one.view.close()
    await vi.waitFor(() => expect(over).toHaveBeenCalledTimes(1))
    const gone = vi.fn()
    two.view.on('close', gone)
    second.end()
    await vi.waitFor(() => expect(gone).toHaveBeenCalledTimes(1))
  })
  it('a line that nobody asked for is closed', async () => {
    const { engine, view } = pair()
    const gone = vi.fn()
    view.on('close', gone)
    portPtys(() => undefined).arrived(9, engine)
    await vi.waitFor(() => expect(gone).toHaveBeenCalledTimes(1))
  })
})
