import { ofType } from '../journal/run.ts'
import { recordedStack } from '../stacks/stack-of.ts'
import type { LastWord } from '../stacks/stack.ts'
import type { Case } from './case.ts'
import { isOlder, type Mark } from './stages.ts'

/**
 * What a node said on its console since a moment, in words of its stack. A node that is about to panic says why in its log and
 * on its console. The log is fetched, and what was not fetched in time is lost with the kernel; the console is a wire.
 *
 * @returns the words without the kernel's time, and the line that has them
 */
export function lastWords(
  run: Case,
  node: string,
  word: LastWord,
  since: Mark | undefined,
): { readonly seq: number; readonly text: string } | undefined {
  const stack = recordedStack(run.started.testbed)
  if (!since || !stack) return undefined
  for (const line of ofType(run.lines, 'console')) {
    if (line.host !== node || line.seq < since.seq) continue
    const said = stack.readLastWords(line.text)
    if (said === undefined || !said.tells.includes(word)) continue
    if (!isOlder(run, { seq: line.seq, at: line.at, host: node, hostAt: said.hostAt }, since))
      return { seq: line.seq, text: said.text }
  }
  return undefined
}
