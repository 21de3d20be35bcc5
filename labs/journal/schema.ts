/**
 * The boundary between a recording's text and the types of event.ts: every line that is read, and every line that is
 * about to be written, passes through here. A test holds these schemas and those types equal at compile time.
 */
import * as v from 'valibot'
import { conditions, invariantNames, operations, ruleNames } from '../scenarios/words.ts'
import { outcomes } from '../scenarios/outcome.ts'
import type { Line } from './event.ts'

const text = v.string()
const flag = v.boolean()
/** Any number that JSON can hold. */
export const number = v.pipe(v.number(), v.finite())
const natural = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const positive = v.pipe(v.number(), v.safeInteger(), v.minValue(1))
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'expected 64 hex digits'))
const texts = v.array(text)

const expectations = v.record(text, v.array(v.picklist(outcomes)))
const step = v.variant('do', [
  v.object({ do: v.literal('fault'), fault: text, target: v.record(text, text), id: text }),
  v.object({ do: v.literal('revert'), id: text }),
  v.object({
    do: v.literal('await'),
    condition: v.picklist(conditions),
    seconds: number,
    of: v.exactOptional(texts),
  }),
  v.object({ do: v.literal('watch'), peerTimeouts: number }),
  v.object({ do: v.literal('bind'), roles: v.record(text, v.picklist(['survivor', 'loser'])) }),
  v.object({ do: v.literal('operate'), operation: v.picklist(operations), of: texts }),
  v.object({ do: v.literal('checkpoint'), name: text, expected: expectations }),
])

const scenario = v.object({
  name: text,
  title: text,
  document: v.object({ event: text, nodes: v.record(text, text), operatorAction: text }),
  source: v.object({ document: text, place: text }),
  policy: text,
  parameters: v.exactOptional(v.record(text, v.unknown())),
  nodes: v.exactOptional(v.object({ least: natural, most: natural })),
  members: v.exactOptional(texts),
  sides: v.exactOptional(v.array(texts)),
  steps: v.array(step),
  expected: expectations,
  rules: v.array(v.picklist(ruleNames)),
  exceptions: v.exactOptional(v.array(v.object({ invariant: v.picklist(invariantNames), why: text }))),
})

const testbed = v.object({
  name: text,
  file: text,
  text,
  nodes: v.array(
    v.object({
      name: text,
      id: natural,
      keys: v.object({ coordination: text, data: text }),
      panicWitnesses: v.array(v.picklist(['panic-event', 'console'])),
      outlets: v.exactOptional(texts),
    }),
  ),
  links: texts,
  luns: v.array(
    v.object({ name: text, wwid: text, use: v.picklist(['coordination', 'data']), array: v.exactOptional(text) }),
  ),
  stack: v.object({ kind: text, policy: text, parameters: v.record(text, v.unknown()) }),
  scsiTimeout: v.exactOptional(positive),
})

/** A record of the ledger, and what is told of a write: whoever reads either from a node takes just what can be recorded. */
export const ledgerRecord = v.object({ node: text, number: natural, epoch: natural, issued: number, boot: text })
/** What was read of the ledger, besides the moment. */
export const ledgerContents = {
  records: v.array(ledgerRecord),
  shared: v.exactOptional(v.array(ledgerRecord)),
  odd: v.exactOptional(
    v.array(
      v.object({
        region: natural,
        slot: natural,
        to: v.exactOptional(natural),
        kind: v.picklist(['torn', 'no-record', 'foreign', 'misplaced']),
        who: v.exactOptional(text),
      }),
    ),
  ),
  otherRuns: v.exactOptional(v.array(v.object({ run: text, records: natural }))),
}
const sgAnswer = { exit: v.nullable(number), stdout: text, stderr: text, began: number, ended: number }
const blockRead = v.object({ ...sgAnswer, host: text, sha256: v.exactOptional(hash) })
export const ledgerWrite = {
  number: natural,
  epoch: natural,
  issued: number,
  completed: number,
  result: v.picklist(['acknowledged', 'refused', 'failed']),
  errno: number,
}

const envelope = {
  seq: positive,
  at: v.pipe(v.number(), v.finite(), v.minValue(0)),
  host: v.exactOptional(text),
  hostAt: v.exactOptional(number),
  prev: hash,
}

const event = <const T extends string, const E extends v.ObjectEntries>(type: T, entries: E) =>
  v.object({ ...envelope, type: v.literal(type), ...entries })

