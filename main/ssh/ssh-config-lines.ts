/** One line of an ssh configuration file: its keyword in small letters, and what follows. */
export interface ConfigLine {
  readonly file: string
  readonly number: number
  readonly keyword: string
  /** the words after the keyword, quotes and backslashes taken away */
  readonly words: readonly string[]
  /** what follows the keyword as it stands there: ProxyCommand is not split into words */
  readonly rest: string
}

/**
 * The lines of a file as ssh splits them (OpenSSH 9.2, readconf.c process_config_line_depth, misc.c argv_split): a
 * keyword, then blanks or one `=`, then words. Quotes of both kinds keep blanks together, a backslash stands before a
 * quote, a backslash or a blank, a word that begins with `#` ends the line. Empty lines and comments are left out.
 * @throws {SyntaxError} a quote is open at the end of a line
 */
export function configLines(text: string, file: string): readonly ConfigLine[] {
  return text.split('\n').flatMap((line, index) => {
    const number = index + 1
    const match = /^[ \t\f\r]*(?:"([^"]*)"|([^\s="#][^\s="]*))(?:[ \t]*=[ \t]*|[ \t]+|$)(.*)$/.exec(
      line.replace(/[ \t\r\f]+$/, ''),
    )
    if (!match) return []
    const keyword = (match[1] ?? match[2] ?? '').toLowerCase()
    const rest = match[3] ?? ''
    const words = splitWords(rest)
    if (words === undefined) throw new SyntaxError(`line ${number}: a quote is not closed`)
    return [{ file, number, keyword, words, rest }]
  })
}

/** Words of one line; undefined where a quote stays open. */
export function splitWords(text: string): readonly string[] | undefined {
  const words: string[] = []
  let at = 0
  for (;;) {
    while (text[at] === ' ' || text[at] === '\t') at += 1
    if (at >= text.length || text[at] === '#') return words
    let word = ''
    let quote = ''
    for (; at < text.length; at += 1) {
      const letter = text.charAt(at)
      const next = text.charAt(at + 1)
      if (letter === '\\' && (/['"\\]/.test(next) || (quote === '' && next === ' '))) {
        word += next
        at += 1
      } else if (quote === '' && (letter === ' ' || letter === '\t')) break
      else if (quote === '' && (letter === '"' || letter === "'")) quote = letter
      else if (letter === quote && quote !== '') quote = ''
      else word += letter
    }
    if (quote !== '') return undefined
    words.push(word)
  }
}
