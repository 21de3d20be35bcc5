/**
 * One row of a documented scenario table, as data: what the document says, what the lab does, what must be seen.
 * A row knows roles (A, B), never hosts, and never what kind of lab it runs on.
 */
import type { Outcome } from './outcome.ts'
import type { conditions, FaultName, faultTargets, InvariantName, operations, ruleNames } from './words.ts'

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
  /** what the row changes of the cluster's parameters */
  readonly parameters?: Readonly<Record<string, unknown>>
  /** how many nodes it is written for; absent: two */
  readonly nodes?: { readonly least: number; readonly most: number }
  /** the roles whose nodes are in the cluster when it begins; absent: all */
  readonly members?: readonly string[]
  /** the sub-clusters into which it parts the members */
  readonly sides?: readonly (readonly string[])[]
  readonly steps: readonly Step[]
  /** outcomes that are right in the end, per role; the rules say how they go together */
  readonly expected: Readonly<Record<string, readonly Outcome[]>>
  readonly rules: readonly Rule[]
  /** invariants that the document itself breaks, and where it says so */
  readonly exceptions?: readonly Exception[]
}

/** An invariant that is not asked in a row, because the document says that it does not hold there. */
export interface Exception {
  readonly invariant: InvariantName
  /** the document's reason, in words */
  readonly why: string
}

/** A row of this version's table: its faults are among those that there are, each with just the words that it takes. */
export type Row = Omit<Scenario, 'steps'> & { readonly steps: readonly RowStep[] }
export type RowStep = Exclude<Step, { readonly do: 'fault' }> | FaultStep
type FaultStep = {
  readonly [Name in FaultName]: {
    readonly do: 'fault'
    readonly fault: Name
    readonly target: Readonly<Record<(typeof faultTargets)[Name][number], string>>
    readonly id: string
  }
}[FaultName]

/** As a recording has it, perhaps of another version, with faults and words that this one does not know. */
export type Step =
  | {
      readonly do: 'fault'
      readonly fault: string
      readonly target: Readonly<Record<string, string>>
      readonly id: string
    }
  | { readonly do: 'revert'; readonly id: string }
  /** `of`: the roles that it is about, where the condition is about some */
  | { readonly do: 'await'; readonly condition: Condition; readonly seconds: number; readonly of?: readonly string[] }
  /** looks on, so that what does not happen can be seen not to: so many times as long as a silent peer is waited for */
  | { readonly do: 'watch'; readonly peerTimeouts: number }
  /** from here on A is who goes on, B who was lost: a race has no winner that a row could know before */
  | { readonly do: 'bind'; readonly roles: Readonly<Record<string, 'survivor' | 'loser'>> }
  /** what the operator does */
  | { readonly do: 'operate'; readonly operation: OperationName; readonly of: readonly string[] }
  /** looks at what became of everybody so far */
  | {
      readonly do: 'checkpoint'
      readonly name: string
      readonly expected: Readonly<Record<string, readonly Outcome[]>>
    }

/** What a step can wait for. Waiting decides nothing: the rules judge what was recorded. */
export type Condition = (typeof conditions)[number]
/** What the operator of a cluster does by hand. */
export type OperationName = (typeof operations)[number]
/** The rules of labs/verdicts, by name. */
export type Rule = (typeof ruleNames)[number]

/** The roles that a row names, in order: A, B, ... */
export function rolesOf({ expected }: Pick<Scenario, 'expected'>): readonly string[] {
  return Object.keys(expected).sort()
}

/** How many nodes a row is written for. */
export const nodesWanted = ({ nodes }: Pick<Scenario, 'nodes'>) => nodes ?? { least: 2, most: 2 }
