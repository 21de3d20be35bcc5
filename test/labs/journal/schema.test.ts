import type * as v from 'valibot'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { parseLine, type lineSchema } from '../../../labs/journal/schema.ts'
import { recorded } from '../verdicts/history.ts'
import { bothLinksFail, nodeHangs, oneLinkFails } from '../verdicts/rows.ts'
import type { Line } from '../../../labs/journal/event.ts'

type DeepReadonly<T> = T extends readonly (infer E)[]
  ? readonly DeepReadonly<E>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T
/** An intersection of object types as one object type, so that only the members are compared. */
type Flat<T> = T extends readonly (infer E)[]
  ? readonly Flat<E>[]
  : T extends object
    ? { [K in keyof T]: Flat<T[K]> }
    : T

it('the schemas and the types of event.ts are the same', () => {
  expectTypeOf<Flat<DeepReadonly<v.InferOutput<typeof lineSchema>>>>().toEqualTypeOf<Flat<Line>>()
  expectTypeOf<v.InferInput<typeof lineSchema>>().toExtend<Line>()
})

describe('parseLine', () => {
  it('gives back every line of whole recordings as it was', () => {
    const lines = [bothLinksFail, oneLinkFails, nodeHangs].flatMap((row) => recorded(row))
    expect(lines.map((line) => parseLine(JSON.parse(JSON.stringify(line))))).toEqual(
      lines.map((line) => ({ kind: 'line', line })),
    )
  })

  const good = { seq: 3, at: 12.5, prev: '0'.repeat(64), type: 'note', text: 'x' }

  it('keeps a line of an unknown type as what it is', () => {
    const newer = { ...good, type: 'weather', degrees: 21 }
    expect(parseLine(newer)).toEqual({ kind: 'unknown', line: { seq: 3, type: 'weather', value: newer } })
  })

  it.each([
    ['no object', 7, /Expected Object/],
    ['null', null, /Expected Object/],
    ['a list', [good], /seq/],
    ['no sequence number', { ...good, seq: undefined }, /^seq: /],
    ['a broken sequence number', { ...good, seq: 1.5 }, /^seq: /],
    ['no time', { ...good, at: null }, /^at: /],
    ['a hash that is none', { ...good, prev: 'abc' }, /^prev: expected 64 hex digits/],
    ['a missing field', { ...good, text: undefined }, /^text: /],
    ['a field of another type', { ...good, text: 5 }, /^text: /],
    ['a null where nothing belongs', { ...good, host: null }, /^host: /],
    ['a word that is none', { ...good, type: 'phase', name: 'party' }, /^name: /],
    ['an unknown type without an envelope', { type: 'weather' }, /^seq: /],
  ])('refuses %s', (_, value, what) => {
    const parsed = parseLine(value)
    expect(parsed).toEqual({ kind: 'invalid', what: expect.stringMatching(what) })
  })
})
