/**
 * Whether a table that is printed as empty was answered as empty. sg_persist prints a well-formed empty table, and ends with 0,
 * for an answer without data and for sense key NO SENSE, too: it looks at its buffer, not at what arrived (sg3_utils 1.28 to
 * 1.49). `bytes` are what arrived (labs/scsi/read-trace.ts).
 * @returns why it is not proven; undefined where it is
 */
export function whyNotProvenEmpty(generation: number, bytes: string | undefined): string | undefined {
  if (bytes === undefined) {
    // what a buffer looks like that nothing, or nothing but ones, was written to
    return generation === 0 || generation === 0xffffffff
      ? `an empty table of generation 0x${generation.toString(16)} is printed without an answer, too, and its bytes were not recorded`
      : undefined
  }
  // generation and length, four bytes each (spc4r17 6.13.2)
  if (bytes.length < 16) return `only ${bytes.length / 2} bytes arrived, and an answer has at least 8`
  if (Number.parseInt(bytes.slice(0, 8), 16) !== generation) return 'its bytes have another generation than its text'
  if (/[^0]/.test(bytes.slice(8, 16))) return 'its bytes announce a table that is not empty'
  // more bytes than an empty table has, and no bit set in any: the buffer as it was before, on a way that counts nothing
  return bytes.length > 16 && !/[^0]/.test(bytes) ? 'the buffer came back as it was sent' : undefined
}
