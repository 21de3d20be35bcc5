/**
 * A run as a picture's content: lanes with stretches and marks over lab time, folded from the journal. It knows nothing
 * of pixels or colours; whoever draws it (labs/report/time-line-svg.ts) takes it from here.
 */
import { about, ofType } from '../journal/grouped.ts'
import { foldLinks, type LinkSign } from '../journal/links.ts'
import { readingsByLun, type Reading } from '../journal/key-tables.ts'
import { blindSpots, changesBetween, stretches, type Change, type Look, type Segment } from './looks.ts'
import { nodeLane, type NodeLane } from './node-lane.ts'
import { operatorLane, type OperatorAct } from './operator-lane.ts'
import { outletLanes, type OutletLane } from './outlet-lanes.ts'
import { seenAt } from './seen-at.ts'
import type { Span } from '../journal/clock.ts'
import type { FaultLife } from '../journal/faults.ts'
import type { LedgerWrite, LunRecord, Phase } from '../journal/event.ts'
import type { Case } from '../verdicts/case.ts'
import type { KeyChange, KeyHistory } from './key-history.ts'

export interface TimeLine {
  /** lab time, milliseconds */
  readonly from: number
  readonly to: number
  /** in the order of the testbed: a node's place gives it its colour */
  readonly nodes: readonly string[]
  readonly phases: readonly Segment<Phase['name']>[]
  readonly faults: readonly FaultLane[]
  readonly operator: readonly OperatorAct[]
  readonly outlets: readonly OutletLane[]
  readonly links: readonly LinkLane[]
  readonly states: readonly NodeLane[]
  readonly keys: readonly KeyLane[]
  readonly ledgers: readonly LedgerLane[]
}

/**
 * Something that happened at a moment: somewhere from `earliest` (-Infinity: not known) to `latest`. `at` is where to draw
 * it: where it had surely happened.
 */
export interface Mark<K extends string = string> {
  readonly at: number
  readonly earliest: number
  readonly latest: number
  readonly kind: K
  readonly text: string
  readonly event: number
}

/** `applying` until somebody looked whether it took; `doubtful`: it did not take, or was not seen to be gone. */
export type FaultState = 'applying' | 'in-force' | 'doubtful' | 'reverting'
export interface FaultLane {
  readonly id: string
  readonly fault: string
  readonly target: Readonly<Record<string, string>>
  readonly segments: readonly Segment<FaultState>[]
}
/** Whom `node` hears on `link`, by what its own stack says. */
export interface LinkLane {
  readonly link: string
  readonly node: string
  readonly segments: readonly Segment<'heard' | 'partly-heard' | 'not-heard'>[]
  readonly changes: readonly Change[]
  readonly marks: readonly Mark<'lost' | 'up'>[]
}
export interface KeyLane {
  readonly lun: LunRecord
  readonly viewer: string | undefined
  /** every key that was ever seen there; `node` undefined: nobody's in this testbed */
  readonly bands: readonly KeyBand[]
  readonly changes: readonly KeyChange[]
  readonly failed: readonly Segment<'failed'>[]
  /** the state is the key and the type: `0xa 5`, or `none` */
  readonly reservation: readonly Segment[]
  readonly reservationChanges: readonly Change[]
}
export interface KeyBand {
  readonly key: string
  readonly node: string | undefined
  readonly segments: readonly Segment<'present'>[]
  /** when it came and went, as far as looks tell: `present` to `absent`, or the other way round */
  readonly changes: readonly Change<'present' | 'absent'>[]
}
export interface LedgerLane {
  readonly node: string
  readonly marks: readonly Mark<LedgerWrite['result']>[]
}

/** The time line of a run that has begun, up to where the lab brought everything back. */
export function timeLine(run: Case, histories: readonly KeyHistory[]): TimeLine {
  const { testbed } = run.started
  const nodes = testbed.nodes.map(({ name }) => name)
  const to = run.frame.lines.at(-1)?.at ?? 0
  const signs = foldLinks(run.lines, testbed.links)
  const unmeasured = run.ledger.writes.some(({ completed }) => completed === undefined)
  const writes = new Map(unmeasured ? ofType(run.lines, 'ledger.write').map((line) => [line.seq, line.at]) : [])
  const readings = readingsByLun(run.readings)
  return {
    from: 0,
    to,
    nodes,
    phases: phases(run, to),
    faults: run.faults.map((fault) => faultLane(fault, to)),
    operator: operatorLane(run, to),
    outlets: outletLanes(run),
    links: testbed.links.flatMap((link) => nodes.map((node) => linkLane(run, signs, { link, node, nodes }))),
    states: nodes.map((node) => nodeLane(run, node, to)),
    keys: histories.map((history) => keyLane(run, history, readings.get(history.lun.name) ?? [])),
    ledgers: nodes.map((node) => ledgerLane(run, node, writes)),
  }
}

