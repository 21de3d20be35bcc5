/** The one place where an argument array becomes a shell's command line. */

/** Only these stand for themselves in every shell a login may have; note no `=` (zsh) and no `~`, `^`, `!` (csh). */
const plain = /^[A-Za-z0-9_@%+:,./-]+$/
/** Words that POSIX (XCU 2.4) or bash treat as grammar where a command name is expected. */
const reserved = new Set(
  'if then else elif fi do done case esac while until for in select function time coproc'.split(' '),
)

/**
 * One word, quoted for a POSIX shell (XCU 2.2.2): the shell's word is `text`, to the letter.
 *
 * @throws {RangeError} for text that no command line can carry: with a NUL, or with half a surrogate pair
 */
export function quote(text: string): string {
  if (text.includes('\0')) throw new RangeError(`An argument cannot carry a NUL byte: ${JSON.stringify(text)}`)
  if (/\p{Surrogate}/u.test(text)) throw new RangeError(`An argument is not valid text: ${JSON.stringify(text)}`)
  return plain.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

export interface CommandOptions {
  /** through `sudo -n --`: never asks, fails where it would have to */
  readonly sudo?: boolean
  /** set for this command alone; through env(1), so that sudo's cleaning of the environment does not lose it */
  readonly env?: Readonly<Record<string, string>>
}

/**
 * The whole argument array, with what `options` put before it.
 *
 * @throws {RangeError} for an empty array, a command name that is empty or would be taken for an option or an assignment, a wrong variable name
 */
export function fullArguments(argv: readonly string[], options: CommandOptions = {}): readonly string[] {
  const command = argv[0]
  if (!command) throw new RangeError('A command needs a name: the argument array is empty')
  if (command.startsWith('-')) throw new RangeError(`A command's name cannot start with a dash: ${command}`)
  const variables = Object.entries(options.env ?? {})
  for (const [name] of variables) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new RangeError(`Not a name of an environment variable: ${name}`)
  }
  if (command.includes('=')) throw new RangeError(`sudo and env take a name with = for an assignment: ${command}`)
  return [
    ...(options.sudo ? ['sudo', '-n', '--'] : []),
    ...(variables.length ? ['env', ...variables.map(([name, value]) => `${name}=${value}`)] : []),
    ...argv,
  ]
}

/** The command line for a POSIX shell that runs exactly `argv`; see `fullArguments` and `quote` for what is refused. */
export function commandLine(argv: readonly string[], options: CommandOptions = {}): string {
  const [command = '', ...rest] = fullArguments(argv, options)
  const name = reserved.has(command) ? `'${command}'` : quote(command)
  return [name, ...rest.map(quote)].join(' ')
}
