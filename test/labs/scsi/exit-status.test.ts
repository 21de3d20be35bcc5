import { describe, expect, it } from 'vitest'
import { mpathPersistExit, sgPersistExit } from '../../../labs/scsi/exit-status.ts'

const brief = (meaning: { outcome: string; executed: string; retry: string }) =>
  `${meaning.outcome} ${meaning.executed} ${meaning.retry}`
const table = (
  codes: readonly (number | null)[],
  exit: (code: number | null) => { outcome: string; executed: string; retry: string },
) => Object.fromEntries(codes.map((code) => [String(code), brief(exit(code))]))

describe('sgPersistExit', () => {
  it('tells what a fencing test meets', () => {
    expect(
      table(
        [0, 1, 2, 5, 6, 9, 11, 12, 13, 15, 19, 24, 26, 27, 29, 31, 33, 35, 52, 55, 69, 62, 99, 124, 127, null],
        sgPersistExit,
      ),
    ).toEqual({
      0: 'good yes no',
      1: 'usage no no',
      2: 'not-executed no later',
      5: 'unsupported no no',
      6: 'unit-attention no once',
      9: 'unsupported no no',
      11: 'unknown unknown look-first',
      12: 'path no later',
      13: 'path no later',
      15: 'path no later',
      19: 'unsupported no no',
      24: 'conflict no no',
      26: 'not-executed no later',
      27: 'not-executed no later',
      29: 'unknown unknown look-first',
      31: 'usage no no',
      33: 'unknown unknown look-first',
      35: 'unknown unknown look-first',
      52: 'path no no',
      55: 'path unknown look-first',
      62: 'unknown unknown look-first',
      69: 'path unknown look-first',
      99: 'unknown unknown look-first',
      124: 'unknown unknown look-first',
      127: 'usage no no',
      null: 'unknown unknown look-first',
    })
  })

  it('calls good and conflict only what the program calls so', () => {
    const codes = Array.from({ length: 256 }, (_, code) => code)
    expect(codes.filter((code) => sgPersistExit(code).outcome === 'good')).toEqual([0, 21])
    expect(codes.filter((code) => sgPersistExit(code).executed === 'yes')).toEqual([0, 21])
    expect(codes.filter((code) => sgPersistExit(code).outcome === 'conflict')).toEqual([24])
    expect(sgPersistExit(137)).toEqual({
      name: 'exit-137',
      meaning: 'exit status 137 is not documented',
      outcome: 'unknown',
      executed: 'unknown',
      retry: 'look-first',
    })
  })
})

describe('mpathPersistExit', () => {
  it('numbers the same causes differently', () => {
    expect(table([0, 5, 6, 7, 11, 12, 16, 17, 24, null], mpathPersistExit)).toEqual({
      0: 'good yes no',
      5: 'unsupported no no',
      6: 'unit-attention unknown look-first',
      7: 'unsupported no no',
      11: 'conflict unknown look-first',
      12: 'path no later',
      16: 'unknown unknown look-first',
      17: 'unknown unknown look-first',
      24: 'unknown unknown look-first',
      null: 'unknown unknown look-first',
    })
  })
})
