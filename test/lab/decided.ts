import type { TestContext } from 'vitest'
import type { RowResult } from '../../main/engine/run/run-row.ts'
import { noteRepeat } from '../note-repeat.ts'
import { told } from './lab.ts'

const attempts = 4

/** What a test wanted to do in a run came too late, or never: that run shows nothing. */
export class TooLate extends Error {
  override readonly name = 'TooLate'
}

/**
 * Runs until the lab decided: a busy computer may keep it from that. Each repeat is counted in the last lines of
 * `npm test`. A verdict is never repeated.
 *
 * @param attempt one run, with all that has to be done before it
 * @param isOpen also decides nothing, though it has a verdict
 */
export async function decided(
  task: TestContext['task'],
  attempt: () => Promise<RowResult>,
  isOpen: (result: RowResult) => boolean = () => false,
): Promise<RowResult> {
  for (let left = attempts - 1; ; left -= 1) {
    try {
      const result = await attempt()
      const { verdict, against } = told(result)
      if (left === 0 || (verdict !== 'inconclusive' && !isOpen(result))) return result
      noteRepeat(task, `${verdict}: ${against.join('; ')}`)
    } catch (error) {
      if (left === 0 || !(error instanceof TooLate)) throw error
      noteRepeat(task, error.message)
    }
  }
}
