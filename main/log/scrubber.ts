/** What must not be written down goes out of a line before it is written, whichever way it got in. */
import { basename } from 'node:path'
import { redacted, redactor } from '../transport/output.ts'

export interface Scrubber {
  /** From now on these texts are secrets, as they are and as a shell, JSON, an address or a header would carry them. */
  keep(secrets: readonly string[]): void
  text(text: string): string
  /** A copy that JSON can carry, with every text in it scrubbed. Functions and what is too deep are left out. */
  value(value: unknown): unknown
}

/** names whose value is a secret, in options, variables, settings and headers */
const name = String.raw`[\w.-]*(?:passw(?:or)?d|passphrase|secret|token|community|credential|api[-_]?key)[\w.-]*`
const isName = new RegExp(`^-*${name}$`, 'i')
const word = String.raw`"[^"]*"|(?:'[^']*'|\\'|[^\s,;&"'\\])+`
const patterns: readonly (readonly [RegExp, string])[] = [
  // the end may have been cut off
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, redacted],
  [/((?:proxy-)?authorization["']?\s*[:=]\s*)[^\r\n]+/gi, `$1${redacted}`],
  [/\b(bearer|basic) +[\w.~+/=-]{6,}/gi, `$1 ${redacted}`],
  [/(\w:\/\/[^/\s:@]*:)[^@\s/]+@/g, `$1${redacted}@`],
  // one word of a shell, quoted as a whole
  [new RegExp(`'(${name}=)(?:[^']|'\\\\'')*'`, 'gi'), `'$1${redacted}'`],
  [new RegExp(`((?<![\\w.-])${name}["']?\\s*[=:]\\s*)(?:${word})`, 'gi'), `$1${redacted}`],
  [new RegExp(`((?:^|\\s)--?${name}\\s+)(?:${word})`, 'gi'), `$1${redacted}`],
]

/** options of programs that are given secrets on their command line, by the names of the programs */
const secretOptions: readonly (readonly [RegExp, RegExp])[] = [
  [/^snmp/, /^-[cAX]/],
  [/^ipmitool$/, /^-P/],
  [/^(?:fence_|ipmi)/, /^-p/],
]
/** Others would take innocent words and times along wherever they stand. */
const isMemorable = (value: string) => value.length >= 6 && !/^\d{1,7}$/.test(value)
const mostRemembered = 1000
const deepest = 8
/** characters: of any text before it is looked through, of one text in a line, and of a word of a command line */
const longest = { read: 64_000, text: 8000, word: 400 }

export function createScrubber(): Scrubber {
  const secrets = new Set<string>()
  let redact = redactor([])

  const keep = (added: readonly string[]) => {
    const before = secrets.size
    for (const secret of added) for (const form of formsOf(secret)) secrets.add(form)
    if (secrets.size > before) redact = redactor([...secrets])
  }
  /** What was told to be a secret once is one wherever it turns up later: in an error's message, quoted for a shell. */
  const remember = (value: string) => {
    if (isMemorable(value) && secrets.size < mostRemembered) keep([value])
    return redacted
  }
  // cut only when nothing secret is left in it: half a secret is one, too, and is not found any more
  const text = (whole: string, most = longest.text) => {
    const known = redact(whole)
    const rest = patterns.reduce((left, [pattern, put]) => left.replace(pattern, put), known.slice(0, longest.read))
    return rest.length > most ? `${rest.slice(0, most)}… (of ${known.length} characters)` : rest
  }

  const argument = (words: readonly string[], index: number): string => {
    const own = words[index] ?? ''
    const before = words[index - 1] ?? ''
    const setting = words[index - 2] ?? ''
    if (before.startsWith('-') && isName.test(before)) return remember(own)
    if (/^(?:-v|--value)$/.test(before) && isName.test(setting)) return remember(own)
    const assigned = new RegExp(`^(-*${name}=)([\\s\\S]+)$`, 'i').exec(own)
    if (assigned) return `${assigned[1]}${remember(assigned[2] ?? '')}`
    const option = secretOptions.find(([program]) =>
      words.slice(0, index).some((one) => program.test(basename(one))),
    )?.[1]
    if (option?.test(before) && before.length === 2) return remember(own)
    if (option?.test(own) && own.length > 2) return `${own.slice(0, 2)}${remember(own.slice(2))}`
    return own
  }

  /** Command lines first: what they give away as a secret goes out of everything beside them. */
  const learn = (value: unknown, depth = 0): void => {
    if (depth > deepest || typeof value !== 'object' || value === null) return
    if (isWords(value)) value.forEach((_, index) => argument(value, index))
    else
      for (const [key, one] of Object.entries(value)) {
        if (typeof one === 'string' && isName.test(key)) remember(one)
        learn(one, depth + 1)
      }
  }
  const scrubbed = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string') return text(value)
    if (typeof value === 'bigint') return String(value)
    if (typeof value === 'function' || typeof value === 'symbol' || depth > deepest) return undefined
    if (typeof value !== 'object' || value === null) return value
    if (isWords(value)) return value.map((_, index) => text(argument(value, index), longest.word))
    if (Array.isArray(value)) return value.map((one) => scrubbed(one, depth + 1))
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [
        text(key),
        typeof one === 'string' && isName.test(key) ? redacted : scrubbed(one, depth + 1),
      ]),
    )
  }

  return {
    keep,
    text: (whole) => text(whole),
    value(value) {
      learn(value)
      return scrubbed(value, 0)
    },
  }
}

const isWords = (value: object): value is readonly string[] =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string')

function formsOf(secret: string): readonly string[] {
  if (secret === '') return []
  const inJson = JSON.stringify(secret).slice(1, -1)
  // half a surrogate pair, or a NUL: no command line and no address can carry it
  const isText = !/\p{Surrogate}/u.test(secret) && !secret.includes('\0')
  const forms = isText ? [encodeURIComponent(secret), Buffer.from(secret).toString('base64')] : []
  // as it is within what a shell is given in quotes
  return [secret, inJson, secret.replaceAll("'", "'\\''"), ...forms.filter((form) => form.length >= secret.length)]
}
