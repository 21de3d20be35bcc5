import { expect, test } from 'vitest'
import { eventNear } from '../../../labs/replay/event-near.ts'
import type { Line } from '../../../labs/journal/event.ts'

const line = (seq: number, at: number, event: object) => ({ seq, at, prev: '', ...event }) as unknown as Line
const keys = (seq: number, at: number, host = 'observer') =>
  line(seq, at, { type: 'keys', host, lun: 'data1', action: 'keys' })
const lines = [
  keys(1, 0),
  line(2, 100, { type: 'clock', host: 'observer' }),
  keys(3, 1000),
  keys(4, 1500, 'nodea'),
  keys(6, 2000),
  keys(7, 3000),
]

test.each([
  [2500, 6],
  [1999, 3],
  [1600, 3],
  [9999, 7],
  [3000, 7],
  [-5, 1],
])('at %d of a bar it is event %d: the last look of the same kind before it', (at, seq) =>
  expect(eventNear(lines, 1, 7, at)?.seq).toBe(seq),
)
test('nothing after the bar, and nothing of a line that is not there', () => {
  expect([eventNear(lines, 1, 3, 9999)?.seq, eventNear(lines, 5, 7, 9999), eventNear([], 1, 1, 0)]).toEqual([
    3,
    undefined,
    undefined,
  ])
})
