/** READ KEYS as sg_persist (0.51 of 2015, sg3_utils 1.46 to 1.48) and mpathpersist (multipath-tools) print it. */
import { normalizeKey } from './key.ts'
import { answerLines, parseGeneration, withInquiry, type KeyTable, type Parsed } from './listing.ts'

// mpathpersist puts a tab after the comma and says '0 registered reservation key.' for none.
const head = /^ {2}PR generation=(0x[0-9a-f]+),\s+(.+)$/
const none = /^(?:there are NO registered reservation keys|0 registered reservation key\.)$/
const some = /^(?:(1) registered reservation key follows|(\d+) registered reservation keys follow):$/

/**
 * Parses the standard output of `sg_persist --in --read-keys` or `mpathpersist -ik`. Not ok: empty or cut text, a line
 * that does not belong there, or a count that disagrees with the keys that follow.
 */
export function parseKeys(text: string): Parsed<KeyTable> {
  const answer = answerLines(text)
  if (!answer.ok) return answer
  const [first = '', ...rest] = answer.lines
  const [, printedGeneration, statement = ''] = head.exec(first) ?? []
  const generation = parseGeneration(printedGeneration)
  if (generation === undefined)
    return { ok: false, reason: `expected the PR generation and the number of keys, got '${first}'` }
  const count = countOf(statement)
  if (count === undefined) return { ok: false, reason: `does not say how many keys are registered: '${first}'` }

  const keys: string[] = []
  for (const line of rest) {
    const key = /^ {4}0x[0-9a-f]{1,16}$/.test(line) ? normalizeKey(line.trim()) : undefined
    if (key === undefined) return { ok: false, reason: `expected a key, got '${line}'` }
    // 0 means "unregister" and cannot be registered (SPC-4, SERVICE ACTION RESERVATION KEY): bytes that never arrived look so
    if (key === '0x0') return { ok: false, reason: 'lists the key 0x0, which nobody can register: the answer was cut' }
    keys.push(key)
  }
  if (keys.length !== count) return { ok: false, reason: `announces ${count} keys but lists ${keys.length}` }
  return { ok: true, generation, keys, ...withInquiry(answer.inquiry) }
}

function countOf(statement: string): number | undefined {
  if (none.test(statement)) return 0
  const [, one, many] = some.exec(statement) ?? []
  const count = one ?? many
  return count === undefined ? undefined : Number(count)
}
