import { nestsTooDeep } from './nests-too-deep.ts'
import { isAlias, isMap, isNode, isPair, isScalar, isSeq, parseDocument, type Document } from 'yaml'

export type Path = readonly (string | number)[]

/** A complaint about the YAML itself, before anybody asks what it means. */
export interface YamlComplaint {
  readonly offset: number
  readonly path: Path
  readonly message: string
  readonly expected: string
}

/** The plain values of a YAML text, and where in the text each of them stands. */
export interface YamlSource {
  readonly value: unknown
  readonly complaints: readonly YamlComplaint[]
  /** offset in the text of a key or value; of the nearest thing around it where there is no such key */
  readonly offsetOf: (path: Path, at?: 'key' | 'value') => number
  /** every key with its value and where that value stands, in the order of the file */
  readonly entries: readonly YamlEntry[]
  readonly position: (offset: number) => { readonly line: number; readonly column: number }
}
export interface YamlEntry {
  readonly path: Path
  readonly value: unknown
  /** offsets of the value: first character, and the one after the last */
  readonly range: readonly [number, number]
}

/**
 * Keys whose plain value is text even where YAML reads a number: a WWID or a cluster id of digits alone would lose its
 * leading zeros or become `Infinity` (`0x6001…`, `0001`, `1e10`), and an SNMP version is a name.
 */
const textKeys = new Set(['wwid', 'cluster', 'version'])
/** No testbed comes near these; a file of aliases of aliases of aliases does. */
const limits = {
  depth: 24,
  /** open at once; beyond it the parser is not even begun with */
  brackets: 100,
  values: 50_000,
  /** one open bracket makes an error of every line after it */
  complaints: 5,
}

/** Reads one YAML 1.2 document. Never throws: what is wrong with it is in `complaints`. */
export function readYaml(text: string): YamlSource {
  const deep = nestsTooDeep(text, limits.brackets)
  const document = deep === undefined ? parse(text) : undefined
  if (document === undefined) {
    const complaint = { offset: deep ?? 0, path: [], message: 'nests too deep or too much', expected: 'a plain file' }
    return {
      value: null,
      complaints: [complaint],
      entries: [],
      offsetOf: () => complaint.offset,
      position: (offset) => positionIn(text, offset),
    }
  }
  const faults = [...document.errors, ...document.warnings].slice(0, limits.complaints)
  const complaints: YamlComplaint[] = faults.map(({ code, message, pos }) => ({
    offset: pos[0],
    path: [],
    ...inOurWords(code, message),
  }))
  const walk = walkDocument(document, text)
  // What is walked out of a broken document serves to find secrets in it; complaints about it would only be noise.
  if (complaints.length === 0) complaints.push(...walk.complaints)
  return {
    value: walk.value,
    complaints,
    entries: walk.entries,
    offsetOf: (path, at = 'value') => walk.offsetOf(path, at),
    position: (offset) => positionIn(text, offset),
  }
}

/** Counted here: the parser's own counter stops where the parser loses its way, which is where it is needed. */
function positionIn(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, Math.min(Math.max(offset, 0), text.trimEnd().length)).split('\n')
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 }
}

