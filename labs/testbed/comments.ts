import { Lexer } from 'yaml'

/** A comment of a YAML text, with its `#`. */
export interface Comment {
  readonly offset: number
  readonly text: string
}

/** marks of the lexer that stand for no character of the text (yaml's CST) */
const documentStart = '\u0002'
const flowEnd = '\u0018'
const scalarNext = '\u001F'

/**
 * All comments of a YAML text, in its order. Also of one that is no YAML, as far as it can be told there what a comment
 * is. A `#` within quotes or a block of text is none.
 */
export function commentsOf(text: string): readonly Comment[] {
  const comments: Comment[] = []
  let offset = 0
  let scalar = false
  for (const token of new Lexer().lex(text)) {
    if (token === documentStart || token === flowEnd || token === scalarNext) {
      scalar = token === scalarNext
      continue
    }
    if (!scalar && token.startsWith('#')) comments.push({ offset, text: token })
    scalar = false
    offset += token.length
  }
  return comments
}

/**
 * The text without its comments: what stands in them is nobody's business who is given a recording. Every other character
 * stays on its line and in its column.
 */
export function withoutComments(text: string): string {
  let bare = ''
  let from = 0
  for (const { offset, text: comment } of commentsOf(text)) {
    bare += text.slice(from, offset).replace(/[ \t]+$/, '')
    from = offset + comment.length
  }
  return bare + text.slice(from)
}
