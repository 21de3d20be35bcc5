import { frameRun } from '../journal/run.ts'
import { buildCase, type Case, type Finding } from './case.ts'
import { completeness, unmetPreconditions } from './preconditions.ts'
import { allContinue } from './rules/all-continue.ts'
import { bothWroteAtOnce } from './rules/both-wrote-at-once.ts'
import { exactlyOneContinues } from './rules/exactly-one-continues.ts'
import { expectedOnTheWay, expectedOutcome } from './rules/expected-outcome.ts'
import { fencedBeforeTakeover } from './rules/fenced-before-takeover.ts'
import { frozenNodeStopped } from './rules/frozen-node-stopped.ts'
import { healthyPeerWasEjected } from './rules/healthy-peer-was-ejected.ts'
import { hungNodePanicked, hungNodeWasEjectedWhileHung } from './rules/hung-node.ts'
import { joinerWaitedForTheFence } from './rules/joiner-waited-for-the-fence.ts'
import { keysStayedUntilCleared } from './rules/keys-stayed-until-cleared.ts'
import { invariants } from './invariants/invariants.ts'
import { judgedRow } from './judged-row.ts'
import { ledgerWithoutGap } from './rules/ledger-without-gap.ts'
import { linkUsedAgain } from './rules/link-used-again.ts'
import { membersRegistered } from './rules/members-registered.ts'
import { messageOnEveryNode } from './rules/message-on-every-node.ts'
import { neverFormed } from './rules/never-formed.ts'
import { noWriteAfterEjection } from './rules/no-write-after-ejection.ts'
import { noWriteAfterTakeover } from './rules/no-write-after-takeover.ts'
import { nobodyEjected } from './rules/nobody-ejected.ts'
import { nobodyNoticed, nobodyRaced } from './rules/nobody-raced.ts'
import { othersPanicked } from './rules/others-panicked.ts'
import { pointsWereLost } from './rules/points-were-lost.ts'
import { noNodeContinues, raceLostWithoutMajority } from './rules/race-lost-without-majority.ts'
import { refusedNodeWroteNothing } from './rules/refused-node-wrote-nothing.ts'
import { reservationWasTaken } from './rules/reservation-was-taken.ts'
import { reserveWasTaken } from './rules/reserve-was-taken.ts'
import { largerSideContinues, oneSideContinues, racerAndSpectators } from './rules/sides.ts'
import { splitBrainMessage } from './rules/split-brain-message.ts'
import { survivorAloneOnCoordinationMajority } from './rules/survivor-alone-on-coordination-majority.ts'
import { survivorAloneOnData } from './rules/survivor-alone-on-data.ts'
import { survivorWroteOn } from './rules/survivor-wrote-on.ts'
import { tieBreakerDecided } from './rules/tie-breaker-decided.ts'
import { scenarioNamed } from '../scenarios/scenarios.ts'
import type { Line, LineOf, RunStarted } from '../journal/event.ts'
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
  'split-brain-message': splitBrainMessage,
  'refused-node-wrote-nothing': refusedNodeWroteNothing,
  'survivor-wrote-on': survivorWroteOn,
  'members-registered': membersRegistered,
  'keys-stayed-until-cleared': keysStayedUntilCleared,
  'nobody-raced': nobodyRaced,
  'nobody-noticed': nobodyNoticed,
  'points-were-lost': pointsWereLost,
  'race-lost-without-majority': raceLostWithoutMajority,
  'no-node-continues': noNodeContinues,
  'never-formed': neverFormed,
  'joiner-waited-for-the-fence': joinerWaitedForTheFence,
  'healthy-peer-was-ejected': healthyPeerWasEjected,
  'one-side-continues': oneSideContinues,
  'larger-side-continues': largerSideContinues,
  'racer-and-spectators': racerAndSpectators,
  'tie-breaker-decided': tieBreakerDecided,
  'both-wrote-at-once': bothWroteAtOnce,
  'no-write-after-takeover': noWriteAfterTakeover,
  'reservation-was-taken': reservationWasTaken,
  'frozen-node-stopped': frozenNodeStopped,
  'fenced-before-takeover': fencedBeforeTakeover,
  'reserve-was-taken': reserveWasTaken,
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
  return { ...judgeStarted(started, lines, checks), row: judgedRow(started) }
}

