const literal = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))
const [seq, at, host, hostAt, prev, type] = [
  '{"seq":',
  ',"at":',
  ',"host":',
  ',"hostAt":',
  ',"prev":"',
  ',"type":"',
].map(literal) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array]
const text = literal(',"text":')
const panic = literal('anic')
const hashLength = 64
const slots = 65_536
const [quote, backslash, comma, point, zero, nine, closing] = [0x22, 0x5c, 0x2c, 0x2e, 0x30, 0x39, 0x7d]

/** What is in a type of line, field by field: what it is about, what it says of that, and numbers of which each line has its own. */
const fields = (words: Readonly<Record<string, 'about' | 'says' | 'own'>>) =>
  Object.entries(words).map(([name, part]) => ({ name: literal(`,"${name}":`), part }))
const types = [
  {
    name: literal('keys"'),
    fields: fields({
      lun: 'about',
      device: 'about',
      action: 'about',
      exit: 'says',
      stdout: 'says',
      stderr: 'says',
      began: 'own',
      ended: 'own',
      attempt: 'says',
      same: 'says',
    }),
  },
  {
    name: literal('ledger.write"'),
    fields: fields({ number: 'own', epoch: 'says', issued: 'own', completed: 'own', result: 'says', errno: 'says' }),
  },
  { name: literal('clock"'), fields: fields({ boot: 'about', offset: 'own', uncertainty: 'own' }) },
] as const
const consoleName = literal('console"')

/** All lines that are about the same thing: the looks of one host at one LUN with one command, the clocks of one host, ... */
export interface Kind {
  /** two sums over what they are about; together they are as good as the words */
  readonly about: number
  readonly aboutToo: number
  /** what the line before said, as a sum */
  said: number
  /** the stretch of lab time in which that was; -1 where the next line is to be taken whatever it says */
  cell: number
  /** a line that was passed over: where it lies */
  bytes: Buffer | undefined
  from: number
  to: number
}

/**
 * Finds what repeats itself in a journal without decoding it: looks whose answer stands in an earlier line, writes to the
 * ledger, clocks and consoles, to the letter as the recorder writes them. Whatever is written otherwise is no repetition
 * of anything, and neither is what a console says of a panic.
 */
export class Repetitions {
  /** when the line that was read last was recorded: whole milliseconds of lab time */
  at = 0
  /** what it says of its kind, as a sum */
  said = 0
  /** every kind that was met */
  readonly kinds: Kind[] = []
  readonly #slots = new Array<Kind | undefined>(slots).fill(undefined)
  #bytes: Buffer = Buffer.alloc(0)
  #place = 0
  #about = 0
  #aboutToo = 0

  /** The kind of the line that stands from `from` up to `to`, without its newline; undefined where it is no repetition. */
  kindOf(bytes: Buffer, from: number, to: number): Kind | undefined {
    this.#bytes = bytes
    this.#place = from
    this.#about = 7
    this.#aboutToo = 11
    this.said = 13
    if (!this.#suits(seq)) return undefined
    this.#number()
    if (!this.#suits(at)) return undefined
    this.at = this.#number()
    if (!this.#suits(host)) return undefined
    this.#value('about')
    if (this.#suits(hostAt)) this.#value('own')
    if (!this.#suits(prev)) return undefined
    this.#place += hashLength + 1
    if (!this.#suits(type) || !this.#body()) return undefined
    return bytes[this.#place] === closing && this.#place === to - 1 ? this.#kind() : undefined
  }

  #body(): boolean {
    for (const { name, fields } of types) {
      if (!this.#suits(name)) continue
      this.#add(name[0] ?? 0)
      return fields.every((field) => this.#suits(field.name) && this.#value(field.part))
    }
    return this.#suits(consoleName) && this.#suits(text) && this.#harmless()
  }

  /** Reads over a number or a text. False where it is neither, or a text in which anything is special. */
  #value(part: 'about' | 'says' | 'own'): boolean {
    let byte = this.#bytes[this.#place] ?? 0
    if (byte === quote) {
      do {
        this.#mix(part, byte)
        this.#place += 1
        byte = this.#bytes[this.#place] ?? 0
        if (byte === backslash || byte < 0x20) return false
      } while (byte !== quote)
      this.#place += 1
      return true
    }
    const begin = this.#place
    for (; byte !== comma && byte !== closing; byte = this.#bytes[this.#place] ?? 0) {
      if (byte <= quote || byte > 0x7a) return false
      this.#mix(part, byte)
      this.#place += 1
    }
    return this.#place > begin
  }

  /** The text of a console's line: nothing special in it, and no panic. */
  #harmless(): boolean {
    if (this.#bytes[this.#place] !== quote) return false
    for (this.#place += 1; ; this.#place += 1) {
      const byte = this.#bytes[this.#place] ?? 0
      if (byte === quote) break
      if (byte === backslash || byte < 0x20 || (byte === panic[0] && this.#suits(panic))) return false
    }
    this.#place += 1
    return true
  }

  #mix(part: 'about' | 'says' | 'own', byte: number): void {
    if (part === 'about') this.#add(byte)
    else if (part === 'says') this.said = (Math.imul(this.said, 31) + byte) | 0
  }
  #add(byte: number): void {
    this.#about = (Math.imul(this.#about, 31) + byte) | 0
    this.#aboutToo = Math.imul(this.#aboutToo ^ byte, 0x01000193)
  }

  #suits(wanted: Uint8Array): boolean {
    for (let index = 0; index < wanted.length; index += 1)
      if (this.#bytes[this.#place + index] !== wanted[index]) return false
    this.#place += wanted.length
    return true
  }

  /** The whole part of a number; reads over what is behind its point. */
  #number(): number {
    let value = 0
    let byte = this.#bytes[this.#place] ?? 0
    for (; byte >= zero && byte <= nine; byte = this.#bytes[++this.#place] ?? 0) value = value * 10 + (byte - zero)
    if (byte === point)
      for (byte = this.#bytes[++this.#place] ?? 0; byte >= zero && byte <= nine;) byte = this.#bytes[++this.#place] ?? 0
    return value
  }

  #kind(): Kind {
    for (let slot = this.#about & (slots - 1); ; slot = (slot + 1) & (slots - 1)) {
      const known = this.#slots[slot]
      if (known?.about === this.#about && known.aboutToo === this.#aboutToo) return known
      if (known) continue
      const kind: Kind = {
        about: this.#about,
        aboutToo: this.#aboutToo,
        said: 0,
        cell: -1,
        bytes: undefined,
        from: 0,
        to: 0,
      }
      this.#slots[slot] = kind
      this.kinds.push(kind)
      return kind
    }
  }
}
