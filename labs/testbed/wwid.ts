import * as v from 'valibot'

export type Wwid = { readonly ok: true; readonly wwid: string } | { readonly ok: false; readonly expected: string }

/**
 * Brings a LUN's world wide id into the one form that fencelab compares: what Linux shows in
 * `/sys/block/sdX/device/wwid` (`naa.…`, `eui.…` in small letters, `t10.…` as it is).
 *
 * Taken: that form itself; `0x…` and `wwn-0x…` (udev's `/dev/disk/by-id`); and `3` + NAA or `2` + EUI-64 as `scsi_id`
 * and multipath print it (the first digit is the designator type of VPD page 83h). An NAA identifier of type 2, 3 or 5
 * has 16 hex digits, one of type 6 has 32 (SPC-4 7.8.6.6). What is cut short is refused: the first half of a type 6
 * identifier names an array's whole family of LUNs, not one.
 */
export function normaliseWwid(text: string): Wwid {
  const given = text.trim()
  if (/^t10\./i.test(given)) {
    return given.length > 4 ? good(`t10.${given.slice(4)}`) : bad('the vendor and serial number after t10.')
  }
  const lower = given.toLowerCase()
  const [, prefix, digits] = /^(naa\.|eui\.|wwn-0x|0x)(.*)$/.exec(lower) ?? []
  if (prefix === 'eui.') return eui(digits ?? '')
  if (prefix !== undefined) return naa(digits ?? '')
  // The forms of scsi_id have one digit more than the identifier they carry.
  if (/^3([0-9a-f]{16}|[0-9a-f]{32})$/.test(lower)) return naa(lower.slice(1))
  if (/^2([0-9a-f]{16}|[0-9a-f]{24}|[0-9a-f]{32})$/.test(lower)) return eui(lower.slice(1))
  const inquiry = vendorText(given)
  if (inquiry !== undefined) return bad(inquiry)
  return bad('naa.…, eui.…, t10.…, 0x…, wwn-0x…, or 3 and the hex digits as multipath prints them')
}

/**
 * `1IET     00010001`, `1ATA_…`, `14f504e46…` and `0QEMU_…`: a T10 vendor identification (designator type 1) or a
 * vendor-specific one (0) as multipath and scsi_id print them, with blanks made underscores, or as hex digits. What
 * sysfs shows has the blanks, and how many there were cannot be told.
 */
function vendorText(given: string): string | undefined {
  const hex = /^[01]((?:[2-7][0-9a-f]){6,})$/i.exec(given)?.[1]
  const text = hex === undefined ? /^[01]([A-Za-z][^\s]*(?:\s.*)?)$/.exec(given)?.[1] : letters(hex)
  if (text === undefined) return undefined
  const [, vendor = text, serial = ''] = /^([^_\s]{1,8})[_\s]*(.*)$/.exec(text) ?? []
  const shown = `t10.${vendor.padEnd(8)}${serial}`
  const as = 'as /sys/block/sdX/device/wwid shows it'
  return given.startsWith('0')
    ? `${as}; this is a vendor's own identifier, and where that file is missing the LUN needs another (QEMU: wwn=0x…)`
    : `${as} (like "${shown}", in quotes): this form has lost the blanks between vendor and serial number`
}

const letters = (hex: string) =>
  (hex.match(/../g) ?? []).map((pair) => String.fromCharCode(Number.parseInt(pair, 16))).join('')

function naa(digits: string): Wwid {
  if (!/^[0-9a-f]+$/.test(digits)) return bad('hex digits after the prefix')
  const length = { '2': 16, '3': 16, '5': 16, '6': 32 }[digits[0] ?? '']
  if (length === undefined) return bad('an NAA identifier, whose first digit is 2, 3, 5 or 6')
  if (digits.length !== length) {
    return bad(`${length} hex digits in an NAA identifier that starts with ${digits[0]}, here are ${digits.length}`)
  }
  return good(`naa.${digits}`)
}

function eui(digits: string): Wwid {
  if (!/^[0-9a-f]+$/.test(digits)) return bad('hex digits after eui.')
  if (![16, 24, 32].includes(digits.length)) {
    return bad(`16, 24 or 32 hex digits in an EUI-64 identifier, here are ${digits.length}`)
  }
  return good(`eui.${digits}`)
}

function good(wwid: string): Wwid {
  return { ok: true, wwid }
}
function bad(expected: string): Wwid {
  return { ok: false, expected: `a WWID: ${expected}` }
}

const says = 'a WWID, as /sys/block/sdX/device/wwid shows it (naa.…)'
/** A WWID in any of the known forms; in sysfs form when read. */
export const wwid = v.pipe(
  v.string(says),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const answer = normaliseWwid(dataset.value)
    if (!answer.ok) {
      addIssue({ message: answer.expected })
      return NEVER
    }
    return answer.wwid
  }),
  v.description(says),
)
