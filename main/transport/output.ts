/** Keeping what a command said: as text, up to a limit, without what must not be written down. */
import { StringDecoder } from 'node:string_decoder'

/** bytes of one output that are kept */
export const outputLimit = 1024 * 1024
export const redacted = '•••'

export type Redact = (text: string) => string

/** Replaces every occurrence of every secret, the longest first, so that one that contains another goes whole. */
export function redactor(secrets: readonly string[]): Redact {
  const ordered = secrets.filter((secret) => secret !== '').sort((left, right) => right.length - left.length)
  return (text) => ordered.reduce((rest, secret) => rest.replaceAll(secret, redacted), text)
}

export interface Collected {
  add(chunk: Uint8Array): void
  /** as UTF-8, with a mark at the end where bytes were dropped */
  text(redact?: Redact): string
}

/**
 * Collects up to `limit` bytes.
 *
 * @param margin bytes kept beyond the limit until after redaction, no fewer than the longest secret has: so that one which
 * the limit would cut in two is still found
 */
export function collector(limit = outputLimit, margin = 4096): Collected {
  const chunks: Buffer[] = []
  let kept = 0
  let total = 0
  return {
    add(chunk) {
      total += chunk.length
      const room = limit + margin - kept
      if (room <= 0) return
      const part = Buffer.from(chunk.subarray(0, room))
      chunks.push(part)
      kept += part.length
    },
    text(redact = (text) => text) {
      if (total <= limit) return redact(Buffer.concat(chunks).toString('utf8'))
      const bytes = Buffer.from(redact(Buffer.concat(chunks).toString('utf8')), 'utf8')
      // where bytes were dropped, the last of what was kept may be the first half of a secret: never show it, even
      // where redaction has made the text shorter than the limit
      const whole = total > limit + margin ? bytes.length - margin : bytes.length
      // the decoder holds back a character of which the limit left only a part
      const text = new StringDecoder('utf8').write(bytes.subarray(0, Math.max(0, Math.min(limit, whole))))
      return `${text}\n[fencelab: cut here; the command wrote ${total} bytes, the first ${limit} are kept]\n`
    },
  }
}

export interface LineSplitter {
  add(chunk: Uint8Array): void
  /** hands out what is left without a line end */
  end(): void
}

/** Splits UTF-8 into lines at LF (a CR before it is dropped). A line over `limit` characters is handed out in pieces. */
export function lineSplitter(onLine: (line: string) => void, limit = outputLimit): LineSplitter {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  const take = (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line.endsWith('\r') ? line.slice(0, -1) : line)
    while (rest.length > limit) {
      const piece = rest.slice(0, limit)
      rest = rest.slice(limit)
      onLine(piece)
    }
  }
  return {
    add: (chunk) => take(decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))),
    end() {
      take(decoder.end())
      const last = rest
      rest = ''
      if (last !== '') onLine(last)
    },
  }
}
