/** Control characters, formatting characters (they can turn the order of a text round), lone surrogates, line separators. */
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\uFFFE\uFFFF]/gu

/**
 * A text whose invisible characters are spelled out, as `\u{202e}`; newline and tab stay. What remains is allowed in XML
 * 1.0 (production Char), and looks like what it is: a console's text must not be able to hide or to reorder words.
 */
export function visible(text: string): string {
  return text.replace(invisible, (character) =>
    character === '\n' || character === '\t' ? character : `\\u{${character.codePointAt(0)?.toString(16)}}`,
  )
}
