import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatReservation } from '../../../labs/scsi/format-listing.ts'
import { parseReservation } from '../../../labs/scsi/parse-reservation.ts'
import { reservationAnswer } from './listings.ts'

describe('parseReservation', () => {
  it('reads sg_persist', () => {
    expect(parseReservation('  PR generation=0x0, there is NO reservation held\n')).toEqual({
      ok: true,
      generation: 0,
      reservation: null,
    })
    expect(
      parseReservation(
        '  PR generation=0x7, Reservation follows:\n    Key=0xf9660001\n    scope: LU_SCOPE,  type: Write Exclusive, registrants only\n',
      ),
    ).toEqual({ ok: true, generation: 7, reservation: { key: '0xf9660001', scope: 'LU_SCOPE', type: 5 } })
    expect(
      parseReservation('  PR generation=0x7, Reservation follows:\n    Key=0x1\n    scope: 2  type: obsolete [0xa]\n'),
    ).toEqual({ ok: true, generation: 7, reservation: { key: '0x1', scope: 2, type: 10 } })
  })

  it('reads mpathpersist, which spaces differently', () => {
    expect(parseReservation('  PR generation=0x2, there is NO reservation held \n')).toEqual({
      ok: true,
      generation: 2,
      reservation: null,
    })
    expect(
      parseReservation(
        '  PR generation=0x2, Reservation follows:\n   Key = 0x123abc\n  scope = LU_SCOPE, type = Exclusive Access\n',
      ),
    ).toEqual({ ok: true, generation: 2, reservation: { key: '0x123abc', scope: 'LU_SCOPE', type: 3 } })
  })

  it.each([
    ['', 'the text is empty'],
    ['  PR generation=0x7, Reservation follows:\n', "expected the reservation's key, got 'the end'"],
    ['  PR generation=0x7, Reservation follows:\n    Key=0x1\n', "scope and type, got 'the end'"],
    ['  PR generation=0x7, Reservation follows:\n    Key=0x1\n    scope: LU_SCOPE,  type: Shared\n', 'scope and type'],
    ['  PR generation=0x7, there is NO reservation held\n    Key=0x1\n', 'and goes on'],
    [
      '  PR generation=0x7, Reservation follows:\n    Key=0x1\n    scope: LU_SCOPE,  type: Write Exclusive\n    Key=0x2\n',
      'the text goes on',
    ],
    ['  PR generation=0x7, Reservation follows:\n    Key=0x0\n    scope: LU_SCOPE,  type: obsolete [0]\n', 'key 0x0'],
    [
      '  PR generation=0x7, Reservation follows:\n    Key=0x0\n    scope: LU_SCOPE,  type: Write Exclusive\n',
      'key 0x0',
    ],
    ['  PR generation=0x7, there are NO registered reservation keys\n', 'whether a reservation is held'],
  ])('does not take %j for an answer', (text, reason) => {
    expect(parseReservation(text)).toEqual({ ok: false, reason: expect.stringContaining(reason) })
  })

  it('reads back what sg_persist prints for any reservation, and never a part of it', () => {
    fc.assert(
      fc.property(reservationAnswer, fc.nat(), (answer, cut) => {
        const text = formatReservation(answer)
        expect(parseReservation(text)).toEqual({ ok: true, ...answer })
        expect(parseReservation(text.slice(0, cut % text.length)).ok).toBe(false)
      }),
    )
  })
})
