import { frameRun } from '../journal/run.ts'
import { buildCase, type Case, type Finding } from './case.ts'
import { completeness, unmetPreconditions } from './preconditions.ts'
import { allContinue } from './rules/all-continue.ts'
import { exactlyOneContinues } from './rules/exactly-one-continues.ts'
import { expectedOutcome } from './rules/expected-outcome.ts'
import { hungNodePanicked, hungNodeWasEjectedWhileHung } from './rules/hung-node.ts'
import { ledgerWithoutGap } from './rules/ledger-without-gap.ts'
import { linkUsedAgain } from './rules/link-used-again.ts'
import { messageOnEveryNode } from './rules/message-on-every-node.ts'
import { noWriteAfterEjection } from './rules/no-write-after-ejection.ts'
import { nobodyEjected } from './rules/nobody-ejected.ts'
import { othersPanicked } from './rules/others-panicked.ts'
import { survivorAloneOnCoordinationMajority } from './rules/survivor-alone-on-coordination-majority.ts'
import { survivorAloneOnData } from './rules/survivor-alone-on-data.ts'
import type { Line } from '../journal/event.ts'
import type { Rule } from '../scenarios/scenario.ts'
import type { NodeVerdict, Reason, RuleName, Verdict, VerdictWord } from './verdict.ts'

export type RuleCheck = (run: Case) => Finding

/** Every rule by its name in the scenario table. */
export const rules: Readonly<Record<Rule, RuleCheck>> = {
  'exactly-one-continues': exactlyOneContinues,
  'others-panicked': othersPanicked,
  'all-continue': allContinue,
  'survivor-alone-on-coordination-majority': survivorAloneOnCoordinationMajority,
  'survivor-alone-on-data': survivorAloneOnData,
  'no-write-after-ejection': noWriteAfterEjection,
  'nobody-ejected': nobodyEjected,
  'message-on-every-node': messageOnEveryNode,
  'ledger-without-gap': ledgerWithoutGap,
  'link-used-again': linkUsedAgain,
  'hung-node-was-ejected-while-hung': hungNodeWasEjectedWhileHung,
  'hung-node-panicked': hungNodePanicked,
}

const bearings = { holds: 'pass', violated: 'fail', unknown: 'inconclusive' } as const

/**
 * Judges a run by its recording alone. An unmet precondition makes it inconclusive whatever else it shows; else a
 * violated rule makes it fail; else a rule that is not proved makes it inconclusive; else it passes. `checks` can be
 * given for tests. Never throws: a rule that cannot be computed is not proved.
 */
export function judge(lines: readonly Line[], checks: Readonly<Record<Rule, RuleCheck>> = rules): Verdict {
  const first = lines[0]
  const started = first?.type === 'run.started' ? first : undefined
  if (!started) {
    return { verdict: 'inconclusive', nodes: {}, reasons: asReasons(completeness({ frame: frameRun(lines) }, lines)) }
  }
  let run: Case
  try {
    run = buildCase(started, lines)
  } catch (error) {
    const text = `the recording cannot be folded: ${messageOf(error)}`
    return { verdict: 'inconclusive', nodes: {}, reasons: asReasons([{ state: 'unknown', text, events: [] }]) }
  }
  const unmet = asReasons(unmetPreconditions(run, lines))
  const named = started.scenario.rules.map((rule) => apply(rule, checks[rule], run))
  const reasons = [...unmet, apply('expected-outcome', expectedOutcome, run), ...named]
  return { verdict: unmet.length > 0 ? 'inconclusive' : worst(reasons), nodes: nodeVerdicts(run), reasons }
}

function apply(rule: RuleName, check: RuleCheck | undefined, run: Case): Reason {
  if (!check) return { rule, bearing: 'inconclusive', text: `this version knows no rule ${rule}`, events: [] }
  try {
    const { state, text, events } = check(run)
    return { rule, bearing: bearings[state], text, events }
  } catch (error) {
    return { rule, bearing: 'inconclusive', text: `${rule} cannot be computed: ${messageOf(error)}`, events: [] }
  }
}

function asReasons(findings: readonly Finding[]): readonly Reason[] {
  return findings.map(({ text, events }) => ({ rule: 'precondition', bearing: 'inconclusive', text, events }))
}

function worst(reasons: readonly Reason[]): VerdictWord {
  if (reasons.some((reason) => reason.bearing === 'fail')) return 'fail'
  return reasons.every((reason) => reason.bearing === 'pass') ? 'pass' : 'inconclusive'
}

function nodeVerdicts(run: Case): Readonly<Record<string, NodeVerdict>> {
  const { roles, scenario } = run.started
  return Object.fromEntries(
    run.nodes.map(({ name, outcome, why, events }) => {
      const own = Object.entries(roles).flatMap(([role, node]) =>
        node === name ? (scenario.expected[role] ?? []) : [],
      )
      return [name, { expected: own.join(' or ') || 'nothing', observed: outcome, why, events }]
    }),
  )
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
