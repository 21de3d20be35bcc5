import type { OnProgress } from '../progress.ts'

/** What a command works with: where it says things, and when it is to stop. */
export interface Context {
  /** results: standard output */
  print(text: string): void
  /** everything else: standard error */
  say(text: string): void
  readonly onProgress: OnProgress
  readonly signal: AbortSignal
  /** fires when whoever read the results has closed standard output; absent: nobody can */
  readonly readerGone?: AbortSignal
}

/** Exit statuses; run and judge use all of them. */
export const exitStatus = { passed: 0, failed: 1, inconclusive: 2, notRun: 3 } as const
export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus]
