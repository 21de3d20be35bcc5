/** The page's own origin: a scheme that only this program answers. */
export const scheme = 'fencelab'
export const origin = `${scheme}://interface`
export const pageAddress = `${origin}/index.html`

/** Is this an address of the interface itself? */
export function isOwn(address: string): boolean {
  const url = parsed(address)
  // an own scheme has the origin "null" in Node's URL, so its parts are compared
  return (
    url !== undefined &&
    url.protocol === `${scheme}:` &&
    url.host === 'interface' &&
    url.username === '' &&
    url.password === '' &&
    url.port === ''
  )
}

export function parsed(address: string): URL | undefined {
  return URL.canParse(address) ? new URL(address) : undefined
}
