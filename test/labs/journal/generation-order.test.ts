import { expect, it } from 'vitest'
import { foldClocks } from '../../../labs/journal/clock.ts'
import { foldReadings } from '../../../labs/journal/key-tables.ts'
import { clocks, fault, keysText, look, outlet, recorded, scenario, started, type Entry } from '../verdicts/history.ts'

const first = [started(scenario('row', [], []), { powered: true }), ...clocks(10)]
/** The number of the event that refutes each look, or nothing. */
const refuted = (...entries: readonly Entry[]) => {
  const lines = recorded([...first, ...entries])
  return foldReadings(lines, foldClocks(lines)).map(({ answer }) =>
    answer.kind === 'failed' ? answer.contradicts : undefined,
  )
}
const at = (host: string, time: number, generation: number, lun = 'coord1') =>
  look(host, time, lun, 'keys', keysText(generation, ['0xa']))

it('an answer of a lower generation than one from before is none', () => {
  expect(refuted(at('observer', 1000, 4), at('observer', 2000, 3))).toEqual([undefined, 5])
  expect(refuted(at('observer', 1000, 4), at('nodea', 2000, 3))).toEqual([undefined, 5])
})

it('equal and higher ones stand, and so do those of another LUN, or of which it is not known which came first', () => {
  expect(refuted(at('observer', 1000, 4), at('nodea', 2000, 4), at('observer', 3000, 5))).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  expect(refuted(at('observer', 1000, 4), at('observer', 2000, 3, 'coord2'))).toEqual([undefined, undefined])
  expect(refuted(at('observer', 1000, 4), at('nodea', 1020, 3))).toEqual([undefined, undefined])
})

it('an array that was without power begins again', () => {
  const array = { array: 'array1' }
  expect(refuted(at('observer', 1000, 4), fault(1500, 'array', array, 'applying'), at('observer', 2000, 0))).toEqual([
    undefined,
    undefined,
  ])
  expect(
    refuted(at('observer', 1000, 4), fault(1500, 'array', { array: 'array2' }, 'applying'), at('observer', 2000, 1)),
  ).toEqual([undefined, 5])
  expect(refuted(at('observer', 1000, 4), outlet(1500, 'nodea', 'off'), at('observer', 2000, 1))).toEqual([
    undefined,
    5,
  ])
})
