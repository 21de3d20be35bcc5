import fc from 'fast-check'
import { expect, it } from 'vitest'
import { foldClocks } from '../../../labs/journal/clock.ts'
import { inHostOrder, lastSaid, saidWithin } from '../../../labs/journal/host-order.ts'
import { cases } from '../../cases.ts'

const line = (seq: number, hostAt?: number) => ({
  seq,
  at: seq * 100,
  host: 'nodea',
  ...(hostAt !== undefined && { hostAt }),
})
const oneBoot = { bootOf: () => 'boot-1' }
const numbers = (lines: readonly { readonly seq: number }[]) => lines.map(({ seq }) => seq)

it('orders by the clock of the host, whatever arrived first', () => {
  // the checkpoint's status file was half a second old when it was read
  const lines = [line(1, 16.2), line(2, 16.815), line(3, 16.783)]
  expect(numbers(inHostOrder(lines, oneBoot))).toEqual([1, 3, 2])
  expect(lastSaid(lines, oneBoot)?.seq).toBe(2)
})

it('keeps what has no host time behind all that was written before it', () => {
  expect(numbers(inHostOrder([line(1, 20), line(2), line(3, 10), line(4, 30)], oneBoot))).toEqual([3, 1, 2, 4])
  expect(lastSaid([], oneBoot)).toBeUndefined()
})

it('does not compare the clocks of two boots', () => {
  const boots = { bootOf: (_: string, seq: number) => (seq < 3 ? 'boot-1' : 'boot-2') }
  expect(numbers(inHostOrder([line(1, 500), line(2, 400), line(3, 8), line(4, 7)], boots))).toEqual([2, 1, 4, 3])
})

it('is a permutation, and leaves lines that came in order as they are', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(100), { nil: undefined })), (times) => {
      const lines = times.map((time, index) => line(index + 1, time))
      expect(numbers(inHostOrder(lines, oneBoot)).toSorted((a, b) => a - b)).toEqual(numbers(lines))
      const sorted = times
        .toSorted((a, b) => (a ?? 0) - (b ?? 0))
        .filter((time) => time !== undefined)
        .map((time, index) => line(index + 1, time))
      expect(inHostOrder(sorted, oneBoot)).toEqual(sorted)
    }),
    { numRuns: cases(100) },
  )
})

it('bounds a line by the clock of its host, and where that was not measured by the time of the line', () => {
  const unmeasured = foldClocks([])
  expect(saidWithin(line(5, 3), unmeasured)).toEqual({ earliest: -Infinity, latest: 500 })
  const measured = { span: () => ({ earliest: 100, latest: 120 }) }
  expect(saidWithin(line(5, 3), measured)).toEqual({ earliest: 100, latest: 120 })
})