/** The parser goes into what is nested by calling itself. @returns undefined where that is too deep for it */
function parse(text: string): Document.Parsed | undefined {
  try {
    const document = parseDocument(text, { prettyErrors: false, uniqueKeys: true, stringKeys: false })
    // it may catch that itself, and tell it as an error of the text
    return document.errors.some(({ message }) => /call stack/.test(message)) ? undefined : document
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function walkDocument(document: Document.Parsed, text: string) {
  const places = new Map<string, { readonly key: number; readonly value: number }>()
  const complaints: YamlComplaint[] = []
  const entries: YamlEntry[] = []
  let values = 0
  let tooMuch = false

  /** @returns the plain value of a node */
  function plain(node: unknown, path: Path, offset: number): unknown {
    values += 1
    if (path.length > limits.depth || values > limits.values) {
      if (!tooMuch) complaints.push({ offset, path, message: 'nests too deep or too much', expected: 'a plain file' })
      tooMuch = true
      return null
    }
    if (isAlias(node)) {
      const target = node.resolve(document)
      if (target === undefined) complaints.push({ offset, path, ...inOurWords('BAD_ALIAS', '') })
      return plain(target, path, offset)
    }
    if (isSeq(node)) {
      return node.items.map((item, index) => {
        places.set(id([...path, index]), { key: startOf(item, offset), value: startOf(item, offset) })
        return plain(item, [...path, index], startOf(item, offset))
      })
    }
    if (isMap(node)) {
      const result: Record<string, unknown> = {}
      for (const pair of node.items) {
        if (!isPair(pair)) continue
        const at = startOf(pair.key, offset)
        const key = isScalar(pair.key) ? keyText(pair.key.value) : undefined
        // A key like __proto__ or toString would find JavaScript's own members where a name is looked up.
        if (key === undefined || key in Object.prototype) {
          complaints.push({ offset: at, path, message: 'this cannot be a key', expected: 'a key that is a plain name' })
          continue
        }
        const inner = [...path, key]
        const start = startOf(pair.value, at)
        // A block that begins on a line of its own is shown at its key, not at the first thing in it.
        const below = (isMap(pair.value) || isSeq(pair.value)) && text.slice(at, start).includes('\n')
        places.set(id(inner), { key: at, value: below ? at : start })
        const value = plain(pair.value, inner, start)
        result[key] =
          typeof value === 'number' && textKeys.has(key) && isScalar(pair.value) ? (pair.value.source ?? value) : value
        const range = isNode(pair.value) ? pair.value.range : undefined
        entries.push({ path: inner, value: result[key], range: range ? [range[0], range[1]] : [at, at] })
      }
      return result
    }
    return isScalar(node) ? node.value : null
  }

  const root = startOf(document.contents, 0)
  const value = plain(document.contents, [], root)
  function offsetOf(path: Path, at: 'key' | 'value'): number {
    for (let length = path.length; length > 0; length -= 1) {
      const place = places.get(id(path.slice(0, length)))
      // What is not there is shown at the key of what should hold it.
      if (place) return length === path.length ? place[at] : place.key
    }
    return root
  }
  return { value, complaints, entries, offsetOf }
}

function id(path: Path): string {
  return JSON.stringify(path)
}

function startOf(node: unknown, otherwise: number): number {
  return (isNode(node) ? node.range?.[0] : undefined) ?? otherwise
}

function keyText(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? `${value}` : undefined
}

/** The library's codes in the words of somebody who writes a testbed; its own message where it says more. */
function inOurWords(code: string, message: string): { message: string; expected: string } {
  switch (code) {
    case 'DUPLICATE_KEY':
      return { message: 'this key stands here a second time', expected: 'every key once in a mapping' }
    case 'TAB_AS_INDENT':
      return { message: 'a tab is used as indentation', expected: 'spaces: YAML allows no tabs there' }
    case 'BAD_INDENT':
      if (/^Flow/.test(message)) return { message: 'a [ or { above is still open here', expected: 'its ] or }' }
      return { message: 'the indentation does not fit', expected: 'the same indentation for all keys of a mapping' }
    case 'MULTIPLE_DOCS':
      return { message: 'a second document starts here', expected: 'one testbed in a file' }
    case 'TAG_RESOLVE_FAILED':
      return { message: 'this tag (!…) is not known here', expected: 'plain YAML without tags' }
    case 'BAD_ALIAS':
      return { message: 'this alias does not resolve', expected: 'an anchor (&name) before its alias (*name)' }
    default:
      return { message: `this is not YAML: ${message.replace(/\s+/g, ' ')}`, expected: 'YAML 1.2' }
  }
}
