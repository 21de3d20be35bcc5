/**
 * A registration key as fencelab writes it everywhere: lower-case hexadecimal with `0x` and without leading zeros
 * (`0x0` for zero). Keys are 64 bits wide (spc4r17 6.13), more than a JavaScript number holds, so they stay text.
 */

const written = /^(?:0[xX])?([0-9a-fA-F]+)$/

/** The normal form of a key in hexadecimal, with or without `0x`; `undefined` for anything else or over 64 bits. */
export function normalizeKey(text: string): string | undefined {
  const digits = written
    .exec(text)?.[1]
    ?.toLowerCase()
    .replace(/^0+(?=.)/, '')
  return digits === undefined || digits.length > 16 ? undefined : `0x${digits}`
}

/** The eight bytes of a key, most significant first. Throws for text that is no key. */
export function keyBytes(key: string): readonly number[] {
  const normal = normalizeKey(key)
  if (normal === undefined) throw new Error(`'${key}' is no registration key: expected 1 to 16 hexadecimal digits`)
  const digits = normal.slice(2).padStart(16, '0')
  return Array.from({ length: 8 }, (_, index) => Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16))
}

/** The key of eight bytes, most significant first. Throws for anything but eight values of 0 to 255. */
export function keyOfBytes(bytes: readonly number[]): string {
  if (bytes.length !== 8 || bytes.some((byte) => !Number.isInteger(byte) || byte < 0 || byte > 255)) {
    throw new Error(`a registration key has eight bytes of 0 to 255, not [${bytes.join(', ')}]`)
  }
  const digits = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return `0x${digits.replace(/^0+(?=.)/, '')}`
}
