export interface ProcessStat {
  readonly pid: number
  readonly name: string
  /** state letter */
  readonly state: string
  /** clock ticks after boot; text, because it may exceed what a number holds exactly */
  readonly started: string
}

/**
 * Reads /proc/PID/stat (proc_pid_stat(5)). The second field is the name in parentheses, which may itself hold spaces,
 * parentheses and line ends: it goes up to the last closing one.
 *
 * @throws {Error} for text that is no such line
 */
export function parseProcessStat(text: string): ProcessStat {
  const open = text.indexOf('(')
  const close = text.lastIndexOf(')')
  const pid = text.slice(0, open).trim()
  const rest = text
    .slice(close + 1)
    .trim()
    .split(' ')
  const state = rest[0] ?? ''
  // the state is field 3, so field 22 is 19 further on
  const started = rest[19] ?? ''
  if (open < 0 || close < open || !/^\d+$/.test(pid) || !/^[A-Za-z]$/.test(state) || !/^\d+$/.test(started)) {
    throw new Error(`This is no /proc/PID/stat: ${JSON.stringify(text.slice(0, 200))}`)
  }
  return { pid: Number(pid), name: text.slice(open + 1, close), state, started }
}
