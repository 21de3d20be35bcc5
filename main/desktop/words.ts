import { parseArgs } from 'node:util'

export interface Words {
  /** `--testbed=FILE`: what is open at first */
  readonly testbed: string | undefined
  /** `--self-check`: open the window, see whether everything is there, say so, end. For a check of a packed program */
  readonly selfCheck: boolean
}

/** What the program was started with. Electron's and Chromium's own words are among it, and are none of ours. */
export function readWords(words: readonly string[]): Words {
  const { values } = parseArgs({
    args: [...words],
    options: { testbed: { type: 'string' }, 'self-check': { type: 'boolean' } },
    strict: false,
    allowPositionals: true,
  })
  return {
    testbed: typeof values.testbed === 'string' ? values.testbed : undefined,
    selfCheck: values['self-check'] === true,
  }
}
