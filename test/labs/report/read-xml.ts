/** A strict reader of XML, for tests: it takes what the reports need, and throws on everything that XML 1.0 forbids. */
export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly (Element | string)[]
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' }
const forbidden = /[\0-\x08\x0b-\x1f\uFFFE\uFFFF]|\p{Cs}/u

const opening = /<([A-Za-z][\w-]*)/y
const attributeOf = /\s+([\w:-]+)="([^"<]*)"/y
const emptyEnd = /\s*\/>/y
const tagEnd = /\s*>/y
const closing = /<\/([\w-]+)\s*>/y
const characterData = /[^<]+/y
const declaration = /<\?xml [^<>]*\?>\s*/y
const doctype = /<!DOCTYPE html>\s*/y

export function readXml(text: string): Element {
  if (forbidden.test(text)) throw new Error('a character that XML 1.0 does not allow')
  let place = 0
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = place
    const match = pattern.exec(text) ?? undefined
    if (match) place = pattern.lastIndex
    return match
  }
  const here = () => text.slice(place, place + 60)
  const element = (): Element => {
    const name = take(opening)?.[1]
    if (name === undefined) throw new Error(`no element at ${here()}`)
    const attributes: Record<string, string> = {}
    for (let found = take(attributeOf); found; found = take(attributeOf)) {
      const [, attribute = '', value = ''] = found
      if (Object.hasOwn(attributes, attribute)) throw new Error(`${attribute} twice`)
      attributes[attribute] = decoded(value.replace(/[\n\t]/g, ' '))
    }
    if (take(emptyEnd)) return { name, attributes, children: [] }
    if (!take(tagEnd)) throw new Error(`the tag ${name} is not closed at ${here()}`)
    const children: (Element | string)[] = []
    for (;;) {
      const end = take(closing)
      if (end) {
        if (end[1] !== name) throw new Error(`${name} is ended by ${end[1]}`)
        return { name, attributes, children }
      }
      const characters = take(characterData)
      if (characters) children.push(decoded(characters[0]))
      else children.push(element())
    }
  }
  take(declaration)
  take(doctype)
  const root = element()
  if (text.slice(place).trim() !== '') throw new Error(`something follows the root: ${here()}`)
  return root
}

function decoded(text: string): string {
  return text.replace(/&(#?\w*;?)/g, (_, entity: string) => {
    const number = /^#(\d+);$/.exec(entity)?.[1]
    const character = number === undefined ? entities[entity.slice(0, -1)] : String.fromCodePoint(Number(number))
    if (character === undefined || !entity.endsWith(';')) throw new Error(`&${entity} is no entity of XML`)
    return character
  })
}

export function textOf(element: Element): string {
  return element.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('')
}

/** All elements of a name, in the order of the document. */
export function all(element: Element, name: string): readonly Element[] {
  return element.children.flatMap((child) =>
    typeof child === 'string' ? [] : [...(child.name === name ? [child] : []), ...all(child, name)],
  )
}

/** Names of elements with their attributes' names, nested: what must not change with any text. */
export function shape(element: Element): unknown {
  const inner = element.children.flatMap((child) => (typeof child === 'string' ? [] : [shape(child)]))
  return [element.name, Object.keys(element.attributes), inner]
}
