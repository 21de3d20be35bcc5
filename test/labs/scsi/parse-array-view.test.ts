import { expect, it } from 'vitest'
import { parseArrayView } from '../../../labs/scsi/parse-array-view.ts'

const none = 'No SPC-3 Reservation holder\nNo SPC-3 Reservation holder\n'
const title = 'SPC-3 PR Registrations:\n'
const line = (port: string, key: string) =>
  `iSCSI Node: iqn.2026-11.lab:${port},i,0x00023d000001 Key: ${key} PRgen: 0x00000001\n`

it('reads what LIO says: registrations, holder and type, or that there are none', () => {
  const held =
    'SPC-3 Reservation: iSCSI Initiator: iqn.2026-11.lab:a,i,0x00023d000001\n' +
    'SPC-3 Reservation Type: Write Exclusive Access, Registrants Only\n'
  const a = 'iqn.2026-11.lab:a,i,0x00023d000001'
  expect(parseArrayView(`0x00000003\n${held}${title}${line('a', '0x4150475230303030')}`)).toEqual({
    ok: true,
    generation: 3,
    reservation: { initiator: a, type: 5 },
    registrations: [{ initiator: a, key: '0x4150475230303030' }],
    cut: false,
  })
  expect(parseArrayView(`0x00000004\n${none}${title}None\n`)).toEqual({
    ok: true,
    generation: 4,
    reservation: null,
    registrations: [],
    cut: false,
  })
  const scsi2 = 'SPC-2 Reservation: iSCSI Initiator: iqn.2026-11.lab:a\nNo SPC-3 Reservation holder\n'
  expect(parseArrayView(`0x00000000\n${scsi2}${title}None\n`)).toMatchObject({
    reservation: { scsi2: 'iqn.2026-11.lab:a' },
  })
})

it.each([
  ['Write Exclusive Access', 1],
  ['Exclusive Access', 3],
  ['Exclusive Access, Registrants Only', 6],
  ['Write Exclusive Access, All Registrants', 7],
  ['Exclusive Access, All Registrants', 8],
])('%s is type %i', (words, type) => {
  const held = `SPC-3 Reservation: iSCSI Initiator: iqn.x:a,i,0x1\nSPC-3 Reservation Type: ${words}\n`
  expect(parseArrayView(`0x00000003\n${held}${title}None\n`)).toMatchObject({ reservation: { type } })
})

it('says where the list fills the page that configfs has for it', () => {
  const text = (count: number) => `0x00000003\n${none}${title}${line('a', '0x4150475230303030').repeat(count)}`
  expect([30, 42].map((count) => parseArrayView(text(count)))).toMatchObject([{ cut: false }, { cut: true }])
})

it.each([
  '',
  'Passthrough\n',
  `0x00000003\n${none}`,
  `0x00000003\n${none}${title}`,
  `0x00000003\n${none}${title}iSCSI Node: iqn.x:a,i,0x1 Key: 0x41\n`,
])('does not take %j for an answer', (text) => {
  expect(parseArrayView(text).ok).toBe(false)
})
