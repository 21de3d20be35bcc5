/** What the page in the window may do: pure decisions, and no is the answer to everything that is not listed. */
import { isOwn, origin, parsed } from './origin.ts'

/** May a frame go to this address? Only to the interface itself, in whatever way the navigation came about. */
export const mayNavigate = (address: string): boolean => isOwn(address)

/** May anything of Chromium's ask for this address? The interface, and what it made itself in memory. */
export function mayRequest(address: string): boolean {
  return isOwn(address) || address.startsWith(`blob:${origin}/`) || /^data:image\//.test(address)
}

/** With developer tools, which no packed program has, their own files as well. */
export const mayRequestInCheckout = (address: string): boolean =>
  mayRequest(address) || address.startsWith('devtools://devtools/')

/** The only permission that the interface uses: what copies. Pasting is the person's own key and needs none. */
const permissions: ReadonlySet<string> = new Set(['clipboard-sanitized-write'])

export const mayHavePermission = (permission: string, requestingAddress: string): boolean =>
  isOwn(requestingAddress) && permissions.has(permission)

const longestAddress = 2048

/**
 * The address that may be opened in the system's browser, written anew so that nothing but an address is handed to the
 * system; undefined for everything else.
 */
export function externalAddress(address: unknown): string | undefined {
  if (typeof address !== 'string' || address.length > longestAddress) return undefined
  const url = parsed(address)
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined
  // "https://bank.example@evil.example" is meant to be misread
  if (url.username !== '' || url.password !== '') return undefined
  // URLs allow signs in a host that no host has, and that a shell takes for its own
  if (!/^[\w.-]+$|^\[[\da-f:.]+\]$/.test(url.hostname)) return undefined
  return url.href.replaceAll("'", '%27')
}

/** The frame that a message came from, as Electron tells it. */
export interface Sender {
  readonly contents: number
  /** null: the frame is gone already */
  readonly frame: { readonly url: string; readonly isMain: boolean } | null
}

/** Is a message to be listened to? Only from the main frame of a window of ours that shows the interface. */
export function isTrusted({ contents, frame }: Sender, known: ReadonlySet<number>): boolean {
  return known.has(contents) && frame !== null && frame.isMain && isOwn(frame.url)
}
