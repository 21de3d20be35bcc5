/** Which file of the interface a request is for: pure, for the web server and for Electron's own scheme alike. */

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  ico: 'image/x-icon',
  json: 'application/json',
}

export interface WantedFile {
  /** below the folder of the interface, with `/` */
  readonly path: string
  readonly type: string
}

/**
 * The file that a URL's path names, or undefined for everything else: what leads out of the folder in whatever
 * spelling, hidden files, files of a kind that the interface has none of. The root is its page.
 */
export function resolveFile(pathname: string): WantedFile | undefined {
  let path: string
  try {
    path = decodeURIComponent(pathname)
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
  if (!path.startsWith('/') || /[\\\0%]/.test(path)) return undefined
  const parts = path.slice(1).split('/')
  if (path === '/') parts[0] = 'index.html'
  if (parts.some((part) => part === '' || part.startsWith('.'))) return undefined
  const type = types[/\.([a-z]+)$/.exec(parts.at(-1) ?? '')?.[1] ?? '']
  return type === undefined ? undefined : { path: parts.join('/'), type }
}
