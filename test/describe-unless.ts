import { describe } from 'vitest'

declare module 'vitest' {
  interface TaskMeta {
    /** why a test is skipped; the last lines of `npm test` print it */
    reason?: string
  }
}

/** A group of tests that is skipped, with the reason, where `missing` says what is not there. */
export function describeUnless(missing: string | undefined, what: string, tests: () => void): void {
  if (missing === undefined) describe(what, tests)
  else {
    console.log(`skipped: ${what}: ${missing}`)
    describe.skip(what, { meta: { reason: missing } }, tests)
  }
}
