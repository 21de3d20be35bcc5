import type { ExitMeaning } from '../scsi/exit-status.ts'
import { readKeysEvent } from './read-keys-event.ts'
import { assertNever } from '../assert-never.ts'
import { ofType } from './run.ts'
import type { FullStatus, ReservationAnswer } from '../scsi/listing.ts'
import type { Clocks, Span } from './clock.ts'
import { refuteByGeneration } from './generation-order.ts'
import type { KeysRead, Line, LineOf } from './event.ts'

/** What a look at a LUN's reservations came to. A failed look is no empty table: it says nothing about the keys. */
export type KeyAnswer =
  | { readonly kind: 'keys'; readonly generation: number; readonly keys: readonly string[] }
  | {
      readonly kind: 'reservation'
      readonly generation: number
      readonly reservation: ReservationAnswer['reservation']
    }
  | { readonly kind: 'full-status'; readonly generation: number; readonly entries: FullStatus['entries'] }
  /**
   * `exit`: what sg_persist ended with says, where it ran and that is what failed. `contradicts`: it was an answer, and
   * cannot be true beside an earlier one (number of its event), so that this viewer cannot be believed.
   */
  | { readonly kind: 'failed'; readonly why: string; readonly exit?: ExitMeaning; readonly contradicts?: number }

export interface Reading<A extends KeyAnswer = KeyAnswer> {
  readonly seq: number
  /** lab time of the line */
  readonly at: number
  readonly lun: string
  /** the host that it was read on */
  readonly viewer: string
  readonly device: string
  readonly attempt: number
  /** what was asked, also where nothing was answered */
  readonly action: KeysRead['action']
  /** the answer was true at some moment from `began` to `ended` */
  readonly began: Span
  readonly ended: Span
  readonly answer: A
}
export type KeyReading = Reading<Extract<KeyAnswer, { kind: 'keys' }>>
export type FailedReading = Reading<Extract<KeyAnswer, { kind: 'failed' }>>
export type ReservationReading = Reading<Extract<KeyAnswer, { kind: 'reservation' }>>
export type FullStatusReading = Reading<Extract<KeyAnswer, { kind: 'full-status' }>>

/**
 * Every look at every LUN in the order of the journal, with its text understood and its times in lab time. Where the
 * viewer's clock was not measured, `began` has no earliest moment, and no later one than the line's for both.
 */
export function foldReadings(lines: readonly Line[], clocks: Clocks): readonly Reading[] {
  const understand = reader()
  const readings = ofType(lines, 'keys').map((line) => {
    const viewer = line.host ?? ''
    const unmeasured = { earliest: -Infinity, latest: line.at }
    return {
      seq: line.seq,
      at: line.at,
      lun: line.lun,
      viewer,
      device: line.device,
      attempt: line.attempt,
      began: clocks.span(viewer, line.began, line) ?? unmeasured,
      ended: clocks.span(viewer, line.ended, line) ?? unmeasured,
      action: line.action,
      answer: understand(line),
    }
  })
  return refuteByGeneration(readings, lines)
}

/** Understands reads in the order of the journal. A text that is read again is not parsed again. */
function reader(): (line: LineOf<'keys'>) => KeyAnswer {
  const said = saidBefore()
  const texts = new Map<string, KeyAnswer>()
  function answerOf(line: LineOf<'keys'>): KeyAnswer {
    if (line.host === undefined) return { kind: 'failed', why: 'the event does not say on which host it was read' }
    const before = line.same === undefined ? undefined : said.find(line.same)
    // the same read, on the same host, of the same answer: what that one said, this one says
    if (before && before.answer.kind !== 'failed' && isSameRead(before.line, line)) return before.answer
    if (line.same !== undefined || line.exit !== 0) return understand(line, (seq) => said.find(seq)?.line)
    const text = `${line.action}\n${line.bytes ?? ''}\n${line.stderr}\n${line.stdout}`
    const known = texts.get(text)
    if (known) return known
    const answer = understand(line, () => undefined)
    if (answer.kind !== 'failed') texts.set(text, answer)
    return answer
  }
  return (line) => {
    const answer = answerOf(line)
    said.add({ line, answer })
    return answer
  }
}

