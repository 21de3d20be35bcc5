import type { KeysRead, LedgerWrite, Line } from '../../labs/journal/event.ts'

type Enveloped<E> = { seq: number; at: number; host: string; hostAt?: number; prev: string } & E

const literal = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))
const [seq, at, host, hostAt, prev, type] = [
  '{"seq":',
  ',"at":',
  ',"host":"',
  ',"hostAt":',
  ',"prev":"',
  ',"type":"',
].map(literal) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array]
const name = {
  lun: literal(',"lun":"'),
  device: literal(',"device":"'),
  action: literal(',"action":"'),
  exit: literal(',"exit":'),
  nothingPrinted: literal(',"stdout":"","stderr":"","began":'),
  ended: literal(',"ended":'),
  attempt: literal(',"attempt":'),
  same: literal(',"same":'),
  number: literal(',"number":'),
  epoch: literal(',"epoch":'),
  issued: literal(',"issued":'),
  completed: literal(',"completed":'),
  result: literal(',"result":"'),
  errno: literal(',"errno":'),
  boot: literal(',"boot":"'),
  offset: literal(',"offset":'),
  uncertainty: literal(',"uncertainty":'),
  text: literal(',"text":"'),
} as const

const [quote, backslash, zero, nine, minus, point, closing] = [0x22, 0x5c, 0x30, 0x39, 0x2d, 0x2e, 0x7d]
const actions: ReadonlySet<string> = new Set<KeysRead['action']>(['keys', 'reservation', 'full-status'])
const results: ReadonlySet<string> = new Set<LedgerWrite['result']>(['acknowledged', 'refused', 'failed'])
/** powers of ten that a double holds exactly: a whole number that it holds, too, divided by one is rounded once, as a parser must */
const tens = Array.from({ length: 23 }, (_, power) => Number(`1e${power}`))
const slots = 4096

class Unsuited extends Error {}
const unsuited = new Unsuited()

/**
 * Reads the lines of which a long journal is made (looks whose text stands in an earlier line, writes to the ledger,
 * clocks, consoles) a good deal faster than JSON.parse and a schema do, where they stand to the letter as the recorder
 * writes them. It has no opinion of any other line: that one goes through `readLine`, which knows all that is allowed. What it does
 * read is what `readLine` makes of it, and a test holds the two equal.
 */
export class QuickLines {
  #bytes: Buffer = Buffer.alloc(0)
  #place = 0
  /** names of hosts, LUNs and boots come again and again: one string for each */
  readonly #known = new Array<string>(slots).fill('')

  /** The line that stands in `bytes` from `from` up to `to`, without its newline; undefined where `readLine` must look. */
  read(bytes: Buffer, from: number, to: number): Line | undefined {
    this.#bytes = bytes
    this.#place = from
    try {
      const line = this.#line()
      return this.#byte() === closing && this.#place === to ? line : undefined
    } catch (error) {
      if (error === unsuited) return undefined
      throw error
    }
  }

  #line(): Line {
    this.#expect(seq)
    const line: Enveloped<object> = { seq: this.#whole(1), at: this.#least(at, 0), host: this.#word(host), prev: '' }
    if (this.#suits(hostAt)) return this.#event(this.#hosted(line))
    line.prev = this.#hash()
    return this.#event(line)
  }

  /** with the fields in the order that every other line has them */
  #hosted({ seq, at, host }: Enveloped<object>): Enveloped<object> {
    return { seq, at, host, hostAt: this.#number(), prev: this.#hash() }
  }

  #event(line: Enveloped<object>): Line {
    const kind = this.#word(type)
    const { seq, at, host, prev } = line
    const envelope = line.hostAt === undefined ? { seq, at, host, prev } : { seq, at, host, hostAt: line.hostAt, prev }
    switch (kind) {
      case 'keys':
        return this.#keys(envelope)
      case 'ledger.write':
        return {
          ...envelope,
          type: kind,
          number: this.#natural(name.number),
          epoch: this.#natural(name.epoch),
          issued: this.#after(name.issued),
          completed: this.#after(name.completed),
          result: this.#oneOf(name.result, results) as LedgerWrite['result'],
          errno: this.#after(name.errno),
        }
      case 'clock':
        return {
          ...envelope,
          type: kind,
          boot: this.#word(name.boot),
          offset: this.#after(name.offset),
          uncertainty: this.#least(name.uncertainty, 0),
        }
      case 'console':
        return { ...envelope, type: kind, text: this.#text(name.text) }
      default:
        throw unsuited
    }
  }

  #keys(envelope: Omit<Enveloped<object>, never>): Line {
    const lun = this.#word(name.lun)
    const device = this.#word(name.device)
    const action = this.#oneOf(name.action, actions) as KeysRead['action']
    const exit = this.#after(name.exit)
    const began = this.#after(name.nothingPrinted)
    const ended = this.#after(name.ended)
    const attempt = this.#after(name.attempt)
    if (attempt !== 1 && attempt !== 2) throw unsuited
    const same = this.#natural(name.same)
    if (same < 1) throw unsuited
    return { ...envelope, type: 'keys', lun, device, action, exit, stdout: '', stderr: '', began, ended, attempt, same }
  }

