import { Lexer } from 'yaml'

/**
 * Where more than `limit` brackets are open at once, if anywhere. Told without nested calls, before the text is parsed
 * with such.
 * @returns the offset of the bracket that is too much
 */
export function nestsTooDeep(text: string, limit: number): number | undefined {
  let open = 0
  let offset = 0
  let scalar = false
  for (const token of new Lexer().lex(text)) {
    // marks of the lexer, no characters of the text
    if (token === '\u0002' || token === '\u0018' || token === '\u001F') {
      scalar = token === '\u001F'
      continue
    }
    if (!scalar && (token === '[' || token === '{')) open += 1
    if (!scalar && (token === ']' || token === '}')) open -= 1
    if (open > limit) return offset
    scalar = false
    offset += token.length
  }
  return undefined
}