interface Said {
  readonly line: LineOf<'keys'>
  readonly answer: KeyAnswer
}

/** Reads by their number. Mostly only those with a text of their own are asked for; all are gathered when another one is. */
function saidBefore() {
  const all: Said[] = []
  const withText = new Map<number, Said>()
  let every: Map<number, Said> | undefined
  return {
    add(said: Said): void {
      const { seq, same } = said.line
      all.push(said)
      every?.set(seq, said)
      if (same === undefined || withText.has(seq)) withText.set(seq, said)
    },
    find(seq: number): Said | undefined {
      const found = withText.get(seq)
      if (found) return found
      every ??= new Map(all.map((said) => [said.line.seq, said]))
      return every.get(seq)
    },
  }
}

/** What is asked of every step back to where a text stands (labs/journal/read-keys-event.ts). */
const isSameRead = (one: LineOf<'keys'>, other: LineOf<'keys'>) =>
  one.host === other.host &&
  one.lun === other.lun &&
  one.action === other.action &&
  one.exit === 0 &&
  other.exit === 0 &&
  (one.same ?? 0) < one.seq

function understand(line: LineOf<'keys'>, find: (seq: number) => LineOf<'keys'> | undefined): KeyAnswer {
  // `same` stands for what this host had read: another host's text is another witness's
  const result = readKeysEvent(line, (seq) => {
    const found = find(seq)
    return found?.host === line.host ? found : undefined
  })
  if (result.kind === 'failed')
    return { kind: 'failed', why: result.why, ...(result.exit && line.exit !== null && { exit: result.exit }) }
  switch (result.action) {
    case 'keys':
      return { kind: 'keys', generation: result.generation, keys: result.keys }
    case 'reservation':
      return { kind: 'reservation', generation: result.generation, reservation: result.reservation }
    case 'full-status':
      return { kind: 'full-status', generation: result.generation, entries: result.entries }
    default:
      return assertNever(result, 'answer')
  }
}

/** The good answers to READ KEYS for one LUN. A full status is not among them: cut text can look like a shorter one. */
export function keyReadings(readings: readonly Reading[], lun: string): readonly KeyReading[] {
  return readings.filter((one): one is KeyReading => one.lun === lun && one.answer.kind === 'keys')
}

/** The looks at one LUN that came to nothing. */
export function failedReadings(readings: readonly Reading[], lun: string): readonly FailedReading[] {
  return readings.filter((one): one is FailedReading => one.lun === lun && one.answer.kind === 'failed')
}

/** The good answers to READ RESERVATION for one LUN. */
export function reservationReadings(readings: readonly Reading[], lun: string): readonly ReservationReading[] {
  return readings.filter((one): one is ReservationReading => one.lun === lun && one.answer.kind === 'reservation')
}

/** The good answers to READ FULL STATUS for one LUN. */
export function fullStatusReadings(readings: readonly Reading[], lun: string): readonly FullStatusReading[] {
  return readings.filter((one): one is FullStatusReading => one.lun === lun && one.answer.kind === 'full-status')
}

/**
 * The looks that began after a moment (lab time): surely so by the clock, or made after such a one by the same host. A host
 * looks at one thing after the other, however uncertain its clock becomes in between; only a look that is surely from before
 * came late.
 */
export function lookedSince<R extends Reading>(readings: readonly R[], moment: number): readonly R[] {
  const begun = new Set<string>()
  return readings.filter(({ viewer, began }) => {
    if (began.earliest >= moment) begun.add(viewer)
    return begun.has(viewer) && began.latest >= moment
  })
}

