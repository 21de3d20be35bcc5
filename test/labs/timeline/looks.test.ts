import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tickWords, ticks } from '../../../labs/timeline/axis.ts'
import { binMarks } from '../../../labs/timeline/bins.ts'
import { blindSpots, stretches, type Look } from '../../../labs/timeline/looks.ts'
import type { Mark } from '../../../labs/timeline/time-line.ts'

const look = (earliest: number, latest: number, event: number, state?: string): Look<string> => ({
  earliest,
  latest,
  event,
  state,
})

describe('stretches and blind spots', () => {
  const looks = [
    look(10, 12, 1, 'a'),
    look(20, 22, 2, 'a'),
    look(30, 32, 3),
    look(40, 42, 4, 'a'),
    look(50, 52, 5, 'b'),
  ]

  it('last while looks agree, and no longer than is sure', () => {
    expect(stretches(looks)).toEqual([
      { from: 12, to: 20, state: 'a', events: [1, 2] },
      { from: 42, to: 42, state: 'a', events: [4, 4] },
      { from: 52, to: 52, state: 'b', events: [5, 5] },
    ])
  })

  it('know nothing from the last good look to the next where one failed', () => {
    expect(blindSpots(looks)).toEqual([{ from: 20, to: 42, state: 'failed', events: [3, 3] }])
    expect(blindSpots([look(-Infinity, 5, 1), look(6, 7, 2)])).toEqual([
      { from: 5, to: 7, state: 'failed', events: [1, 2] },
    ])
  })

  it('never overlap, are in order, and never mix states', () => {
    const arbitrary = fc.array(fc.tuple(fc.nat(9), fc.nat(9), fc.constantFrom('a', 'b', undefined)))
    fc.assert(
      fc.property(arbitrary, (steps) => {
        let now = 0
        const list = steps.map(([wait, length, state], index) => {
          const earliest = now + wait
          now = earliest + length
          return look(earliest, now, index, state)
        })
        const found = stretches(list)
        for (const [index, { from, to, state, events }] of found.entries()) {
          expect(from).toBeLessThanOrEqual(to)
          expect(list.slice(events[0], events[1] + 1).every((one) => one.state === state)).toBe(true)
          expect(to).toBeLessThanOrEqual(found[index + 1]?.from ?? Infinity)
        }
        const good = found.reduce((sum, { events }) => sum + events[1] - events[0] + 1, 0)
        expect(good).toBe(list.filter(({ state }) => state !== undefined).length)
      }),
    )
  })
})

describe('marks that are dense', () => {
  const mark = (at: number, kind: string, event: number): Mark => ({
    at,
    earliest: at,
    latest: at,
    kind,
    text: '',
    event,
  })

  it('become one within a width, a kind by itself', () => {
    const bins = binMarks([mark(0, 'ok', 1), mark(9, 'ok', 2), mark(5, 'refused', 3), mark(10, 'ok', 4)], 10)
    expect(bins.map(({ kind, at, marks }) => [kind, at, marks.map(({ event }) => event)])).toEqual([
      ['ok', 4.5, [1, 2]],
      ['refused', 5, [3]],
      ['ok', 10, [4]],
    ])
  })

  it('lose no mark', () => {
    const marks = fc.array(fc.tuple(fc.nat(1000), fc.constantFrom('ok', 'refused')))
    fc.assert(
      fc.property(marks, fc.integer({ min: 1, max: 500 }), (list, width) => {
        const made = list.map(([at, kind], event) => mark(at, kind, event))
        const bins = binMarks(made, width)
        expect(bins.flatMap((bin) => bin.marks.map(({ event }) => event)).toSorted((a, b) => a - b)).toEqual(
          made.map(({ event }) => event),
        )
        expect(bins.every(({ kind, marks: those }) => those.every((one) => one.kind === kind))).toBe(true)
      }),
    )
  })
})

describe('the axis', () => {
  it('has round steps', () => {
    expect(ticks(900, 6100, 6)).toEqual([1000, 2000, 3000, 4000, 5000, 6000])
    expect(ticks(0, 90_000, 10)).toEqual([0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000, 70_000, 80_000, 90_000])
    expect([tickWords(1500, 500), tickWords(20_000, 10_000), tickWords(2000, 1000)]).toEqual(['1.5', '20', '2'])
  })

  it('ends, whatever the journal says', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, noNaN: true }), fc.double({ min: 0, noNaN: true }), (from, to) => {
        expect(ticks(from, to, 10).length).toBeLessThanOrEqual(11)
      }),
    )
  })
})
