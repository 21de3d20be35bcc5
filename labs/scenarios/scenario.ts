/**
 * One row of a documented scenario table, as data: what the document says, what the lab does, what must be seen.
 * A row knows roles (A, B), never hosts, and never what kind of lab it runs on.
 */
import type { Outcome } from '../journal/outcome.ts'

export interface Scenario {
  /** kebab-case, the name on the command line */
  readonly name: string
  readonly title: string
  /** the document's words, in short form */
  readonly document: {
    readonly event: string
    readonly nodes: Readonly<Record<string, string>>
    readonly operatorAction: string
  }
  readonly source: { readonly document: string; readonly place: string }
  readonly policy: string
  readonly steps: readonly Step[]
  /** outcomes that are right, per role; the rules say how they go together */
  readonly expected: Readonly<Record<string, readonly Outcome[]>>
  readonly rules: readonly Rule[]
}

export type Step =
  | { readonly do: 'fault'; readonly fault: string; readonly target: Readonly<Record<string, string>>; readonly id: string }
  | { readonly do: 'revert'; readonly id: string }
  | { readonly do: 'await'; readonly condition: Condition; readonly seconds: number }

/** What a step can wait for. Waiting decides nothing: the rules judge what was recorded. */
export type Condition =
  | 'one-panicked-and-fenced'
  | 'link-loss-noticed'
  | 'all-links-heard'
  | 'hung-node-ejected'
  | 'hung-node-settled'

/** The rules of labs/verdicts, by name. */
export type Rule =
  | 'exactly-one-continues'
  | 'others-panicked'
  | 'all-continue'
  | 'survivor-alone-on-coordination-majority'
  | 'survivor-alone-on-data'
  | 'no-write-after-ejection'
  | 'nobody-ejected'
  | 'message-on-every-node'
  | 'ledger-without-gap'
  | 'link-used-again'
  | 'hung-node-was-ejected-while-hung'
  | 'hung-node-panicked'
