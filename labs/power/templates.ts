/** What may stand for `{outlet}` and `{action}` in the templates of a power unit. */
export interface Filling {
  readonly outlet: string
  readonly action?: string
}

/** Each placeholder with its text; other braces stay (JSON is full of them). */
export function fillText(template: string, filling: Filling): string {
  return fill(template, filling, (text) => text)
}

/** For a URL: an outlet `1/7` must not become two steps of a path. */
export function fillUrl(template: string, filling: Filling): string {
  return fill(template, filling, encodeURIComponent)
}

/** For what is sent: inside JSON as JSON writes it, in anything else as a form does. */
export function fillBody(template: string, filling: Filling): string {
  return fill(template, filling, isJson(template) ? (text) => JSON.stringify(text).slice(1, -1) : encodeURIComponent)
}

/** Whether a body is JSON by its looks: a template need not be valid JSON (`{"outlet": {outlet}}`). */
export function isJson(template: string): boolean {
  return /^\s*[{[]/.test(template)
}

function fill(template: string, { outlet, action }: Filling, write: (text: string) => string): string {
  return template.replace(/\{(outlet|action)\}/g, (whole, name) => {
    const value = name === 'outlet' ? outlet : action
    return value === undefined ? whole : write(value)
  })
}

/**
 * Where a URL template leads: scheme, host and port. Undefined where it is no http(s) URL, or where a placeholder stands
 * in that part: an outlet must not choose the host.
 */
export function originOf(template: string): string | undefined {
  const match = /^(https?):\/\/([^/?#\s]+)/i.exec(template)
  if (match === null || /[{}@\\]/.test(match[2] ?? '')) return undefined
  return `${match[1]}://${match[2]}`.toLowerCase()
}
