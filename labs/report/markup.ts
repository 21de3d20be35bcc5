import { visible } from '../timeline/visible.ts'

/** Nothing that comes out of JSON can have this key, so no recorded value can pass for markup. */
const trusted = Symbol('markup')

/** Text that is HTML or XML already. Only the template below makes it. */
export interface Markup {
  readonly [trusted]: string
}

/** What can be put into markup: text and numbers are escaped, markup stays, lists are joined, undefined is nothing. */
export type MarkupValue = string | number | Markup | undefined | readonly MarkupValue[]

/**
 * Markup with values put in: markup`<p title="${text}">${text}</p>`. Every text is escaped for element content and for
 * quoted attributes alike, in HTML and in XML; so attributes must be quoted, and nothing may be put into script or style.
 */
export function markup(parts: TemplateStringsArray, ...values: readonly MarkupValue[]): Markup {
  return {
    [trusted]: parts.map((part, index) => part + (index < values.length ? escaped(values[index]) : '')).join(''),
  }
}

/** Markup between markup. */
export function joined(values: readonly MarkupValue[], between: Markup): Markup {
  return markup`${values.map((value, index) => (index === 0 ? value : markup`${between}${value}`))}`
}

/** The text of markup, to be written to a file. */
export function markupText(value: Markup): string {
  return value[trusted]
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  // in an attribute of XML these would become spaces (XML 1.0, 3.3.3)
  '\n': '&#10;',
  '\t': '&#9;',
}

function escaped(value: MarkupValue): string {
  if (value === undefined) return ''
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return visible(value).replace(/[&<>"'\n\t]/g, (character) => entities[character] ?? '')
  if (isList(value)) return value.map(escaped).join('')
  return value[trusted]
}

function isList(value: MarkupValue): value is readonly MarkupValue[] {
  return Array.isArray(value)
}
