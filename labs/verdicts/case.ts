import { foldClocks, type Clocks } from '../journal/clock.ts'
import { foldFaults, type FaultLife } from '../journal/faults.ts'
import { foldReadings, keyReadings, type KeyReading, type Reading } from '../journal/key-tables.ts'
import { foldLedger, type Ledger } from '../journal/ledger.ts'
import { foldNodes, type NodeState } from '../journal/nodes.ts'
import { rolesAt } from '../journal/roles.ts'
import { frameRun, ofType, type RunFrame } from '../journal/run.ts'
import type { Line, LineOf, LunRecord, NodeRecord, RunStarted } from '../journal/event.ts'
import type { Outcome } from '../scenarios/outcome.ts'

/** What one rule found. Without evidence it is `unknown`, never `holds`. */
export interface Finding {
  readonly state: 'holds' | 'violated' | 'unknown'
  /** for people */
  readonly text: string
  readonly events: readonly number[]
}

/** All that the rules need of a run, folded once. */
export interface Case {
  readonly started: RunStarted
  readonly frame: RunFrame
  /** the lines that can decide: those before the restore phase */
  readonly lines: readonly Line[]
  readonly clocks: Clocks
  readonly readings: readonly Reading[]
  readonly faults: readonly FaultLife[]
  readonly nodes: readonly NodeState[]
  /** what had become of everybody at each checkpoint of the row that was reached */
  readonly checkpoints: readonly CheckpointState[]
  /** who has which role in the end: a row may bind its roles anew */
  readonly roles: Readonly<Record<string, string>>
  readonly ledger: Ledger
}

/** What had become of everybody when the lab looked in the middle of a row. */
export interface CheckpointState {
  readonly name: string
  readonly expected: Readonly<Record<string, readonly Outcome[]>>
  readonly roles: Readonly<Record<string, string>>
  readonly nodes: readonly NodeState[]
  readonly begun: LineOf<'checkpoint'>
  readonly done: LineOf<'checkpoint'>
}

/** Folds a run that has begun. */
export function buildCase(started: RunStarted, all: readonly Line[]): Case {
  const frame = frameRun(all)
  const clocks = foldClocks(frame.lines)
  const readings = foldReadings(frame.lines, clocks)
  const collect = frame.lines.findLast((line) => line.type === 'phase' && line.name === 'collect')
  return {
    started,
    frame,
    lines: frame.lines,
    clocks,
    readings,
    faults: foldFaults(frame.lines),
    nodes: foldNodes(frame, clocks, readings),
    checkpoints: foldCheckpoints(started, frame, clocks, readings),
    roles: rolesAt(started, frame.lines),
    ledger: foldLedger(frame.lines, clocks, collect?.at),
  }
}

/** A checkpoint that was begun and not done has not been reached. */
function foldCheckpoints(
  started: RunStarted,
  frame: RunFrame,
  clocks: Clocks,
  readings: readonly Reading[],
): CheckpointState[] {
  const marks = ofType(frame.lines, 'checkpoint')
  return started.scenario.steps.flatMap((step) => {
    if (step.do !== 'checkpoint') return []
    const { name, expected } = step
    const begun = marks.find((line) => line.name === name && line.step === 'begun')
    const done = marks.find((line) => line.name === name && line.step === 'done')
    if (!begun || !done) return []
    const lines = frame.lines.filter((line) => line.seq <= done.seq)
    const until = readings.filter((reading) => reading.seq <= done.seq)
    const nodes = foldNodes({ ...frame, lines, end: begun }, clocks, until)
    return [{ name, expected, roles: rolesAt(started, lines), nodes, begun, done }]
  })
}

export const holds = (text: string, events: readonly number[]): Finding => finding('holds', text, events)
export const violated = (text: string, events: readonly number[]): Finding => finding('violated', text, events)
export const unknown = (text: string, events: readonly number[] = []): Finding => finding('unknown', text, events)

function finding(state: Finding['state'], text: string, events: readonly number[]): Finding {
  return { state, text, events: sortedEvents(events) }
}

/** Event numbers in order, each once. */
export function sortedEvents(events: readonly number[]): readonly number[] {
  return [...new Set(events)].sort((a, b) => a - b)
}

/**
 * The findings of several parts that must all hold, as one: violated if any is, else unknown if any is, else holds. The
 * texts are of those parts that decide it. No part at all is unknown.
 */
export function all(parts: readonly Finding[], nothing: string): Finding {
  const state = (['violated', 'unknown', 'holds'] as const).find((one) => parts.some((part) => part.state === one))
  if (state === undefined) return unknown(nothing)
  const deciding = parts.filter((part) => part.state === state)
  return finding(
    state,
    deciding.map((part) => part.text).join('; '),
    deciding.flatMap((part) => part.events),
  )
}

/** The nodes that continue, by what is proved. */
export function survivors(run: Case): readonly NodeState[] {
  return run.nodes.filter((node) => node.outcome === 'running')
}

/** Everybody else, except who left by itself: what they see and write cannot be relied on. */
export function losers(run: Case): readonly NodeState[] {
  return run.nodes.filter((node) => node.outcome !== 'running' && node.outcome !== 'left')
}

export function nodeRecord(run: Case, name: string): NodeRecord {
  const record = run.started.testbed.nodes.find((node) => node.name === name)
  if (!record) throw new Error(`${name} is no node of the testbed ${run.started.testbed.name}`)
  return record
}

export function lunsFor(run: Case, use: LunRecord['use']): readonly LunRecord[] {
  return run.started.testbed.luns.filter((lun) => lun.use === use)
}

/** Good answers about a LUN that no doubtful node gave: survivors, and hosts that only look. */
export function believable(run: Case, lun: string): readonly KeyReading[] {
  return keyReadings(run.readings, lun).filter((reading) => isBelievable(run, reading.viewer))
}

export function isBelievable(run: Case, viewer: string): boolean {
  return !run.nodes.some((node) => node.name === viewer && node.outcome !== 'running')
}

/** The node bound to a role of the row. */
export function nodeOfRole(run: Case, role: string): NodeState | undefined {
  const name = run.roles[role]
  return run.nodes.find((node) => node.name === name)
}

/** `a`, `a and b`, `a, b and c`; `nobody` for nothing. */
export function list(words: readonly string[]): string {
  if (words.length === 0) return 'nobody'
  return words.length === 1 ? String(words[0]) : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}