/**
 * The part that tells most: from shortly before the first fault until shortly after the last thing that came of it (a
 * key, a panic, a link, the fault's own end). Undefined where there is no fault, or where that is nearly all.
 */
export function decisivePart(line: TimeLine): { readonly from: number; readonly to: number } | undefined {
  const segments = line.faults.flatMap((lane) => lane.segments)
  if (segments.length === 0) return undefined
  const first = segments.reduce((least, { from }) => Math.min(least, from), Infinity)
  const moments = [
    ...segments.filter(({ state }) => state !== 'reverting').map(({ from }) => from),
    ...segments.filter(({ to }) => to < line.to).map(({ to }) => to),
    ...line.operator.map(({ to }) => to),
    ...line.links.flatMap((lane) => [...lane.marks.map(({ at }) => at), ...lane.segments.map(({ from }) => from)]),
    ...line.states.flatMap((lane) => lane.marks.filter(({ kind }) => kind === 'panic').map(({ at }) => at)),
    ...line.keys.flatMap(({ changes }) => changes.map(({ latest }) => latest)),
  ]
  const last = moments.reduce((latest, at) => Math.max(latest, at), first)
  const margin = Math.max(500, (last - first) * 0.15)
  const from = Math.max(line.from, first - margin)
  const to = Math.min(line.to, last + margin)
  return to - from < 0.6 * (line.to - line.from) ? { from, to } : undefined
}

function phases(run: Case, to: number): readonly Segment<Phase['name']>[] {
  const lines = ofType(run.frame.lines, 'phase')
  return lines.map((line, index) => ({
    from: line.at,
    to: lines[index + 1]?.at ?? to,
    state: line.name,
    events: [line.seq, line.seq],
  }))
}

/** What each step leaves behind, until the next. A fault that is verified to be gone leaves nothing. */
function faultLane({ id, fault, target, steps }: FaultLife, end: number): FaultLane {
  const segments: Segment<FaultState>[] = []
  let open: Segment<FaultState> | undefined
  const next = (state: FaultState | undefined, at: number, event: number) => {
    if (open?.state === state) return
    if (open) segments.push({ ...open, to: at })
    open = state && { from: at, to: end, state, events: [event, event] }
  }
  for (const { step, ok, at, seq } of steps) {
    if (step === 'applying' || step === 'reverting') next(step, at, seq)
    else if (step === 'verified') next(ok === true ? 'in-force' : 'doubtful', at, seq)
    else if (step === 'gone') next(ok === true ? undefined : 'doubtful', at, seq)
    else if (step === 'held') {
      if (ok === false) next('doubtful', at, seq)
    } else if (ok === false) next('doubtful', at, seq)
  }
  return { id, fault, target, segments: open ? [...segments, open] : segments }
}

function linkLane(
  run: Case,
  signs: readonly LinkSign[],
  { link, node, nodes }: { readonly link: string; readonly node: string; readonly nodes: readonly string[] },
): LinkLane {
  const others = nodes.filter((name) => name !== node)
  const looks = ofType(about(run.lines, node), 'stack').map((line): Look<LinkLane['segments'][number]['state']> => {
    const heard = line.answered ? line.links?.[link]?.filter((name) => others.includes(name)).length : undefined
    const state =
      heard === undefined ? undefined : heard === 0 ? 'not-heard' : heard < others.length ? 'partly-heard' : 'heard'
    return { ...seenAt(run, node, line), event: line.seq, state }
  })
  const logs = new Map(ofType(about(run.lines, node), 'stack.log').map((line) => [line.seq, line]))
  const marks = signs.flatMap((sign): LinkLane['marks'][number][] => {
    if (sign.kind === 'heard' || sign.node !== node || subject(sign.links, sign.text) !== link) return []
    const line = logs.get(sign.seq)
    return line ? [mark(seenAt(run, node, line), sign.kind, sign.text, sign.seq)] : []
  })
  const segments = stretches(looks)
  return { link, node, segments, changes: changesBetween(segments), marks }
}

/** The link that a message is about is the one that it names first: `priv1 is lost, continuing on priv2`. */
function subject(links: readonly string[], text: string): string | undefined {
  return links.toSorted((a, b) => text.indexOf(a) - text.indexOf(b) || b.length - a.length)[0]
}

