import type { RunDocument } from './run-document.ts'

/** `run` came to an end before its last row: what ended it (`cause`), and the rows that were judged before. */
export class RunsEnded extends Error {
  override readonly name = 'RunsEnded'
  readonly runs: readonly RunDocument[]

  constructor(cause: unknown, runs: readonly RunDocument[]) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.runs = runs
  }
}