/** The last look of each host. */
export function lastOfEach<R extends Reading>(readings: readonly R[]): readonly R[] {
  const last = new Map<string, R>()
  for (const one of readings) {
    const before = last.get(one.viewer)
    if (!before || one.ended.latest >= before.began.earliest) last.set(one.viewer, one)
  }
  return [...last.values()]
}

/** Of the last looks of all hosts the one that began last, as far as their clocks tell. */
export function lastLook<R extends Reading>(readings: readonly R[]): R | undefined {
  return max(lastOfEach(readings), (one) => one.began.earliest)
}

/** A host's last look that may be later than the `last` and says something else; then nobody knows how it is by now. */
export function rivalOf<R extends Reading>(
  readings: readonly R[],
  last: R,
  isSame: (one: R, other: R) => boolean,
): R | undefined {
  return lastOfEach(readings).find((one) => one.ended.latest >= last.began.earliest && !isSame(one, last))
}

/** The looks at each LUN, in order. */
export function readingsByLun(readings: readonly Reading[]): ReadonlyMap<string, readonly Reading[]> {
  const found = new Map<string, Reading[]>()
  for (const reading of readings) {
    const list = found.get(reading.lun)
    if (list) list.push(reading)
    else found.set(reading.lun, [reading])
  }
  return found
}

/** The sequence of answers and failures of each viewer of each LUN: for views and reports. */
export function keyTables(readings: readonly Reading[]): ReadonlyMap<string, ReadonlyMap<string, readonly Reading[]>> {
  const tables = new Map<string, Map<string, Reading[]>>()
  for (const reading of readings) {
    const viewers = tables.get(reading.lun) ?? new Map<string, Reading[]>()
    tables.set(reading.lun, viewers)
    const list = viewers.get(reading.viewer)
    if (list) list.push(reading)
    else viewers.set(reading.viewer, [reading])
  }
  return tables
}

/**
 * When a key went away from a LUN: after the beginning of every look that shows it, before the end of every look since
 * `from` (lab time) that does not.
 */
export type Ejection =
  | { readonly kind: 'ejected'; readonly earliest: number; readonly latest: number; readonly events: readonly number[] }
  | { readonly kind: 'unknown'; readonly why: string; readonly events: readonly number[] }

/** Finds the ejection of `key` in good answers about one LUN, by viewers that can be believed. */
export function findEjection(readings: readonly KeyReading[], key: string, from: number): Ejection {
  const last = max(
    readings.filter((one) => one.answer.keys.includes(key)),
    (one) => one.began.earliest,
  )
  const first = max(
    readings.filter((one) => !one.answer.keys.includes(key) && one.ended.latest >= from),
    (one) => -one.ended.latest,
  )
  if (!last) return { kind: 'unknown', why: 'no answer ever shows its key', events: [] }
  if (!first) return { kind: 'unknown', why: 'no answer shows its key gone', events: [last.seq] }
  const events = [last.seq, first.seq]
  const again = last.began.earliest > first.ended.latest ? last : seenAgain(readings, key, from)
  if (again)
    return { kind: 'unknown', why: 'its key was seen again after an answer without it', events: [first.seq, again.seq] }
  return { kind: 'ejected', earliest: last.began.earliest, latest: first.ended.latest, events }
}

/** An answer that shows a key, by a host that had found it gone before (and no line that only came late). */
function seenAgain(readings: readonly KeyReading[], key: string, from: number): KeyReading | undefined {
  const missed = new Map<string, KeyReading>()
  return readings.find((one) => {
    const { viewer, ended, answer } = one
    const before = missed.get(viewer)
    if (answer.keys.includes(key)) return before !== undefined && ended.latest >= before.began.earliest
    if (!before && ended.latest >= from) missed.set(viewer, one)
    return false
  })
}

function max<T>(list: readonly T[], by: (item: T) => number): T | undefined {
  return list.reduce<T | undefined>(
    (best, item) => (best === undefined || by(item) > by(best) ? item : best),
    undefined,
  )
}
