/** One simple command of a shell script: its words with quotes and backslashes taken away. */
export type ShellCommand = readonly string[]

/**
 * The simple commands of a shell script, in its order (POSIX XCU 2.2 and 2.10, as far as words go). Expansions stay as
 * they are written (`$NAME`, `$(…)`); what a command substitution runs comes before the command that it stands in.
 * Redirections are words like any other, and so are the lines of a here-document. Never throws: an open quote ends with
 * the script.
 */
export function shellCommands(script: string): readonly ShellCommand[] {
  const commands: ShellCommand[] = []
  let words: string[] = []
  let word: string | undefined
  const endWord = () => {
    if (word !== undefined) words.push(word)
    word = undefined
  }
  const endCommand = () => {
    endWord()
    while (reserved.has(words[0] ?? '')) words.shift()
    if (words.length > 0) commands.push(words)
    words = []
  }
  const add = (text: string) => (word = (word ?? '') + text)
  /** Takes an expansion at `at`, whatever quotes it stands in. Returns where it ends. */
  const expansion = (at: number): number => {
    const end = endOfExpansion(script, at)
    const text = script.slice(at, end)
    add(text)
    const inner = /^\$\(([^]*)\)$/.exec(text)?.[1] ?? /^`([^]*)`$/.exec(text)?.[1]
    if (inner !== undefined) commands.push(...shellCommands(inner))
    return end
  }
  for (let at = 0; at < script.length;) {
    const letter = script.charAt(at)
    if (letter === "'") {
      const end = script.indexOf("'", at + 1)
      add(script.slice(at + 1, end < 0 ? undefined : end))
      at = end < 0 ? script.length : end + 1
    } else if (letter === '"') {
      add('')
      at += 1
      while (at < script.length && script.charAt(at) !== '"') {
        const inside = script.charAt(at)
        if (inside === '\\') {
          const next = script.charAt(at + 1)
          add(/[$`"\\]/.test(next) ? next : next === '\n' ? '' : `\\${next}`)
          at += 2
        } else if (inside === '`' || (inside === '$' && script.charAt(at + 1) === '(')) at = expansion(at)
        else {
          add(inside)
          at += 1
        }
      }
      at += 1
    } else if (letter === '\\') {
      if (script.charAt(at + 1) !== '\n') add(script.charAt(at + 1))
      at += 2
    } else if (letter === '`' || (letter === '$' && /[({]/.test(script.charAt(at + 1)))) at = expansion(at)
    else if (/[;&|\n()]/.test(letter)) {
      endCommand()
      at += 1
    } else if (/\s/.test(letter)) {
      endWord()
      at += 1
    } else if (letter === '#' && word === undefined) {
      const end = script.indexOf('\n', at)
      at = end < 0 ? script.length : end
    } else {
      add(letter)
      at += 1
    }
  }
  endCommand()
  return commands
}

/** Words that come before a command without being one (XCU 2.4). */
const reserved = new Set(['!', '{', '}', 'if', 'then', 'else', 'elif', 'while', 'until', 'do', 'time'])

/** Where the `$(…)`, `${…}` or `` `…` `` ends that begins at `at`. */
function endOfExpansion(script: string, at: number): number {
  if (script.charAt(at) === '`') {
    const end = script.indexOf('`', at + 1)
    return end < 0 ? script.length : end + 1
  }
  const open = script.charAt(at + 1)
  const close = open === '(' ? ')' : '}'
  let depth = 0
  for (let place = at + 1; place < script.length; place += 1) {
    const letter = script.charAt(place)
    if (letter === '\\') place += 1
    else if (letter === open) depth += 1
    else if (letter === close) {
      depth -= 1
      if (depth === 0) return place + 1
    }
  }
  return script.length
}