function judgeStarted(
  started: LineOf<'run.started'>,
  lines: readonly Line[],
  checks: Readonly<Record<Rule, RuleCheck>>,
): Verdict {
  const hindrance = lines.find((line) => line.type === 'applicability' && !line.applicable)
  const wasRun = lines.some((line) => line.type === 'fault' || line.type === 'operation')
  if (hindrance?.type === 'applicability' && !wasRun && completeness({ frame: frameRun(lines) }, lines).length === 0) {
    return notApplicable(started, hindrance)
  }
  let run: Case
  try {
    run = buildCase(started, lines)
  } catch (error) {
    const text = `the recording cannot be folded: ${messageOf(error)}`
    return { verdict: 'inconclusive', nodes: {}, reasons: asReasons([{ state: 'unknown', text, events: [] }]) }
  }
  const unmet = asReasons(unmetPreconditions(run, lines))
  const named = started.scenario.rules.flatMap((rule) => apply(rule, checks[rule], run))
  const onTheWay = started.scenario.steps.some((step) => step.do === 'checkpoint')
  const reasons = [
    ...unmet,
    ...(onTheWay ? apply('expected-on-the-way', expectedOnTheWay, run) : []),
    ...apply('expected-outcome', expectedOutcome, run),
    ...invariantReasons(run),
    ...named,
  ]
  return { verdict: unmet.length > 0 ? 'inconclusive' : worst(reasons), nodes: nodeVerdicts(run), reasons }
}

/**
 * Every invariant that says something about this run and that its row does not except. A row that was recorded before there
 * were exceptions has none of its own: then those count that this version's row of the same name has.
 */
function invariantReasons(run: Case): readonly Reason[] {
  const { name: row, exceptions = scenarioNamed(row)?.exceptions ?? [] } = run.started.scenario
  const excepted = exceptions.map(({ invariant }) => invariant)
  return invariants.flatMap(({ name, check }) => (excepted.includes(name) ? [] : apply(name, check, run)))
}

/** Nothing was run. (A run that did begin something is judged by what it shows, whatever else it says.) */
function notApplicable(started: RunStarted, { reason, seq }: LineOf<'applicability'>): Verdict {
  const nodes = Object.fromEntries(
    started.testbed.nodes.map(({ name }) => [
      name,
      {
        expected: expectedOf(started, started.roles, name),
        observed: 'unknown' as const,
        why: 'nothing was run',
        events: [],
      },
    ]),
  )
  return {
    verdict: 'not-applicable',
    nodes,
    reasons: [{ rule: 'precondition', bearing: 'not-applicable', text: reason, events: [seq] }],
  }
}

/** What a rule or an invariant says of a run: one reason, or none where it has nothing to say of this kind of run. */
function apply(
  rule: RuleName,
  check: ((run: Case) => Finding | undefined) | undefined,
  run: Case,
): readonly [] | readonly [Reason] {
  if (!check) return [{ rule, bearing: 'inconclusive', text: `this version knows no rule ${rule}`, events: [] }]
  try {
    const finding = check(run)
    return finding ? [{ rule, bearing: bearings[finding.state], text: finding.text, events: finding.events }] : []
  } catch (error) {
    return [{ rule, bearing: 'inconclusive', text: `${rule} cannot be computed: ${messageOf(error)}`, events: [] }]
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
  return Object.fromEntries(
    run.nodes.map(({ name, outcome, why, events }) => [
      name,
      { expected: expectedOf(run.started, run.roles, name), observed: outcome, why, events },
    ]),
  )
}

function expectedOf(
  { scenario }: Pick<RunStarted, 'scenario'>,
  roles: Readonly<Record<string, string>>,
  name: string,
): string {
  const own = Object.entries(roles).flatMap(([role, node]) => (node === name ? (scenario.expected[role] ?? []) : []))
  return own.join(' or ') || 'nothing'
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
