import { expect, test } from 'vitest'
import { durationMilliseconds } from '../../../labs/testbed/duration.ts'

test('durations are milliseconds', () => {
  const given = ['200ms', '2s', '1.5s', '1.6s', '0.001s', '2 m', '1h', 250]
  expect(given.map(durationMilliseconds)).toEqual([200, 2000, 1500, 1600, 1, 120_000, 3_600_000, 250])
})

test('nothing is guessed, nothing is zero, endless or finer than a millisecond', () => {
  const given = ['', '200', '2 seconds', '-1s', '1e3ms', '0s', 0, -5, 0.5, '0.5ms', Number.NaN, Infinity, '2h', '.5s']
  expect(given.map(durationMilliseconds)).toEqual(given.map(() => undefined))
})
