/** Bits of the fraction of a root, as FIPS 180-4 takes its constants from the first primes. */
const fraction = (root: number): number => Math.floor((root - Math.floor(root)) * 2 ** 32)
const primes = firstPrimes(64)
const roundConstants = Uint32Array.from(primes, (prime) => fraction(Math.cbrt(prime)))
const initial = Uint32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)))

/**
 * SHA-256 of a text as UTF-8, in hex. What names a row must be computed where nothing of the system is there: in the
 * rules, and in a window. Source: FIPS 180-4, section 6.2.
 */
export function sha256(text: string): string {
  const hash = Uint32Array.from(initial)
  const bytes = padded(utf8(text))
  for (let at = 0; at < bytes.byteLength; at += 64) compress(hash, new DataView(bytes.buffer, at, 64))
  return [...hash].map((word) => word.toString(16).padStart(8, '0')).join('')
}

function utf8(text: string): readonly number[] {
  const bytes: number[] = []
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0
    // half a pair of surrogates is no character, and becomes the one that stands for such
    const code = point >= 0xd800 && point <= 0xdfff ? 0xfffd : point
    const more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3
    bytes.push(more === 0 ? code : ((0xff00 >> (more + 1)) & 0xff) | (code >> (6 * more)))
    for (let left = more - 1; left >= 0; left -= 1) bytes.push(0x80 | ((code >> (6 * left)) & 0x3f))
  }
  return bytes
}

/** The message, a bit that is set, zeros, and its length in bits: whole blocks of 64 bytes. */
function padded(message: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.ceil((message.length + 9) / 64) * 64)
  bytes.set(message)
  bytes[message.length] = 0x80
  new DataView(bytes.buffer).setBigUint64(bytes.length - 8, BigInt(message.length) * 8n)
  return bytes
}

function compress(hash: Uint32Array, block: DataView): void {
  const schedule = new Uint32Array(64)
  const at = (index: number): number => schedule[index] ?? 0
  for (let index = 0; index < 64; index += 1) {
    if (index < 16) {
      schedule[index] = block.getUint32(index * 4)
      continue
    }
    const [early, late] = [at(index - 15), at(index - 2)]
    const first = rotated(early, 7) ^ rotated(early, 18) ^ (early >>> 3)
    const second = rotated(late, 17) ^ rotated(late, 19) ^ (late >>> 10)
    schedule[index] = at(index - 16) + first + at(index - 7) + second
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = hash
  for (let index = 0; index < 64; index += 1) {
    const chosen = (e & f) ^ (~e & g)
    const most = (a & b) ^ (a & c) ^ (b & c)
    const upper = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
    const lower = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
    const one = h + upper + chosen + (roundConstants[index] ?? 0) + at(index)
    ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + lower + most) | 0]
  }
  for (const [index, word] of [a, b, c, d, e, f, g, h].entries()) hash[index] = (hash[index] ?? 0) + word
}

const rotated = (word: number, bits: number): number => (word >>> bits) | (word << (32 - bits))

function firstPrimes(count: number): readonly number[] {
  const found: number[] = []
  for (let number = 2; found.length < count; number += 1)
    if (found.every((prime) => number % prime !== 0)) found.push(number)
  return found
}
