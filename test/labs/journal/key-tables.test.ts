import { describe, expect, it } from 'vitest'
import { sgPersistExit } from '../../../labs/scsi/exit-status.ts'
import { foldClocks } from '../../../labs/journal/clock.ts'
import {
  findEjection,
  foldReadings,
  keyReadings,
  keyTables,
  reservationReadings,
} from '../../../labs/journal/key-tables.ts'
import { clocks, failedLook, keysText, lab, look, recorded, reservationText, type Entry } from '../verdicts/history.ts'

function fold(...entries: (Entry | Entry[])[]) {
  const lines = recorded([clocks(0), ...entries].flat())
  return foldReadings(lines, foldClocks(lines))
}
const answers = (...entries: Entry[]) => fold(...entries).map((reading) => reading.answer)
const failed = (why: RegExp) => ({ kind: 'failed', why: expect.stringMatching(why) })
/** a unit attention (exit 6) */
const refused = { ...failed(/6/), exit: sgPersistExit(6) }

describe('looks', () => {
  it('are placed in lab time and understood', () => {
    const [reading] = fold(look('observer', 1000, 'coord1', 'keys', keysText(7, ['0xa', '0xb', '0xa'])))
    expect(reading).toEqual({
      seq: 4,
      at: 1000,
      lun: 'coord1',
      viewer: 'observer',
      device: '/dev/sda',
      attempt: 1,
      action: 'keys',
      began: { earliest: expect.closeTo(936.9, 0), latest: expect.closeTo(943.1, 0) },
      ended: { earliest: expect.closeTo(986.8, 0), latest: expect.closeTo(993.2, 0) },
      answer: { kind: 'keys', generation: 7, keys: ['0xa', '0xb', '0xa'] },
    })
  })

  it('without a measured clock have no earliest moment', () => {
    const [reading] = fold(look('stranger', 1000, 'coord1', 'keys', keysText(7, [])))
    expect(reading).toMatchObject({
      began: { earliest: -Infinity, latest: 1000 },
      ended: { earliest: -Infinity, latest: 1000 },
    })
  })

  it('that failed are no empty table', () => {
    expect(
      answers(
        failedLook('observer', 10, 'coord1'),
        look('observer', 20, 'coord1', 'keys', keysText(1, []), { exit: 6 }),
        look('observer', 30, 'coord1', 'keys', '', { exit: null }),
        look('observer', 40, 'coord1', 'keys', ''),
        look('observer', 50, 'coord1', 'keys', '  PR generation=0x9, 2 registered reservation keys follow:\n    0xa\n'),
        look('observer', 60, 'coord1', 'keys', 'PR in: something else\n'),
        lab(70, {
          ...(look('', 70, 'coord1', 'keys', keysText(1, [])).event as Extract<Entry['event'], { type: 'keys' }>),
        }),
        look('observer', 80, 'coord1', 'keys', keysText(1, [])),
      ),
    ).toEqual([
      refused,
      refused,
      failed(/./),
      failed(/empty/),
      failed(/not understood/),
      failed(/not understood/),
      failed(/which host/),
      { kind: 'keys', generation: 1, keys: [] },
    ])
  })

  it('that repeat an earlier answer have its text', () => {
    const again = { stdout: '', stderr: '' }
    expect(
      answers(
        look('observer', 10, 'coord1', 'keys', keysText(1, ['0xa'])),
        look('observer', 20, 'coord1', 'keys', '', { ...again, same: 4 }),
        look('observer', 30, 'coord2', 'keys', '', { ...again, same: 4 }),
        look('observer', 40, 'coord1', 'reservation', '', { ...again, same: 4 }),
        look('nodeb', 50, 'coord1', 'keys', '', { ...again, same: 4 }),
        look('observer', 60, 'coord1', 'keys', '', { ...again, same: 99 }),
        look('observer', 70, 'coord1', 'keys', '', { ...again, same: 10 }),
        look('observer', 80, 'coord1', 'keys', '', { ...again, same: 4, exit: 6 }),
      ),
    ).toEqual([
      { kind: 'keys', generation: 1, keys: ['0xa'] },
      { kind: 'keys', generation: 1, keys: ['0xa'] },
      failed(/event 4/),
      failed(/event 4/),
      failed(/event 4/),
      failed(/event 99/),
      failed(/event 10/),
      refused,
    ])
  })

  it('are kept apart by LUN, viewer and kind', () => {
    const readings = fold(
      look('observer', 10, 'data1', 'keys', keysText(1, ['0xa'])),
      look('observer', 20, 'data1', 'reservation', reservationText(1, '0xa')),
      look('nodeb', 30, 'data1', 'keys', keysText(1, ['0xa'])),
      failedLook('nodeb', 40, 'data1'),
      look('nodeb', 50, 'coord1', 'keys', keysText(1, [])),
    )
    expect(keyReadings(readings, 'data1').map((one) => one.seq)).toEqual([4, 6])
    expect(reservationReadings(readings, 'data1').map((one) => one.answer)).toEqual([
      { kind: 'reservation', generation: 1, reservation: { key: '0xa', scope: 'LU_SCOPE', type: 5 } },
    ])
    const tables = [...keyTables(readings)].map(([lun, viewers]) => [
      lun,
      [...viewers].map(([viewer, list]) => [viewer, list.map((one) => one.seq)]),
    ])
    expect(tables).toEqual([
      [
        'data1',
        [
          ['observer', [4, 5]],
          ['nodeb', [6, 7]],
        ],
      ],
      ['coord1', [['nodeb', [8]]]],
    ])
  })
})

describe('findEjection', () => {
  const at = (host: string, time: number, ...keys: string[]) => look(host, time, 'data1', 'keys', keysText(1, keys))
  const find = (from: number, ...entries: Entry[]) => findEjection(keyReadings(fold(...entries), 'data1'), '0xa', from)

  it('lies after every look that shows the key and before the end of every look that does not', () => {
    const found = find(
      0,
      at('observer', 1000, '0xa'),
      at('nodeb', 2000, '0xa', '0xb'),
      at('observer', 3000, '0xb'),
      at('nodeb', 2500, '0xb'),
    )
    expect(found).toEqual({
      kind: 'ejected',
      earliest: expect.closeTo(1940 - 2 - 2.3, 0),
      latest: expect.closeTo(2490 + 2 + 3, 0),
      events: [5, 7],
    })
  })

  it('does not count looks from before the fault', () => {
    expect(find(1500, at('observer', 1000), at('observer', 2000, '0xa'), at('observer', 3000, '0xb'))).toMatchObject({
      kind: 'ejected',
      events: [5, 6],
    })
  })

  it('is unknown without both kinds of look, or when the key comes back', () => {
    expect(find(0, at('observer', 1000, '0xb'))).toMatchObject({ kind: 'unknown', why: 'no answer ever shows its key' })
    expect(find(0, at('observer', 1000, '0xa'))).toMatchObject({ kind: 'unknown', why: 'no answer shows its key gone' })
    expect(find(0, at('observer', 1000, '0xb'), at('observer', 2000, '0xa'))).toMatchObject({
      kind: 'unknown',
      why: 'its key was seen again after an answer without it',
    })
  })
})
