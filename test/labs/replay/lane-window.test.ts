import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { firstAt, laneWindow } from '../../../labs/replay/lane-window.ts'
import { lane } from '../../../labs/replay/make-lane.ts'
import type { Lanes, Stretch, Tick } from '../../../labs/replay/lane.ts'

const tick = (at: number, kind = 'a'): Tick => ({
  at,
  kind,
  text: `${kind} ${at}`,
  event: at,
  count: 1,
  first: at,
  last: at,
})
const stretch = (from: number, to: number, state = 'on'): Stretch => ({ from, to, state, text: '', events: [1, 2] })
const lanesOf = (ticks: readonly Tick[], stretches: readonly Stretch[] = []): Lanes => ({
  from: 0,
  to: 10_000,
  nodes: [],
  phases: [],
  lanes: [lane({ id: 'one', group: 'ledger', name: 'one', rows: [{ name: '', stretches }], ticks })],
})
const many = (count: number, kind?: string) =>
  Array.from({ length: count }, (_, index) => tick((index * 10_000) / count, kind))

describe('a window on lanes', () => {
  it('hands out few ticks as they are, and says that nothing is missing', () => {
    const all = lanesOf([tick(1), tick(2)], [stretch(0, 5)])
    expect(laneWindow(all, { from: 0, to: 10_000, cells: 10 })).toEqual({
      ...all,
      window: { from: 0, to: 10_000, cells: 10 },
      complete: true,
    })
  })

  it('is not complete where it shows a part', () => {
    expect(laneWindow(lanesOf([tick(1)]), { from: 5, to: 10_000, cells: 10 }).complete).toBe(false)
  })

  it('gathers dense ticks: as many as there are cells, and none is lost', () => {
    const { lanes, complete } = laneWindow(lanesOf(many(100_000)), { from: 0, to: 10_000, cells: 500 })
    const { ticks } = lanes[0] as (typeof lanes)[number]
    expect(complete).toBe(false)
    expect(ticks.length).toBeLessThanOrEqual(501)
    expect(ticks.reduce((sum, { count }) => sum + count, 0)).toBe(100_000)
  })

  it('never mixes kinds: one refused write among thousands is still there', () => {
    const ticks = [...many(5000, 'acknowledged'), tick(5000.5, 'refused')].sort((a, b) => a.at - b.at)
    const { lanes } = laneWindow(lanesOf(ticks), { from: 0, to: 10_000, cells: 20 })
    expect(lanes[0]?.ticks.filter(({ kind }) => kind === 'refused')).toEqual([tick(5000.5, 'refused')])
  })

  it('keeps every long stretch, and of those shorter than a cell one of each state', () => {
    const short = Array.from({ length: 900 }, (_, index) => stretch(index, index + 0.5, index % 2 === 0 ? 'on' : 'off'))
    const { lanes } = laneWindow(lanesOf([], [stretch(0, 9000, 'long'), ...short]), { from: 0, to: 10_000, cells: 10 })
    expect(lanes[0]?.rows[0]?.stretches.map(({ state }) => state)).toEqual(['long', 'on', 'off'])
  })

  it('leaves out what is not in the window', () => {
    const { lanes } = laneWindow(
      lanesOf([tick(1), tick(50), tick(99)], [stretch(0, 10), stretch(40, 60), stretch(90, 99)]),
      { from: 40, to: 60, cells: 5 },
    )
    expect([lanes[0]?.ticks.map(({ at }) => at), lanes[0]?.rows[0]?.stretches.map(({ from }) => from)]).toEqual([
      [50],
      [40],
    ])
  })

  it('counts the same whatever the window, for any ticks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ at: fc.integer({ min: 0, max: 9999 }), kind: fc.constantFrom('a', 'b') }), {
          maxLength: 2000,
        }),
        fc.integer({ min: 1, max: 300 }),
        (list, cells) => {
          const ticks = list.sort((a, b) => a.at - b.at).map(({ at, kind }) => tick(at, kind))
          const { lanes } = laneWindow(lanesOf(ticks), { from: 0, to: 10_000, cells })
          const of = (kind: string) =>
            (lanes[0]?.ticks ?? []).filter((one) => one.kind === kind).reduce((sum, { count }) => sum + count, 0)
          expect([of('a'), of('b')]).toEqual(['a', 'b'].map((kind) => ticks.filter((one) => one.kind === kind).length))
        },
      ),
    )
  })

  it('finds places in the order of time', () => {
    const list = [1, 2, 2, 3].map((at) => ({ at }))
    expect([firstAt(list, 0), firstAt(list, 2), firstAt(list, 2, 0, true), firstAt(list, 9)]).toEqual([0, 1, 3, 4])
  })
})
