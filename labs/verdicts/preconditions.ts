import { borneOut } from './faults/borne-out.ts'
import { lasted } from './faults/lasted.ts'
import { planAgain } from './faults/plan-again.ts'
import { unknown, type Case, type Finding } from './case.ts'
import { seenGreen } from './seen-green.ts'
import { stepsAsPlanned } from './steps-taken.ts'
import { lastStep, type FaultLife } from '../journal/faults.ts'
import { ofType } from '../journal/run.ts'
import type { Line } from '../journal/event.ts'
import type { Step } from '../scenarios/scenario.ts'

/**
 * What must be so before a run can decide anything: it is whole and was ended by the lab, it began from a green
 * baseline, its faults took and lasted until the row took them back, everything was done as the row says, and in the end
 * everybody was looked at. Returns a finding for each that is not met; while there is one, the run is inconclusive whatever
 * else it shows.
 */
export function unmetPreconditions(run: Case, all: readonly Line[]): readonly Finding[] {
  return [
    ...completeness(run, all),
    ...greenBaseline(run),
    ...faultsLasted(run),
    ...operationsDone(run),
    ...rolesBound(run),
    ...stepsAsPlanned(run),
    ...collected(run),
  ]
}

/** Lines are counted from 1 without a gap: a missing one could have told anything. */
export function completeness(run: Pick<Case, 'frame'>, all: readonly Line[]): readonly Finding[] {
  const found: Finding[] = []
  const gap = all.findIndex((line, index) => line.seq !== index + 1)
  if (gap !== -1) {
    const seq = all[gap]?.seq ?? 0
    found.push(unknown(`event ${gap + 1} is missing, or cannot be read by this version: next is ${seq}`, [seq]))
  }
  const ended = run.frame.ended
  const starts = all.filter((line) => line.type === 'run.started').map((line) => line.seq)
  if (all[0]?.type !== 'run.started') found.push(unknown('the first event is not the start of the run', starts))
  else if (starts.length > 1) found.push(unknown('a second run starts', starts.slice(1)))
  const ends = all.filter((line) => line.type === 'run.ended').map((line) => line.seq)
  if (ends.length > 1) found.push(unknown('the run ends more than once', ends))
  if (!ended) found.push(unknown('the run has not ended'))
  else if (all.at(-1) !== ended) found.push(unknown('events follow the end of the run', [ended.seq]))
  if (ended && ended.reason !== 'complete') {
    const error = ended.error === undefined ? '' : ` (${ended.error})`
    found.push(unknown(`the run was not completed: ${ended.reason}${error}`, [ended.seq]))
  }
  return found
}

function greenBaseline(run: Case): readonly Finding[] {
  const { baseline } = run.frame
  if (!baseline) return [unknown('no baseline was taken before the fault')]
  const failed = baseline.checks.filter((check) => !check.ok)
  if (baseline.green && failed.length === 0 && baseline.checks.length > 0) return seenGreen(run, baseline)
  const why = failed.map((check) => check.text).join('; ') || 'it is not called green, or checked nothing'
  return [unknown(`the baseline was not green: ${why}`, [baseline.seq, ...failed.flatMap((check) => check.events)])]
}

function faultsLasted(run: Case): readonly Finding[] {
  const { steps, rules } = run.started.scenario
  const found: Finding[] = []
  if (rules.length === 0) found.push(unknown('the row names no rule'))
  const planned = steps.filter((step): step is Extract<Step, { do: 'fault' }> => step.do === 'fault')
  if (planned.length === 0 && !steps.some((step) => step.do === 'operate'))
    found.push(unknown('the row does nothing to anybody'))
  for (const step of planned) {
    const lives = run.faults.filter((fault) => fault.id === step.id)
    if (lives.length === 0) found.push(unknown(`the fault ${step.id} was never applied`))
    const takenBack = steps.some((other) => other.do === 'revert' && other.id === step.id)
    for (const life of lives) {
      const said = takenBack ? livedAndReverted(life) : livedOn(life)
      found.push(...(said.length > 0 ? said : shown(run, life, takenBack)))
    }
  }
  for (const fault of run.faults) {
    if (planned.some((step) => step.id === fault.id)) continue
    found.push(unknown(`a fault that the row does not name was applied: ${named(fault)}`, steppedEvents(fault)))
  }
  return found
}

