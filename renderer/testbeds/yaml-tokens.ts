/** Colours a line of YAML well enough to read it. It decides nothing: the engine reads the file. */
export interface Token {
  readonly text: string
  readonly kind: 'plain' | 'key' | 'text' | 'value' | 'comment' | 'sign'
}

const pattern =
  /(#.*$)|("(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?)|([A-Za-z_][\w.-]*)(?=\s*:(?:\s|$))|(-?\b\d[\w.:]*\b|\b(?:true|false|null)\b)|([{}[\],:]|^\s*-(?=\s))/g

export function yamlTokens(line: string): readonly Token[] {
  const tokens: Token[] = []
  let place = 0
  for (const match of line.matchAll(pattern)) {
    const [all, comment, quoted, key, value] = match
    // a # in the middle of a word is no comment
    if (comment !== undefined && match.index > 0 && !/\s/.test(line[match.index - 1] ?? '')) continue
    if (match.index > place) tokens.push({ text: line.slice(place, match.index), kind: 'plain' })
    tokens.push({
      text: all,
      kind:
        comment !== undefined
          ? 'comment'
          : quoted !== undefined
            ? 'text'
            : key !== undefined
              ? 'key'
              : value !== undefined
                ? 'value'
                : 'sign',
    })
    place = match.index + all.length
  }
  if (place < line.length) tokens.push({ text: line.slice(place), kind: 'plain' })
  return tokens
}
