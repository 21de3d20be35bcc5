import fc from 'fast-check'
import { expect, test } from 'vitest'
import { normaliseWwid } from '../../../labs/testbed/wwid.ts'

const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`))
const naa = fc.oneof(
  hex(31).map((rest) => `6${rest}`),
  fc.tuple(fc.constantFrom('2', '3', '5'), hex(15)).map((parts) => parts.join('')),
)

test('every spelling of an NAA identifier is the same LUN', () => {
  fc.assert(
    fc.property(naa, fc.boolean(), (digits, loud) => {
      const spelt = [`naa.${digits}`, `0x${digits}`, `wwn-0x${digits}`, `3${digits}`, ` naa.${digits}\n`]
      const given = loud ? spelt.map((text) => text.toUpperCase()) : spelt
      expect(given.map(normaliseWwid)).toEqual(spelt.map(() => ({ ok: true, wwid: `naa.${digits}` })))
    }),
  )
})

test('what is normal stays as it is', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const once = normaliseWwid(text)
      if (once.ok) expect(normaliseWwid(once.wwid)).toEqual(once)
    }),
  )
})

test.each([
  ['eui.0025385A71B00001', 'eui.0025385a71b00001'],
  ['20025385a71b00001', 'eui.0025385a71b00001'],
  ['t10.ATA     QEMU HARDDISK   QM00005', 't10.ATA     QEMU HARDDISK   QM00005'],
])('%s is %s', (given, wwid) => {
  expect(normaliseWwid(given)).toEqual({ ok: true, wwid })
})

test.each([
  ['naa.6001405fe1ab000', 'a WWID: 32 hex digits in an NAA identifier that starts with 6, here are 15'],
  // udev's ID_WWN without its extension: the first half of the identifier, the same for all LUNs of an array
  ['wwn-0x6001405fe1ab0000', 'a WWID: 32 hex digits in an NAA identifier that starts with 6, here are 16'],
  ['naa.6001405fe1ab0000000000000000c0g1', 'a WWID: hex digits after the prefix'],
  ['naa.9001405fe1ab0000', 'a WWID: an NAA identifier, whose first digit is 2, 3, 5 or 6'],
  ['eui.00', 'a WWID: 16, 24 or 32 hex digits in an EUI-64 identifier, here are 2'],
  ['t10.', 'a WWID: the vendor and serial number after t10.'],
  ['sda', 'a WWID: naa.…, eui.…, t10.…, 0x…, wwn-0x…, or 3 and the hex digits as multipath prints them'],
  ['', 'a WWID: naa.…, eui.…, t10.…, 0x…, wwn-0x…, or 3 and the hex digits as multipath prints them'],
  // a T10 vendor identification as multipath, scsi_id and lsscsi print it
  [
    '1IET_00070001',
    'a WWID: as /sys/block/sdX/device/wwid shows it (like "t10.IET     00070001", in quotes): this form has lost the blanks between vendor and serial number',
  ],
  [
    '1IET     00010001',
    'a WWID: as /sys/block/sdX/device/wwid shows it (like "t10.IET     00010001", in quotes): this form has lost the blanks between vendor and serial number',
  ],
  [
    '14f504e46494c45526f6a6b',
    'a WWID: as /sys/block/sdX/device/wwid shows it (like "t10.OPNFILERojk", in quotes): this form has lost the blanks between vendor and serial number',
  ],
  [
    '1ATA_ST3500_9QG',
    'a WWID: as /sys/block/sdX/device/wwid shows it (like "t10.ATA     ST3500_9QG", in quotes): this form has lost the blanks between vendor and serial number',
  ],
  [
    '0QEMU_QEMU_HARDDISK_drive-scsi0-0-0-1',
    "a WWID: as /sys/block/sdX/device/wwid shows it; this is a vendor's own identifier, and where that file is missing the LUN needs another (QEMU: wwn=0x…)",
  ],
])('%j is refused', (given, expected) => {
  expect(normaliseWwid(given)).toEqual({ ok: false, expected })
})
