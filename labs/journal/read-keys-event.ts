/** From a recorded `sg_persist --in` to what the device answered, or why there is no answer. */
import { assertNever } from '../assert-never.ts'
import type { KeysRead } from './event.ts'
import { sgPersistMeaning, type ExitMeaning } from '../scsi/exit-status.ts'
import { withInquiry, type FullStatus, type KeyTable, type ReservationAnswer } from '../scsi/listing.ts'
import { parseFullStatus } from '../scsi/parse-full-status.ts'
import { parseKeys } from '../scsi/parse-keys.ts'
import { whyNotProvenEmpty } from '../scsi/proven-empty.ts'
import { parseReservation } from '../scsi/parse-reservation.ts'

export type KeysReadResult =
  | ({ readonly kind: 'answer'; readonly action: 'keys' } & KeyTable)
  | ({ readonly kind: 'answer'; readonly action: 'reservation' } & ReservationAnswer)
  | ({ readonly kind: 'answer'; readonly action: 'full-status' } & FullStatus)
  | KeysReadFailure
export interface KeysReadFailure {
  readonly kind: 'failed'
  /** a sentence for people */
  readonly why: string
  /** what the exit status says, where that is what failed */
  readonly exit?: ExitMeaning
}

/** Finds an earlier event by its sequence number; `undefined` where there is no read of keys with that number. */
export type FindKeysRead = (seq: number) => KeysRead | undefined

/**
 * Reads one recorded answer. Only exit status 0 together with a text that is understood whole is an answer: a failed
 * read says nothing about the keys (the first command after a preempt gets a unit attention, READ KEYS too), so it
 * never becomes an empty table. An empty table is believed only with the bytes that arrived, or (in recordings that have none)
 * with a generation that shows that some did. `find` resolves an event whose text stands in an earlier one (`same`); without it, or
 * where the earlier one is no read of the same LUN and action with the same exit status, the read is failed.
 */
export function readKeysEvent(event: KeysRead, find: FindKeysRead = () => undefined): KeysReadResult {
  if (event.exit !== 0) return failed(event, sgPersistMeaning(event.exit, event.stderr))
  const text = textOf(event, find)
  if (!text.ok) return { kind: 'failed', why: text.why }
  const meaning = sgPersistMeaning(event.exit, text.stderr)
  if (meaning.outcome !== 'good') return failed(event, meaning)
  const result = parse(event, text.stdout)
  if (result.kind === 'failed' || !isEmpty(result)) return result
  const doubt = whyNotProvenEmpty(result.generation, text.bytes)
  return doubt === undefined ? result : { kind: 'failed', why: `sg_persist on ${event.device} says nothing: ${doubt}` }
}

function isEmpty(result: Exclude<KeysReadResult, KeysReadFailure>): boolean {
  switch (result.action) {
    case 'keys':
      return result.keys.length === 0
    case 'reservation':
      return result.reservation === null
    case 'full-status':
      return result.entries.length === 0
    default:
      return assertNever(result, 'answer')
  }
}

function failed(event: KeysRead, exit: ExitMeaning): KeysReadFailure {
  // where it was not even started, what kept it from that is what people want to know
  if (event.exit === null && event.device === '')
    return { kind: 'failed', why: event.stderr.trim() || exit.meaning, exit }
  const status = event.exit === null ? '' : ` (exit status ${event.exit})`
  return { kind: 'failed', why: `sg_persist on ${event.device}: ${exit.meaning}${status}`, exit }
}

type Text = { ok: true; stdout: string; stderr: string; bytes: string | undefined } | { ok: false; why: string }

function textOf(event: KeysRead, find: FindKeysRead): Text {
  if (event.same === undefined) return { ok: true, stdout: event.stdout, stderr: event.stderr, bytes: event.bytes }
  let seq = event.same
  for (;;) {
    const earlier = find(seq)
    if (earlier === undefined)
      return { ok: false, why: `its text stands in event ${seq}, which is no recorded read of keys` }
    if (earlier.lun !== event.lun || earlier.action !== event.action || earlier.exit !== event.exit) {
      return { ok: false, why: `its text is said to stand in event ${seq}, which is a different read` }
    }
    if (earlier.same === undefined)
      return { ok: true, stdout: earlier.stdout, stderr: earlier.stderr, bytes: earlier.bytes }
    // Only ever backwards: a recording that refers to itself must not keep the reader busy for ever.
    if (earlier.same >= seq)
      return { ok: false, why: `event ${seq} refers to event ${earlier.same}, which is not earlier` }
    seq = earlier.same
  }
}

function parse(event: KeysRead, stdout: string): KeysReadResult {
  switch (event.action) {
    case 'keys': {
      const parsed = parseKeys(stdout)
      if (!parsed.ok) return unreadable(event, parsed.reason)
      const { generation, keys, inquiry } = parsed
      return { kind: 'answer', action: 'keys', generation, keys, ...withInquiry(inquiry) }
    }
    case 'reservation': {
      const parsed = parseReservation(stdout)
      if (!parsed.ok) return unreadable(event, parsed.reason)
      const { generation, reservation, inquiry } = parsed
      return { kind: 'answer', action: 'reservation', generation, reservation, ...withInquiry(inquiry) }
    }
    case 'full-status': {
      const parsed = parseFullStatus(stdout)
      if (!parsed.ok) return unreadable(event, parsed.reason)
      const { generation, entries, inquiry } = parsed
      return { kind: 'answer', action: 'full-status', generation, entries, ...withInquiry(inquiry) }
    }
    default:
      return assertNever(event.action, 'action of a read of keys')
  }
}

function unreadable(event: KeysRead, reason: string): KeysReadFailure {
  return { kind: 'failed', why: `sg_persist on ${event.device} printed a text that is not understood: ${reason}` }
}
