import type { LastWord, LastWords } from '../stack.ts'

/** How a console shows what the reference cluster writes to the kernel's log: seconds since that kernel booted, then its words. */
const shown = /^\[ *(\d+\.\d+)\] fencelab: (.*)$/

const meanings: Readonly<Record<LastWord, RegExp>> = {
  race: /\brac(e|es|ed|ing)\b/i,
  'race-lost': /^lost the race: \d+ of \d+ /,
  'tie-breaker-silent': /^no reply from the tie-breaker /,
}

/** A line of a node's console as words of the reference cluster; undefined for a line that is none of its. */
export function readLastWords(line: string): LastWords | undefined {
  const [, seconds, text = ''] = shown.exec(line) ?? []
  if (seconds === undefined) return undefined
  const tells = (Object.keys(meanings) as LastWord[]).filter((word) => meanings[word].test(text))
  return { hostAt: Number(seconds), text, tells }
}
