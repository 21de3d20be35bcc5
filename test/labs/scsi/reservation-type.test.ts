import { describe, expect, it } from 'vitest'
import {
  mayRead,
  mayWrite,
  reservationType,
  reservationTypes,
  typeCode,
  typeWords,
} from '../../../labs/scsi/reservation-type.ts'

describe('types of a reservation', () => {
  it('let read and write exactly those whom spc4r17 tables 45 and 46 let', () => {
    const matrix = reservationTypes.map((type) => [
      type.short,
      type.code,
      ...(['holder', 'registrant', 'unregistered'] as const).map(
        (standing) => `${mayRead(type, standing) ? 'r' : '-'}${mayWrite(type, standing) ? 'w' : '-'}`,
      ),
    ])
    expect(matrix).toEqual([
      ['WE', 1, 'rw', 'r-', 'r-'],
      ['EA', 3, 'rw', '--', '--'],
      ['WERO', 5, 'rw', 'rw', 'r-'],
      ['EARO', 6, 'rw', 'rw', '--'],
      ['WEAR', 7, 'rw', 'rw', 'r-'],
      ['EAAR', 8, 'rw', 'rw', '--'],
    ])
  })

  it('are named as sg_persist names them, the obsolete ones too', () => {
    expect(Array.from({ length: 16 }, (_, code) => typeWords(code))).toEqual([
      'obsolete [0]',
      'Write Exclusive',
      'obsolete [2]',
      'Exclusive Access',
      'obsolete [4]',
      'Write Exclusive, registrants only',
      'Exclusive Access, registrants only',
      'Write Exclusive, all registrants',
      'Exclusive Access, all registrants',
      'obsolete [9]',
      'obsolete [0xa]',
      'obsolete [0xb]',
      'obsolete [0xc]',
      'obsolete [0xd]',
      'obsolete [0xe]',
      'obsolete [0xf]',
    ])
    expect(Array.from({ length: 16 }, (_, code) => typeCode(typeWords(code)))).toEqual(
      Array.from({ length: 16 }, (_, code) => code),
    )
  })

  it('are not guessed from words that no tool prints', () => {
    expect(['', 'Exclusive', 'write exclusive', 'Write Exclusive, ', 'obsolete [1]'].map(typeCode)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ])
    expect([0, 2, 4, 9, 15].map(reservationType)).toEqual([undefined, undefined, undefined, undefined, undefined])
  })
})
