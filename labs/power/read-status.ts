/** How a status command ended. `exit` null: by a signal. */
export interface StatusEnd {
  readonly exit: number | null
  readonly stdout: string
  readonly stderr: string
}

/** What a status command prints for each state, as the testbed declares it. */
export interface StatusTexts {
  readonly on: string
  readonly off: string
}

export type StatusReading =
  | { readonly ok: true; readonly state: 'on' | 'off' }
  /** why this is no answer */
  | { readonly ok: false; readonly reason: string }

/**
 * Reads what a status command of a power unit said about an outlet. What is not understood is no answer.
 *
 * Without `says` the command must end as the power agents of fence-agents do (fence-agents 4.12.1, fencing.py): 0 for
 * on and 2 for off. Many programs end with 2 when they do not understand their arguments, and others (`ipmitool chassis
 * power status`) end with 0 whatever the state is, so what the command prints must not speak against its exit status:
 * it prints nothing, or names the same state at the end of a line (`Status: OFF`).
 *
 * With `says` the exit status must be 0, and standard output must contain exactly one of the two texts.
 */
export function readStatus(end: StatusEnd, says?: StatusTexts): StatusReading {
  if (usage.test(end.stdout) || usage.test(end.stderr)) {
    return no('it printed its usage, so it did not understand its arguments')
  }
  return says === undefined ? byExitStatus(end) : byText(end, says)
}

/** `usage: …`, also as some programs translate it, and the hint that GNU programs print instead. */
const usage =
  /^\W*(?:[\w./-]+: )?(?:usage|syntax|synopsis|aufruf|verwendung|utilisation|uso)\s*(?::|$)|\btry ['"`‘]?\S.*--help\b/im

/** Does a command that should have switched an outlet print its usage instead? */
export const isUsage = (text: string): boolean => usage.test(text)

function byText({ exit, stdout }: StatusEnd, says: StatusTexts): StatusReading {
  if (exit !== 0) return no('expected exit 0')
  const on = containsText(stdout, says.on)
  const off = containsText(stdout, says.off)
  if (on && off) return no(`it printed both "${says.on}" and "${says.off}"`)
  if (!on && !off) return no(`it printed neither "${says.on}" nor "${says.off}"`)
  return { ok: true, state: on ? 'on' : 'off' }
}

/** Is `wanted` in `text`, as whole words? Case and the width of blanks do not count. */
export function containsText(text: string, wanted: string): boolean {
  const words = wanted.trim().split(/\s+/).map(escaped)
  return new RegExp(`(?<![\\p{L}\\p{N}_])${words.join('\\s+')}(?![\\p{L}\\p{N}_])`, 'iu').test(text)
}
const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

function byExitStatus({ exit, stdout, stderr }: StatusEnd): StatusReading {
  if (exit !== 0 && exit !== 2) return no('expected exit 0 for on or 2 for off')
  const state = exit === 0 ? 'on' : 'off'
  const other = exit === 0 ? 'off' : 'on'
  const complaints = meaningful(stderr)
  const silent = stdout.trim() === '' && complaints === ''
  if (silent) return { ok: true, state }
  const named = statesNamed(stdout)
  const fails = failure.test(stdout) || complaints.split('\n').some((line) => errorLine.test(line))
  const contradicts =
    named.has(other) || (other === 'off' && /\boff\b/i.test(stdout)) || statesNamed(complaints).has(other)
  if (contradicts) return no(`exit ${exit} is ${state}, but what it printed says ${other}`)
  if (fails || (!named.has(state) && !statesNamed(complaints).has(state))) {
    return no(`exit ${exit} is ${state}, but what it printed does not say so`)
  }
  return { ok: true, state }
}

/** Complaints about something else, as Python and ssh make them, do not speak about the outlet. */
const meaningful = (stderr: string) =>
  stderr
    .split('\n')
    .filter((line) => line.trim() !== '' && !/warning\b/i.test(line))
    .join('\n')

/** Words by which a program says that it could not find out. */
const failure = new RegExp(
  "\\b(?:errors?|fail(?:s|ed|ure)?|unable|cannot|can't|could not|couldn't|not|invalid|unknown|unrecogni[sz]ed|denied|" +
    'refused|unreachable|no such|timed? ?out)\\b',
  'i',
)
const errorLine = /(?:^|:\s)(?:error|fatal|failed|unable|cannot|invalid|unknown|usage)\b/i

/** The states that lines end with: `on`, `Status: OFF`, `Chassis Power is off.`, `{"state": "on"}`. */
function statesNamed(text: string): ReadonlySet<'on' | 'off'> {
  const found = [...text.matchAll(/(?<![\w/|-])(on|off)["'\])}.;,\s]*$/gim)]
  return new Set(found.map((match) => match[1]?.toLowerCase() as 'on' | 'off'))
}

const no = (reason: string): StatusReading => ({ ok: false, reason })