/** What the operator does in the row was done, as often as the row says, and succeeded. */
function operationsDone(run: Case): readonly Finding[] {
  const planned = run.started.scenario.steps.filter(
    (step): step is Extract<Step, { do: 'operate' }> => step.do === 'operate',
  )
  const lines = ofType(run.lines, 'operation')
  const failed = lines.filter((line) => line.step === 'done' && line.ok !== true)
  const found = failed.map((line) =>
    unknown(`${[line.operation, ...line.nodes].join(' ')} did not succeed: ${line.evidence ?? 'no reason'}`, [
      line.seq,
    ]),
  )
  const done = lines.filter((line) => line.step === 'done' && line.ok === true).map(({ operation }) => operation)
  const missing = planned.filter(({ operation }, index) => done[index] !== operation)
  if (failed.length === 0 && (missing.length > 0 || done.length > planned.length)) {
    const events = lines.map(({ seq }) => seq)
    found.push(
      unknown(
        `the operator did not do what the row says: ${planned.map(({ operation }) => operation).join(', ')}`,
        events,
      ),
    )
  }
  return found
}

/** A row that binds its roles anew speaks of others from there on: it must have come that far, and no further. */
function rolesBound(run: Case): readonly Finding[] {
  const planned = run.started.scenario.steps.filter((step) => step.do === 'bind').length
  const lines = ofType(run.lines, 'roles')
  if (lines.length === planned) return []
  return [
    unknown(
      `the roles were bound anew ${lines.length} times, and the row says ${planned}`,
      lines.map(({ seq }) => seq),
    ),
  ]
}

/** What was seen before the lab began to look at everybody may not be how it is in the end. */
function collected(run: Case): readonly Finding[] {
  const collect = ofType(run.lines, 'phase').some(({ name }) => name === 'collect')
  return collect ? [] : [unknown('the lab did not look at everybody in the end')]
}

/** The row keeps this fault to the end. */
function livedOn(fault: FaultLife): readonly Finding[] {
  const ending = fault.steps.find((line) => line.step === 'reverting' || line.step === 'reverted')
  const gone = fault.steps.find((line) => line.step === 'gone' && line.ok === true)
  if (fault.taken !== true) return [notTaken(fault)]
  if (ending) return [unknown(`${named(fault)} was taken back before the end`, [ending.seq])]
  return gone ? [unknown(`${named(fault)} was gone before the end (${gone.evidence ?? 'no reason'})`, [gone.seq])] : []
}

/** The row takes this fault back: it must have lasted until then, and then be verified to be gone. */
function livedAndReverted(fault: FaultLife): readonly Finding[] {
  const reverting = lastStep(fault.steps, 'reverting')
  const early = fault.steps.find(
    (line) => line.step === 'gone' && line.ok === true && line.seq < (reverting?.seq ?? Infinity),
  )
  const late = fault.steps.find((line) => line.step === 'verified' && line.seq > (reverting?.seq ?? Infinity))
  if (fault.taken !== true || late) return [notTaken(fault)]
  if (early) return [unknown(`${named(fault)} was gone before it was taken back`, [early.seq])]
  if (!reverting) return [unknown(`${named(fault)} was not taken back, as the row wants it`, fault.events)]
  return fault.gone === true ? [] : [unknown(`${named(fault)} was not verified to be gone again`, steppedEvents(fault))]
}

/** What the engine says of a fault is judged by the raw answers that are in the recording beside it. */
function shown(run: Case, life: FaultLife, takenBack: boolean): readonly Finding[] {
  const plan = planAgain(run, life)
  const doubts =
    typeof plan === 'string'
      ? [unknown(`cannot be judged by its answers: ${plan}`, steppedEvents(life))]
      : [
          ...borneOut(run, life, plan, 'verified'),
          ...lasted(run, life, plan),
          ...(takenBack ? borneOut(run, life, plan, 'gone') : []),
        ]
  return doubts.map(({ text, events }) => unknown(`${named(life)} ${text}`, events))
}

function notTaken(fault: FaultLife): Finding {
  const why = fault.taken === undefined ? 'was not verified' : 'did not take, or not to the end'
  return unknown(`${named(fault)} ${why}`, steppedEvents(fault))
}

function named(fault: FaultLife): string {
  const target = Object.entries(fault.target).map(([what, name]) => `${what} ${name}`)
  return `the fault ${fault.id} (${[fault.fault, ...target].join(', ')})`
}

function steppedEvents(fault: FaultLife): readonly number[] {
  return fault.steps.map((line) => line.seq)
}
