/** One word for one thing: what glossary.md says not to use does not occur in what people read. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const filesIn = (folder: string, ending: RegExp) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() && ending.test(entry.name) ? [join(entry.parentPath, entry.name).slice(root.length)] : [],
  )

const glossary = 'labs/docs/glossary.md'
/**
 * Words that still stand in many places, names of types and files among them: to be replaced by a change of their own.
 * One that occurs no more must leave this list.
 */
const stillToBeReplaced: readonly string[] = ['row', 'all green', 'goes on', 'parted']

interface Entry {
  readonly term: string
  readonly text: string
  readonly not: readonly string[]
}
const entries: readonly Entry[] = read(glossary)
  .split(/\n- (?=\*\*)/)
  .slice(1)
  .map((entry) => {
    const words = entry.replaceAll(/\s+/g, ' ')
    const [, term = '', text = '', not = ''] = /^\*\*([^*]+)\*\*: (.*?) Not: (.*)\.\s*$/.exec(words) ?? []
    return { term, text, not: [...not.matchAll(/_([^_]+)_/g)].map(([, word = '']) => word) }
  })

/** What a source file holds for people: its string literals, and the template of a component; without its comments. */
function textsOf(file: string): readonly string[] {
  const text = read(file)
  if (file.endsWith('.md')) return [text]
  if (!file.endsWith('.vue')) return literals(file, text)
  const template = (/<template>[\s\S]*<\/template>/.exec(text)?.[0] ?? '').replaceAll(/<!--[\s\S]*?-->/g, '')
  return [template, ...literals(file, /<script[^>]*>([\s\S]*?)<\/script>/.exec(text)?.[1] ?? '')]
}
function literals(file: string, text: string): readonly string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    const isPart = ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node)
    if (ts.isStringLiteralLike(node) || isPart) found.push(node.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS))
  return found
}

const documents = ['README.md', ...filesIn('labs/docs', /\.md$/)].filter((file) => file !== glossary)
const interfaceFiles = [
  ...filesIn('renderer', /\.(ts|vue)$/),
  ...filesIn('main/cli', /\.ts$/),
  'preload/contract/commands.ts',
]
const whatPeopleRead = [...documents, ...interfaceFiles].map((file) => ({
  file,
  text: textsOf(file).join('\n').replaceAll(/\s+/g, ' '),
}))
const places = (word: string) => {
  const pattern = new RegExp(`\\b${word}\\b`, 'i')
  return whatPeopleRead.filter(({ text }) => pattern.test(text)).map(({ file }) => file)
}

test('at most forty words, each with its meaning and a word not to use', () => {
  expect(entries.length).toBeGreaterThan(20)
  expect(entries.length).toBeLessThanOrEqual(40)
  for (const { term, text, not } of entries) {
    expect([term, text.length > 10, not.length > 0]).toEqual([term, true, true])
    expect(text.split(/[.;] /).length).toBeLessThanOrEqual(3)
  }
  expect(new Set(entries.map(({ term }) => term)).size).toBe(entries.length)
})

test.each(entries.map(({ term }) => term))('"%s" is used', (term) => {
  const pattern = new RegExp(`\\b${term}`, 'i')
  expect(whatPeopleRead.some(({ text }) => pattern.test(text))).toBe(true)
})

describe('words not to use', () => {
  const words = entries.flatMap(({ not }) => not)
  test.each(words.filter((word) => !stillToBeReplaced.includes(word)))('"%s" occurs nowhere', (word) => {
    expect(places(word)).toEqual([])
  })

  test.each(stillToBeReplaced)('"%s" is still to be replaced', (word) => {
    expect(words).toContain(word)
    expect(places(word)).not.toEqual([])
  })
})
