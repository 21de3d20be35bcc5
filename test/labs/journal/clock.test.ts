import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldClocks } from '../../../labs/journal/clock.ts'
import { fault, lab, on, process, recorded, type Entry } from '../verdicts/history.ts'

const measured = (at: number, boot: string, hostAt: number, uncertainty = 3): Entry => ({
  at,
  host: 'nodea',
  hostAt,
  event: { type: 'clock', boot, offset: at - hostAt * 1000, uncertainty },
})
const late = { seq: 1000, at: 1e9 }
const fold = (...entries: Entry[]) => foldClocks(recorded(entries))

describe('a host time in lab time', () => {
  it('at a measurement: give or take its uncertainty', () => {
    expect(fold(measured(5000, 'one', 100)).span('nodea', 100, late)).toEqual({ earliest: 4997, latest: 5003 })
  })

  it('between two measurements: anywhere between their offsets', () => {
    const clocks = fold(measured(5000, 'one', 100), measured(15_100, 'one', 110))
    expect(clocks.span('nodea', 105, late)).toEqual({ earliest: 9997, latest: 10_103 })
  })

  it('outside: the clocks may have drifted by 1200 ppm', () => {
    const clocks = fold(measured(5000, 'one', 100))
    expect(clocks.span('nodea', 200, late)).toEqual({ earliest: 104_997 - 120, latest: 105_003 + 120 })
    expect(clocks.span('nodea', 0, late)).toEqual({ earliest: -95_003 - 120, latest: -94_997 + 120 })
  })

  it('is never later than the line that tells it', () => {
    expect(fold(measured(5000, 'one', 100)).span('nodea', 100, { seq: 9, at: 5001 })).toEqual({
      earliest: 4997,
      latest: 5001,
    })
  })

  it('is unknown where the line was written before it', () => {
    expect(fold(measured(5000, 'one', 100)).span('nodea', 100, { seq: 9, at: 4900 })).toBeUndefined()
  })

  it('is unknown without a measurement of that host and that boot', () => {
    const clocks = fold(measured(5000, 'one', 100), on('nodea', 9000, { type: 'boot', boot: 'two' }))
    expect(clocks.span('nodeb', 100, late)).toBeUndefined()
    expect(clocks.span('nodea', 100, late)).toBeUndefined()
    expect(clocks.span('nodea', 100, { seq: 1, at: 6000 })).toEqual({ earliest: 4997, latest: 5003 })
    expect(clocks.span('nodea', 100, late, 'one')).toEqual({ earliest: 4997, latest: 5003 })
    expect(clocks.span('nodea', 100, late, 'two')).toBeUndefined()
  })

  it('keeps the boots of a host apart', () => {
    const clocks = fold(measured(5000, 'one', 100), measured(60_000, 'two', 10))
    expect(clocks.span('nodea', 10, late)).toEqual({ earliest: 59_997, latest: 60_003 })
    expect(clocks.span('nodea', 100, late, 'one')).toEqual({ earliest: 4997, latest: 5003 })
  })

  it('has no latest moment after a stop that came after the measurement, and no earliest before one', () => {
    const clocks = fold(
      measured(5000, 'one', 100),
      fault(7000, 'freeze', { node: 'nodea' }, 'applying'),
      process(7500, 'nodea', 'T'),
      process(20_000, 'nodea', 'S'),
    )
    expect(clocks.span('nodea', 101, late)?.latest).toBeCloseTo(6004.2)
    expect(clocks.span('nodea', 103, late)?.latest).toBe(late.at)
    const after = fold(process(7500, 'nodea', 'T'), measured(20_000, 'one', 100))
    expect(after.span('nodea', 90, late)?.earliest).toBe(-Infinity)
  })
})

it('knows the boot of a host only from what was seen before', () => {
  const clocks = fold(lab(0, { type: 'note', text: '' }), on('nodea', 10, { type: 'boot', boot: 'one' }))
  expect([clocks.bootOf('nodea', 1), clocks.bootOf('nodea', 2), clocks.bootOf('nodeb', 2)]).toEqual([
    undefined,
    'one',
    undefined,
  ])
})

it('holds the true time, for clocks that drift and measurements that are as good as they say', () => {
  const drifts = fc.double({ min: -0.0005, max: 0.0005, noNaN: true })
  const moments = fc.array(fc.integer({ min: 0, max: 600_000 }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(drifts, moments, fc.integer({ min: 0, max: 600_000 }), (drift, times, truth) => {
      const hostClock = (at: number) => 500 + (at * (1 + drift)) / 1000
      const entries = times.toSorted((a, b) => a - b).map((at) => measured(at, 'one', hostClock(at), 0.001))
      const span = foldClocks(recorded(entries)).span('nodea', hostClock(truth), late)
      expect(span && span.earliest <= truth && truth <= span.latest).toBe(true)
    }),
  )
})
