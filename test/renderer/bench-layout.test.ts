import { describe, expect, it } from 'vitest'
import { bedOf, bedOfRecord, type Bed } from '../../labs/testbed-file/bed.ts'
import { readTestbed } from '../../labs/testbed-file/read-testbed.ts'
import { layOutToFit, type Box } from '../../renderer/bench/layout.ts'
import { nodeWords } from '../../renderer/bench/node-words.ts'
import type { SceneNode } from '../../labs/replay/scene.ts'
import { madeUpTestbed } from '../fakes/made-up-lab.ts'

function bed(nodes: number, luns: number): Bed {
  const text = madeUpTestbed({ nodes, luns })
  const read = readTestbed(text, 'made-up.yaml')
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  return bedOf({ testbed: read.testbed, file: 'made-up.yaml', text })
}
const overlap = (a: Box, b: Box) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height

describe.each([
  [2, 4, 1000, 700],
  [2, 4, 560, 300],
  [4, 8, 880, 600],
  [16, 64, 1300, 800],
  [16, 64, 880, 640],
  [32, 64, 1300, 800],
] as const)('%i nodes and %i LUNs in %i x %i', (nodes, luns, width, height) => {
  const { layout, scale } = layOutToFit(bed(nodes, luns), width, height)
  const boxes = [...layout.nodes, ...layout.arrays, ...layout.others, ...layout.units]

  it('has everything, and nothing over anything else', () => {
    expect([layout.nodes.length, layout.arrays.flatMap((array) => array.luns).length]).toEqual([nodes, luns])
    for (const [index, box] of boxes.entries())
      for (const other of boxes.slice(index + 1)) expect(overlap(box, other)).toBe(false)
    for (const array of layout.arrays) {
      for (const [index, lun] of array.luns.entries()) {
        for (const other of array.luns.slice(index + 1)) expect(overlap(lun, other)).toBe(false)
        expect(
          lun.x >= array.x &&
            lun.x + lun.width <= array.x + array.width &&
            lun.y + lun.height <= array.y + array.height,
        ).toBe(true)
      }
    }
  })
  it('stays within its width, and says how high it is', () => {
    if (nodes <= 16) for (const box of boxes) expect(box.x >= 0 && box.x + box.width <= layout.width + 0.5).toBe(true)
    for (const box of boxes) expect(box.y + box.height).toBeLessThanOrEqual(layout.height)
    expect(layout.width * scale).toBeCloseTo(width, 3)
  })
  it('every node reaches every link and the storage network', () => {
    for (const link of layout.links)
      expect(link.drops.map(({ node }) => node)).toEqual(layout.nodes.map(({ name }) => name))
    for (const node of layout.nodes) expect(layout.storage.y).toBeGreaterThan(node.y + node.height)
  })
})

it('a small testbed is enlarged, a large one is not', () => {
  expect([layOutToFit(bed(2, 4), 1200, 850).scale > 1, layOutToFit(bed(16, 64), 1200, 850).scale]).toEqual([true, 1])
})

it('a recorded testbed that this version cannot read is still drawn', () => {
  const own = bed(2, 4)
  const drawn = bedOfRecord({ ...own.record, text: 'written: by a later version' })
  expect([
    drawn.hosts.map(({ name }) => name),
    layOutToFit(drawn, 900, 600).layout.arrays.map(({ luns }) => luns.length),
  ]).toEqual([['node00', 'node01', 'array1'], [4]])
})

describe('the words of a node', () => {
  const node = (over: Partial<SceneNode>): SceneNode => ({
    name: 'a',
    id: 0,
    state: 'running',
    seen: 1000,
    events: [],
    stack: undefined,
    writes: { acknowledged: 0, refused: 0, failed: 0 },
    ...over,
  })
  const stack = { answered: true, state: 'member', text: 'member with b', at: 900, event: 3 } as const
  it.each([
    [undefined, 1000, 'unknown'],
    [node({ state: 'unknown', seen: undefined }), 1000, 'unknown'],
    [node({}), 1500, 'running'],
    [node({ stack }), 1500, 'running'],
    [node({}), 20_000, 'silent'],
    [node({ state: 'panicked' }), 90_000, 'panicked'],
    [node({ state: 'panic-seen' }), 90_000, 'panic-seen'],
    [node({ state: 'hung' }), 90_000, 'hung'],
  ] as const)('%#', (one, at, look) => expect(nodeWords(one, at).look).toBe(look))
  it('never call silence a proof', () => expect(nodeWords(node({}), 20_000).long).toMatch(/proves nothing/))
})