  #byte(): number {
    return this.#bytes[this.#place++] ?? 0
  }

  #suits(wanted: Uint8Array): boolean {
    for (let index = 0; index < wanted.length; index += 1)
      if (this.#bytes[this.#place + index] !== wanted[index]) return false
    this.#place += wanted.length
    return true
  }
  #expect(wanted: Uint8Array): void {
    if (!this.#suits(wanted)) throw unsuited
  }

  /** A number without an exponent. One of more digits than a double holds exactly is left to the language. */
  #number(): number {
    const begin = this.#place
    const negative = this.#bytes[begin] === minus
    if (negative) this.#place += 1
    const first = this.#place
    let digits = this.#digits(0)
    if (this.#place === first || (this.#bytes[first] === zero && this.#place > first + 1)) throw unsuited
    let behind = 0
    if (this.#bytes[this.#place] === point) {
      this.#place += 1
      const part = this.#place
      digits = this.#digits(digits)
      behind = this.#place - part
      if (behind === 0) throw unsuited
    }
    const end = this.#bytes[this.#place]
    if (end === 0x65 || end === 0x45) throw unsuited
    if (digits > Number.MAX_SAFE_INTEGER || behind >= tens.length)
      return this.#finite(Number(this.#bytes.toString('latin1', begin, this.#place)))
    const value = behind === 0 ? digits : digits / (tens[behind] as number)
    return negative ? -value : value
  }
  #finite(value: number): number {
    if (!Number.isFinite(value)) throw unsuited
    return value
  }
  #digits(before: number): number {
    let value = before
    for (let byte = this.#bytes[this.#place] ?? 0; byte >= zero && byte <= nine; byte = this.#bytes[this.#place] ?? 0) {
      value = value * 10 + (byte - zero)
      this.#place += 1
    }
    return value
  }
  #after(wanted: Uint8Array): number {
    this.#expect(wanted)
    return this.#number()
  }
  #least(wanted: Uint8Array, least: number): number {
    const value = this.#after(wanted)
    if (value < least) throw unsuited
    return value
  }
  #whole(least: number): number {
    const value = this.#number()
    if (!Number.isSafeInteger(value) || value < least) throw unsuited
    return value
  }
  #natural(wanted: Uint8Array): number {
    this.#expect(wanted)
    return this.#whole(0)
  }

  #hash(): string {
    this.#expect(prev)
    const from = this.#place
    for (let index = 0; index < 64; index += 1) {
      const byte = this.#bytes[from + index] ?? 0
      if (!((byte >= zero && byte <= nine) || (byte >= 0x61 && byte <= 0x66))) throw unsuited
    }
    this.#place = from + 64
    if (this.#byte() !== quote) throw unsuited
    return this.#bytes.toString('latin1', from, from + 64)
  }

  /** A text of plain letters, up to its closing quote: whatever is written with a backslash, or is not ASCII, is for others. */
  #text(wanted: Uint8Array): string {
    this.#expect(wanted)
    const from = this.#place
    for (let byte = this.#byte(); byte !== quote; byte = this.#byte())
      if (byte < 0x20 || byte > 0x7e || byte === backslash) throw unsuited
    return this.#bytes.toString('latin1', from, this.#place - 1)
  }
  /** The same, of texts that come often. */
  #word(wanted: Uint8Array): string {
    this.#expect(wanted)
    const from = this.#place
    let mixed = 7
    for (let byte = this.#byte(); byte !== quote; byte = this.#byte()) {
      if (byte < 0x20 || byte > 0x7e || byte === backslash) throw unsuited
      mixed = (Math.imul(mixed, 31) + byte) | 0
    }
    const slot = mixed & (slots - 1)
    const known = this.#known[slot] as string
    if (this.#is(known, from, this.#place - 1)) return known
    return (this.#known[slot] = this.#bytes.toString('latin1', from, this.#place - 1))
  }
  #is(text: string, from: number, to: number): boolean {
    if (text.length !== to - from) return false
    for (let index = 0; index < text.length; index += 1)
      if (text.charCodeAt(index) !== this.#bytes[from + index]) return false
    return true
  }
  #oneOf(wanted: Uint8Array, words: ReadonlySet<string>): string {
    const word = this.#word(wanted)
    if (!words.has(word)) throw unsuited
    return word
  }
}
