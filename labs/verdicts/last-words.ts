import { ofType } from '../journal/run.ts'
import type { Case } from './case.ts'
import { isOlder, type Mark } from './stages.ts'

/** How a console shows what the reference cluster writes to the kernel's log: seconds since that kernel booted, then its words. */
const shown = /^\[ *(\d+\.\d+)\] fencelab: (.*)$/

/**
 * What a node said on its console since a moment, that matches. A node that is about to panic says why in its log and on its
 * console. The log is fetched, and what was not fetched in time is lost with the kernel; the console is a wire.
 *
 * @returns the words without the kernel's time, and the line that has them
 */
export function lastWords(
  run: Case,
  node: string,
  words: RegExp,
  since: Mark | undefined,
): { readonly seq: number; readonly text: string } | undefined {
  if (!since) return undefined
  for (const line of ofType(run.lines, 'console')) {
    const [, seconds, text = ''] = shown.exec(line.text) ?? []
    if (line.host !== node || line.seq < since.seq || !words.test(text)) continue
    if (!isOlder(run, { seq: line.seq, at: line.at, host: node, hostAt: Number(seconds) }, since))
      return { seq: line.seq, text }
  }
  return undefined
}
