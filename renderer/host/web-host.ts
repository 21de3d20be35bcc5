import { webChannel } from '../rpc/web-channel.ts'
import type { Host } from './host.ts'

const kept = 'fencelab-token'

/**
 * The browser. The token comes in the address once, is taken out of it (addresses are shown and kept), and is kept for
 * this tab alone.
 */
export function webHost(): Host {
  const given = new URLSearchParams(location.hash.slice(1)).get('token')
  if (given !== null) {
    sessionStorage.setItem(kept, given)
    history.replaceState(null, '', location.pathname)
  }
  return {
    kind: 'browser',
    can: { choose: false, window: false },
    open: () => webChannel(sessionStorage.getItem(kept) ?? ''),
    openExternal: (address) => void window.open(address, '_blank', 'noopener,noreferrer'),
    choose: () => Promise.resolve(undefined),
    onCommand: () => () => undefined,
    setApplicable: () => undefined,
    setTitle: (title) => (document.title = title),
  }
}

/** Takes the token that a person typed or pasted, as it is or as the whole address. */
export function useToken(text: string): void {
  const token = /token=([\w-]+)/.exec(text)?.[1] ?? text.trim()
  sessionStorage.setItem(kept, token)
}
