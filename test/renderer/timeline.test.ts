import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lane } from '../../labs/replay/make-lane.ts'
import type { Lane, LaneGroup } from '../../labs/replay/lane.ts'
import { findAt } from '../../renderer/timeline/find-at.ts'
import { itemAt, layOutLanes } from '../../renderer/timeline/lane-layout.ts'
import { closest, fitted, panned, showing, zoomed } from '../../renderer/timeline/viewport.ts'

const all = { from: 0, to: 10_000 }
const viewport = fc
  .record({
    from: fc.double({ min: -500, max: 9000, noNaN: true }),
    span: fc.double({ min: closest, max: 11_000, noNaN: true }),
  })
  .map(({ from, span }) => ({ from, to: from + span }))

describe('what is in view', () => {
  it('stays on what there is, however it is panned', () => {
    fc.assert(
      fc.property(viewport, fc.double({ min: -1e6, max: 1e6, noNaN: true }), (view, by) => {
        const { from, to } = panned(view, by, all)
        expect(to - from).toBeCloseTo(view.to - view.from, 6)
        expect(from < all.to && to > all.from).toBe(true)
      }),
    )
  })
  it('keeps the place under the pointer where it is, as long as nothing is in the way', () => {
    const near = zoomed({ from: 2000, to: 6000 }, 0.5, 3000, all)
    expect([near, zoomed(near, 2, 3000, all)]).toEqual([
      { from: 2500, to: 4500 },
      { from: 2000, to: 6000 },
    ])
  })
  it('is never closer than clocks can tell, and never further than all of it', () => {
    expect(
      [zoomed({ from: 100, to: 130 }, 0.001, 110, all), zoomed(all, 100, 5000, all)].map(({ from, to }) =>
        Math.round(to - from),
      ),
    ).toEqual([closest, 11_000])
  })
  it('moves no further than it must to show a moment', () => {
    const view = { from: 1000, to: 2000 }
    expect(showing(view, 1500, all)).toBe(view)
    const moved = showing(view, 5000, all)
    expect(moved.from < 5000 && moved.to > 5000 && moved.to - moved.from === 1000).toBe(true)
  })
  it('fits all with a little air', () => expect(fitted(all)).toEqual({ from: -150, to: 10_150 }))
})

const stretch = (from: number, to: number) => ({
  from,
  to,
  state: 'running',
  text: `${from} to ${to}`,
  events: [1, 2] as const,
})
const of = (id: string, group: LaneGroup, rows = 1, name = id): Lane =>
  lane({
    id,
    group,
    name,
    rows: Array.from({ length: rows }, (_, index) => ({
      name: `row ${index}`,
      stretches: [stretch(index * 100, index * 100 + 50)],
    })),
    ticks: [{ at: 500, kind: 'x', text: 'tick', event: 7, count: 1, first: 500, last: 500 }],
  })

describe('the layout of lanes', () => {
  const lanes = [
    of('v', 'verdict'),
    of('f', 'faults'),
    of('l1', 'links', 1, 'priv1'),
    of('l2', 'links', 1, 'priv1'),
    of('k', 'keys', 3),
  ]
  const layout = layOutLanes(lanes, new Set())

  it('has a heading for each group but the flags, and no lane over another', () => {
    expect(layout.items.map((item) => (item.kind === 'heading' ? `# ${item.group}` : item.lane.id))).toEqual([
      'v',
      '# faults',
      'f',
      '# links',
      'l1',
      'l2',
      '# keys',
      'k',
    ])
    for (const [index, item] of layout.items.entries()) {
      const next = layout.items[index + 1]
      if (next) expect(next.y).toBeGreaterThanOrEqual(item.y + item.height)
    }
    expect(layout.height).toBe((layout.items.at(-1)?.y ?? 0) + (layout.items.at(-1)?.height ?? 0))
  })
  it('says a name once for those that share it', () => {
    expect(
      layout.items.flatMap((item) => (item.kind === 'lane' && item.lane.group === 'links' ? [item.named] : [])),
    ).toEqual([true, false])
  })
  it('leaves the heading of a folded group, with how much is in it', () => {
    const folded = layOutLanes(lanes, new Set(['links', 'keys'] as const))
    expect(folded.items.map((item) => (item.kind === 'heading' ? [item.group, item.lanes] : item.lane.id))).toEqual([
      'v',
      ['faults', 1],
      'f',
      ['links', 2],
      ['keys', 1],
    ])
  })
  it('keeps every row inside of its lane, for sixteen nodes as for two', () => {
    for (const rows of [2, 3, 5, 9, 17]) {
      const [, item] = layOutLanes([of('k', 'keys', rows)], new Set()).items
      if (item?.kind !== 'lane') throw new Error('no lane')
      for (const { top, height } of item.rows) expect(top >= 0 && height >= 2 && top + height <= item.height).toBe(true)
    }
  })
  it('finds the item at a height', () => {
    expect([itemAt(layout, 1)?.kind, itemAt(layout, layout.height + 1)]).toEqual(['lane', undefined])
  })
})

describe('what is under the pointer', () => {
  const layout = layOutLanes([of('k', 'keys', 3)], new Set())
  const item = layout.items[1]
  if (item?.kind !== 'lane') throw new Error('no lane')
  const y = (row: number) => item.y + (item.rows[row]?.top ?? 0) + 2

  it('is the stretch of the row, or nothing', () => {
    expect([findAt(layout, y(1), 120, 2)?.text, findAt(layout, y(1), 50, 2), findAt(layout, -5, 50, 2)]).toEqual([
      '100 to 150',
      undefined,
      undefined,
    ])
  })
  it('is a tick before a stretch, where it is near', () => {
    expect([findAt(layout, y(0), 498, 5), findAt(layout, y(0), 480, 5)]).toMatchObject([
      { text: 'tick', events: [7] },
      undefined,
    ])
  })
})
