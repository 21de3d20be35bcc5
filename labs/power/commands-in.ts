import { shellCommands } from './shell-commands.ts'

/** A program that an argument array runs, directly or through others. */
export interface CommandFound {
  /** its name without the directory */
  readonly program: string
  readonly arguments: readonly string[]
  /** `NAME=value` words that set variables for it alone */
  readonly assignments: readonly string[]
}

interface Wrapper {
  /** short options that take a value */
  readonly values?: string
  /** long options that take a value as the next word */
  readonly longValues?: readonly string[]
  /** words between the options and the command: the limit of timeout, the file of flock */
  readonly operands?: number
}

/** Programs that run another one, whose name and arguments follow as words of their own. From their man pages. */
const wrappers: Readonly<Record<string, Wrapper>> = {
  env: { values: 'uCS', longValues: ['unset', 'chdir'] },
  sudo: {
    values: 'ugpCDRTUhrtc',
    longValues: ['user', 'group', 'prompt', 'chdir', 'chroot', 'host', 'role', 'type', 'close-from', 'other-user'],
  },
  doas: { values: 'uC' },
  nice: { values: 'n', longValues: ['adjustment'] },
  ionice: { values: 'cn', longValues: ['class', 'classdata'] },
  chrt: { operands: 1 },
  taskset: { operands: 1 },
  timeout: { values: 'ks', longValues: ['kill-after', 'signal'], operands: 1 },
  nohup: {},
  setsid: {},
  stdbuf: { values: 'ioe' },
  unbuffer: {},
  time: { values: 'fo' },
  chroot: { operands: 1 },
  flock: { values: 'wE', operands: 1 },
  xargs: { values: 'IinPLdasE' },
  watch: { values: 'n', longValues: ['interval'] },
  strace: { values: 'eopsuEaIOPSXb' },
  setpriv: {},
  'systemd-run': { values: 'pEHMu' },
  'systemd-inhibit': {},
  faketime: { operands: 1 },
  proxychains: { values: 'f' },
  proxychains4: { values: 'f' },
  busybox: {},
  toybox: {},
  sshpass: { values: 'fdpP' },
  command: {},
  exec: { values: 'a' },
  nsenter: { values: 'tSG' },
}
const shells = /^(ba|da|a|z|k|mk|c|tc|fi)?sh$/
/** ssh(1): options that take a value */
const sshValues = 'BbcDEeFIiJLlmOopPQRSWw'

/**
 * Every program that an argument array runs: the first word, and what it runs in turn where that is written in its
 * arguments (`sudo -n`, `env A=b`, `timeout 5`, `sh -c '…'`, `ssh HOST …`). Outer ones come before inner ones, commands
 * of a script in their order: the last one is the one whose exit status is the whole's.
 */
export function commandsIn(argv: readonly string[], depth = 0): readonly CommandFound[] {
  const start = argv.findIndex((word) => !isAssignment(word))
  const assignments = start < 0 ? argv : argv.slice(0, start)
  if (start < 0) return assignments.length === 0 ? [] : [{ program: '', arguments: [], assignments }]
  const program =
    argv[start]
      ?.split(/[\\/]/)
      .at(-1)
      ?.replace(/\.exe$/i, '') ?? ''
  const words = argv.slice(start + 1)
  const itself: CommandFound = { program, arguments: words, assignments }
  if (depth > 8) return [itself]
  const scripts = (texts: readonly string[]) =>
    texts.flatMap((text) => shellCommands(text).flatMap((one) => commandsIn(one, depth + 1)))

  if (shells.test(program) || program === 'su' || program === 'runuser') {
    const at = words.findIndex((word) => /^-[a-z]*c$/.test(word) || word === '--command')
    const glued = words.flatMap((word) => /^--command=([^]*)$/.exec(word)?.[1] ?? [])
    return [itself, ...scripts([...(at < 0 ? [] : words.slice(at + 1, at + 2)), ...glued])]
  }
  if (program === 'eval') return scripts([words.join(' ')])
  if (program === 'ssh') {
    const host = endOfOptions(words, { values: sshValues })
    return [{ ...itself, arguments: words.slice(0, host + 1) }, ...scripts([words.slice(host + 1).join(' ')])]
  }
  if (program === 'ip' && words.includes('exec')) {
    return [itself, ...commandsIn(words.slice(words.indexOf('exec') + 2), depth + 1)]
  }
  const wrapper = Object.hasOwn(wrappers, program) ? wrappers[program] : undefined
  if (wrapper === undefined) return [itself]
  const at = endOfOptions(words, wrapper) + (wrapper.operands ?? 0)
  const own = { ...itself, arguments: words.slice(0, at) }
  const split = program === 'env' ? words.flatMap((word, index) => splitText(word, words[index + 1])) : []
  if (split.length > 0) return [own, ...scripts(split)]
  if (program === 'flock' && words[at] === '-c') return [own, ...scripts(words.slice(at + 1, at + 2))]
  return [own, ...commandsIn(words.slice(at), depth + 1)]
}

/** `env -S 'A=b program …'` */
function splitText(word: string, next: string | undefined): readonly string[] {
  if (/^-[iv0]*S$/.test(word) || word === '--split-string') return next === undefined ? [] : [next]
  const glued = /^(?:-[iv0]*S|--split-string=)([^]+)$/.exec(word)?.[1]
  return glued === undefined ? [] : [glued]
}

/** The index of the first word that is neither an option nor an option's value. */
function endOfOptions(words: readonly string[], { values = '', longValues = [] }: Wrapper): number {
  let at = 0
  while (at < words.length) {
    const word = words[at] ?? ''
    if (word === '--') return at + 1
    if (!word.startsWith('-') || word === '-') return at
    at += 1
    if (word.startsWith('--')) {
      if (longValues.includes(word.slice(2))) at += 1
      continue
    }
    const first = [...word.slice(1)].findIndex((letter) => values.includes(letter))
    if (first >= 0 && first === word.length - 2) at += 1
  }
  return at
}

export const isAssignment = (word: string): boolean => /^[A-Za-z_]\w*=/.test(word)
