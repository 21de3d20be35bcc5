import type { Channel } from '../../preload/contract/wire.ts'

/** Two ends of a line in memory; messages arrive a turn later, as over a wire, and only while it is open. */
export function channelPair(): readonly [Channel, Channel] {
  const listeners = [new Set<(text: string) => void>(), new Set<(text: string) => void>()] as const
  const closers = [new Set<(reason: string) => void>(), new Set<(reason: string) => void>()] as const
  let open = true
  const close = () => {
    if (!open) return
    open = false
    for (const set of closers) for (const closer of [...set]) closer('closed')
  }
  const end = (own: 0 | 1): Channel => ({
    post(text) {
      queueMicrotask(() => {
        if (open) for (const listener of [...listeners[own === 0 ? 1 : 0]]) listener(text)
      })
    },
    on(listener) {
      listeners[own].add(listener)
      return () => void listeners[own].delete(listener)
    },
    onClose(listener) {
      closers[own].add(listener)
      return () => void closers[own].delete(listener)
    },
    close,
  })
  return [end(0), end(1)]
}
