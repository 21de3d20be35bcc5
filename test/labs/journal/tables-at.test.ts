import { expect, test } from 'vitest'
import { foldClocks } from '../../../labs/journal/clock.ts'
import { foldReadings } from '../../../labs/journal/key-tables.ts'
import { oldSince, tables, tablesBeforeAndAfter } from '../../../labs/journal/tables-at.ts'
import { formatFullStatus } from '../../../labs/scsi/format-listing.ts'
import { failedLook, keysText, look, recorded, reservationText, type Entry } from '../verdicts/history.ts'
import { bothLinksFail, oneLinkFails } from '../verdicts/rows.ts'

const of = (...entries: readonly Entry[]) => {
  const lines = recorded(entries)
  return tables(foldReadings(lines, foldClocks(lines)))
}
const keys = (at: number, list: readonly string[], over = {}) =>
  look('observer', at, 'coord1', 'keys', keysText(3, list), over)
const held = (at: number, key: string | null, over = {}) =>
  look('observer', at, 'coord1', 'reservation', reservationText(3, key), over)
const attention = (at: number, action: 'keys' | 'reservation' | 'full-status', attempt: 1 | 2 = 1) =>
  look('observer', at, 'coord1', action, '', { exit: 6, attempt })
const why =
  'sg_persist on /dev/sda: the device reports a unit attention and did not execute the command (exit status 6)'
const table = { lun: 'coord1', viewer: 'observer', keys: ['0xa'], generation: 3, reservation: null }

test('the last good answers, and the two events that they rest on', () => {
  expect(of(keys(100, ['0xa', '0xb']), held(110, '0xa'), keys(200, ['0xa']), held(210, null))).toEqual([
    { ...table, at: 210, events: [3, 4] },
  ])
})

test('each viewer and each LUN for itself', () => {
  const found = of(
    keys(100, ['0xa']),
    look('nodeb', 110, 'coord1', 'keys', keysText(3, [])),
    look('nodeb', 120, 'data1', 'keys', keysText(4, ['0xb'])),
  )
  expect(found.map(({ lun, viewer, keys: seen }) => [lun, viewer, seen])).toEqual([
    ['coord1', 'observer', ['0xa']],
    ['coord1', 'nodeb', []],
    ['data1', 'nodeb', ['0xb']],
  ])
})

test('a failed look is shown as failed; without a good answer there is none', () => {
  expect(of(failedLook('observer', 100, 'coord1'))).toEqual([
    { lun: 'coord1', viewer: 'observer', failed: why, events: [1] },
  ])
  expect(of(keys(100, ['0xa']), held(110, null), attention(200, 'keys'))).toEqual([
    { ...table, at: 110, failed: why, events: [2, 3] },
  ])
})

test.each(['keys', 'reservation', 'full-status'] as const)(
  'a unit attention at %s that the retry made good is no failure',
  (action) => {
    const retry = {
      keys: keys(210, ['0xa'], { attempt: 2 }),
      reservation: held(210, null, { attempt: 2 }),
      'full-status': look('observer', 210, 'coord1', 'full-status', formatFullStatus({ generation: 3, entries: [] }), {
        attempt: 2,
      }),
    }[action]
    const [found] = of(keys(100, ['0xa']), held(110, null), attention(200, action), retry)
    expect(found).toEqual({ ...table, at: action === 'full-status' ? 110 : 210, events: expect.any(Array) as number[] })
  },
)

test('the retry of one read does not make good the failure of another', () => {
  const [found] = of(
    keys(100, ['0xa']),
    attention(190, 'keys'),
    attention(195, 'keys', 2),
    attention(200, 'reservation'),
    held(210, null, { attempt: 2 }),
  )
  expect(found).toMatchObject({ keys: ['0xa'], reservation: null, failed: why })
})

test('before the fault and after it: the restore phase is not part of either', () => {
  const short = (list: ReturnType<typeof tables>) =>
    list.map(({ lun, viewer, keys: seen }) => `${lun} ${viewer}: ${seen?.join(' ')}`)
  const { before, after } = tablesBeforeAndAfter(recorded(bothLinksFail))
  expect(short(before)).toEqual(
    ['observer', 'nodea', 'nodeb'].flatMap((viewer) =>
      ['coord1', 'coord2', 'coord3', 'data1'].map((lun) => `${lun} ${viewer}: 0xa 0xb`),
    ),
  )
  expect(short(after)).toEqual(
    ['observer', 'nodeb'].flatMap((viewer) =>
      ['coord1', 'coord2', 'coord3', 'data1'].map((lun) => `${lun} ${viewer}: 0xb`),
    ),
  )
})

test('a run without a fault has everything before and nothing after', () => {
  const calm = oneLinkFails.filter(({ event }) => event.type !== 'fault')
  const { before, after } = tablesBeforeAndAfter(recorded(calm))
  expect([before.length, after]).toEqual([12, []])
})

test('what nobody looked at in the end is old; one that looked makes it how it is', () => {
  const old = { ...table, viewer: 'nodea', at: 300, isOld: true as const, events: [1] }
  const fresh = { ...table, at: 900, events: [2] }
  expect(oldSince([old, { ...old, at: 500 }])).toBe(500)
  expect(oldSince([old, fresh])).toBeUndefined()
})