function keyLane(run: Case, { lun, viewer, changes }: KeyHistory, all: readonly Reading[]): KeyLane {
  const readings = all.filter((one) => one.viewer === viewer)
  const failures = new Set(readings.flatMap(({ answer, seq }) => (answer.kind === 'failed' ? [seq] : [])))
  // a good answer says itself what was asked; of one that failed, the line does
  const actions = new Map(
    failures.size === 0
      ? []
      : ofType(run.lines, 'keys').flatMap(({ seq, action }) => (failures.has(seq) ? [[seq, action] as const] : [])),
  )
  const byAction = { keys: [] as Reading[], reservation: [] as Reading[] }
  for (const reading of readings) {
    const action = reading.answer.kind === 'failed' ? actions.get(reading.seq) : reading.answer.kind
    if (action === 'keys' || action === 'reservation') byAction[action].push(reading)
  }
  const looks = { keys: telling(byAction.keys), reservation: telling(byAction.reservation) }
  const of = (action: 'keys' | 'reservation') => looks[action]
  const looksBy = <S extends string>(
    action: 'keys' | 'reservation',
    stateOf: (reading: Case['readings'][number]) => S | undefined,
  ) =>
    of(action).map(({ reading, earliest, latest, event }): Look<S> => ({
      earliest,
      latest,
      event,
      state: stateOf(reading),
    }))
  const own = run.started.testbed.nodes.map(({ name, keys }) => ({
    node: name,
    key: lun.use === 'data' ? keys.data : keys.coordination,
  }))
  const seen = new Set<string>()
  for (const {
    reading: { answer },
  } of of('keys'))
    if (answer.kind === 'keys') for (const key of answer.keys) seen.add(key)
  const foreign = [...seen].filter((key) => !own.some((one) => one.key === key))
  const bands = [...own, ...foreign.map((key) => ({ node: undefined, key }))]
  const reservation = stretches(
    looksBy('reservation', ({ answer }) =>
      answer.kind !== 'reservation'
        ? undefined
        : answer.reservation
          ? `${answer.reservation.key} ${answer.reservation.type}`
          : 'none',
    ),
  )
  return {
    lun,
    viewer,
    changes,
    bands: bands.map(({ node, key }): KeyBand => {
      const both = stretches(
        looksBy('keys', ({ answer }) =>
          answer.kind !== 'keys' ? undefined : answer.keys.includes(key) ? 'present' : 'absent',
        ),
      )
      return {
        key,
        node,
        segments: both.filter((segment): segment is Segment<'present'> => segment.state === 'present'),
        changes: changesBetween(both),
      }
    }),
    failed: blindSpots(looksBy('keys', ({ answer }) => (answer.kind === 'keys' ? 'answered' : undefined))),
    reservation,
    reservationChanges: changesBetween(reservation),
  }
}

interface Telling {
  readonly reading: Reading
  readonly earliest: number
  readonly latest: number
  readonly event: number
}

/**
 * Of looks with one and the same answer, one after the other, the first stays, and one stands for all that follow it: the
 * stretches and blind spots that come of them are the same. A look whose beginning is not known stands for itself.
 */
function telling(readings: readonly Reading[]): readonly Telling[] {
  const found: Telling[] = []
  let rest: { -readonly [K in keyof Telling]: Telling[K] } | undefined
  let before: Reading | undefined
  for (const reading of readings) {
    const { earliest } = reading.began
    const same =
      before?.answer === reading.answer && Number.isFinite(earliest) && Number.isFinite(before.began.earliest)
    before = reading
    if (same && rest) {
      rest.earliest = Math.max(rest.earliest, earliest)
      rest.latest = reading.ended.latest
      rest.event = reading.seq
      continue
    }
    const one = { reading, earliest, latest: reading.ended.latest, event: reading.seq }
    found.push(one)
    rest = same ? one : undefined
  }
  return found
}

/** @param written when each line of a write was written down, by its number */
function ledgerLane(run: Case, node: string, written: ReadonlyMap<number, number>): LedgerLane {
  const marks = run.ledger.writes
    .filter((write) => write.node === node)
    .map(({ completed, result, number, epoch, errno, seq }) => {
      const at = written.get(seq) ?? 0
      const error = errno === 0 ? '' : ` (errno ${errno})`
      return mark(
        completed ?? { earliest: at, latest: at },
        result,
        `write ${number} of epoch ${epoch} ${result}${error}`,
        seq,
      )
    })
  return { node, marks }
}

/** Drawn where it had surely happened: the host's clock may have stood still before. */
function mark<K extends string>(span: Span, kind: K, text: string, event: number): Mark<K> {
  return { at: span.latest, earliest: span.earliest, latest: span.latest, kind, text, event }
}
