import { createInterface } from 'node:readline/promises'
import type { Ask } from '../power/manual-driver.ts'
import type { Context } from './context.ts'

/** Puts a question to the person at the terminal. Where there is none, nobody can answer, and that is said. */
export function ask(context: Pick<Context, 'say'>): Ask {
  return async (question, signal) => {
    if (!process.stdin.isTTY) {
      throw new Error(
        `${question} Nobody can be asked: this is no terminal. Give the unit another driver, or run it at one`,
      )
    }
    context.say('')
    const lines = createInterface({ input: process.stdin, output: process.stderr })
    try {
      const answer = await lines.question(`${question} [yes/no] `, { signal })
      return /^y(es)?$/i.test(answer.trim())
    } finally {
      lines.close()
    }
  }
}