/** One line of the journal. Keys that a newer fencelab added to a known event are dropped. */
export const lineSchema = v.variant('type', [
  event('run.started', {
    format: v.literal(1),
    revision: v.exactOptional(positive),
    fencelab: text,
    wall: text,
    run: text,
    scenario,
    testbed,
    roles: v.record(text, text),
  }),
  event('run.ended', {
    reason: v.picklist(['complete', 'stopped', 'error']),
    error: v.exactOptional(text),
    files: v.record(text, text),
  }),
  event('phase', { name: v.picklist(['prepare', 'baseline', 'inject', 'observe', 'collect', 'restore']) }),
  event('note', { text }),
  event('host.facts', { facts: v.record(text, text) }),
  event('clock', { boot: text, offset: number, uncertainty: v.pipe(v.number(), v.finite(), v.minValue(0)) }),
  event('connection', { state: v.picklist(['connected', 'slow', 'gone']), reason: text }),
  event('command', {
    purpose: text,
    argv: texts,
    exit: v.nullable(number),
    expected: v.array(number),
    failure: v.exactOptional(v.picklist(['timeout', 'gone', 'aborted', 'signal'])),
    stdout: text,
    stderr: text,
    milliseconds: number,
  }),
  event('keys', {
    lun: text,
    device: text,
    action: v.picklist(['keys', 'reservation', 'full-status']),
    exit: v.nullable(number),
    stdout: text,
    stderr: text,
    began: number,
    ended: number,
    attempt: v.pipe(v.number(), v.integer(), v.minValue(1)),
    bytes: v.exactOptional(v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})+$/))),
    same: v.exactOptional(positive),
  }),
  event('array-keys', { lun: text, text, same: v.exactOptional(positive) }),
  event('fault', {
    id: text,
    fault: text,
    target: v.record(text, text),
    step: v.picklist(['applying', 'applied', 'verified', 'held', 'reverting', 'reverted', 'gone']),
    ok: v.exactOptional(flag),
    evidence: v.exactOptional(text),
  }),
  event('follow', {
    what: v.picklist(['stack.log', 'console']),
    step: v.picklist(['began', 'ended', 'reached']),
    line: v.exactOptional(natural),
    told: v.exactOptional(natural),
    reason: v.exactOptional(text),
  }),
  event('boot', { boot: text }),
  event('panic-event', { source: text }),
  event('console', { text }),
  event('process', { node: text, pid: number, state: text }),
  event('stack', {
    answered: flag,
    state: v.exactOptional(
      v.picklist(['stopped', 'joining', 'member', 'racing', 'waiting', 'lost', 'refused', 'left']),
    ),
    members: v.exactOptional(texts),
    links: v.exactOptional(v.record(text, texts)),
    active: v.exactOptional(flag),
    text,
  }),
  event('stack.log', { text, code: v.exactOptional(text), data: v.exactOptional(v.record(text, v.unknown())) }),
  event('ledger.write', ledgerWrite),
  event('ledger.scan', {
    when: v.picklist(['takeover', 'final', 'late']),
    lun: text,
    began: v.exactOptional(number),
    error: v.exactOptional(text),
    ...ledgerContents,
  }),
  event('write-try', {
    why: v.picklist(['control', 'end']),
    lun: text,
    device: text,
    block: natural,
    wrote: hash,
    answers: v.array(v.object(sgAnswer)),
    before: v.exactOptional(blockRead),
    after: v.exactOptional(blockRead),
    restored: v.exactOptional(v.object(sgAnswer)),
  }),
  event('baseline', {
    green: flag,
    checks: v.array(v.object({ text, ok: flag, events: v.array(positive) })),
  }),
  event('await', { condition: text, met: flag, seconds: number }),
  event('roles', { roles: v.record(text, text) }),
  event('operation', {
    operation: v.picklist(operations),
    nodes: texts,
    step: v.picklist(['begun', 'done']),
    ok: v.exactOptional(flag),
    evidence: v.exactOptional(text),
  }),
  event('outlet', { outlet: text, state: v.picklist(['on', 'off', 'unknown']), feeds: texts }),
  event('checkpoint', { name: text, step: v.picklist(['begun', 'done']) }),
  event('applicability', { applicable: flag, reason: text }),
  event('probe', { node: text, reachable: flag, boot: v.exactOptional(text), text }),
])

/** A line of a type that this version does not know: kept as what it is, judged by nobody. */
export interface UnknownLine {
  readonly seq: number
  readonly type: string
  readonly value: unknown
}

export type ParsedLine =
  | { readonly kind: 'line'; readonly line: Line }
  | { readonly kind: 'unknown'; readonly line: UnknownLine }
  | { readonly kind: 'invalid'; readonly what: string }

const known: ReadonlySet<string> = new Set(lineSchema.options.map((option) => option.entries.type.literal))
const envelopeSchema = v.looseObject({ ...envelope, type: text })

/**
 * Reads one line's JSON value. `unknown` for a well-formed line whose event type is not among this version's, `invalid`
 * with the field and what was expected there for everything else. Never throws.
 */
export function parseLine(value: unknown): ParsedLine {
  const outer = v.safeParse(envelopeSchema, value)
  if (!outer.success) return { kind: 'invalid', what: describe(outer.issues[0]) }
  if (!known.has(outer.output.type)) {
    return { kind: 'unknown', line: { seq: outer.output.seq, type: outer.output.type, value } }
  }
  const inner = v.safeParse(lineSchema, value)
  return inner.success ? { kind: 'line', line: inner.output } : { kind: 'invalid', what: describe(inner.issues[0]) }
}

function describe(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue)
  return path === null ? issue.message : `${path}: ${issue.message}`
}
