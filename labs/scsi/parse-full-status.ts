/** READ FULL STATUS as sg_persist (0.51 of 2015, sg3_utils 1.46 to 1.48) and mpathpersist print it. */
import { normalizeKey } from './key.ts'
import {
  answerLines,
  parseGeneration,
  parseScope,
  withInquiry,
  type FullStatus,
  type FullStatusEntry,
  type Parsed,
} from './listing.ts'
import { typeCode } from './reservation-type.ts'
import { parseTransportId } from './transport-id.ts'

const head = /^ {2}PR generation=(0x[0-9a-f]+) ?$/
const keyLine = /^ {3,4}Key ?= ?(0x[0-9a-f]{1,16})$/
const portLine = /^ {6}Relative port address: 0x([0-9a-f]{1,4})$/
const scopeLine = /^ {6}scope: (LU_SCOPE|\d+),? +type: (.+)$/
const transportLine = /^ {6}Transport Id (?:of initiator|short or not multiple of 4 \[length=\d+\]):$/

/**
 * Parses the standard output of `sg_persist --in --read-full-status` or `mpathpersist -is`. Not ok: empty or cut text,
 * or anything that is not understood. The format has two blind spots: it carries no count, so text that was cut exactly
 * between two entries looks whole (compare it with READ KEYS, see compare-listings.ts); and mpathpersist prints a bare
 * generation where nothing is registered, which is refused here because a cut text looks the same.
 */
export function parseFullStatus(text: string): Parsed<FullStatus> {
  const answer = answerLines(text)
  if (!answer.ok) return answer
  const [first = '', ...rest] = answer.lines
  const generation = parseGeneration(head.exec(first)?.[1])
  if (generation === undefined) return { ok: false, reason: `expected the PR generation, got '${first}'` }
  if (rest.length === 0)
    return { ok: false, reason: 'breaks off after the PR generation, without saying that there are no entries' }
  const inquiry = withInquiry(answer.inquiry)
  if (rest[0] === '  No full status descriptors') {
    // -v adds a line that says the same in other words
    return rest.length === 1 || (rest.length === 2 && rest[1] === '  So there are no registered IT nexuses')
      ? { ok: true, generation, entries: [], ...inquiry }
      : { ok: false, reason: `says that there are no entries, and goes on: '${rest[1]}'` }
  }

  const entries: FullStatusEntry[] = []
  for (const block of blocks(rest)) {
    const entry = parseEntry(block)
    if (!entry.ok) return { ok: false, reason: `entry ${entries.length + 1}: ${entry.reason}` }
    entries.push(entry.entry)
  }
  return { ok: true, generation, entries, ...inquiry }
}

/** Every entry begins with its key; lines before the first key make a block of their own, which then has no key. */
function blocks(lines: readonly string[]): readonly (readonly string[])[] {
  const found: string[][] = []
  for (const line of lines) {
    const current = found.at(-1)
    if (current === undefined || keyLine.test(line)) found.push([line])
    else current.push(line)
  }
  return found
}

function parseEntry(lines: readonly string[]): Parsed<{ readonly entry: FullStatusEntry }> {
  const rest = [...lines]
  const fail = (expected: string, got: string | undefined) =>
    ({ ok: false, reason: `expected ${expected}, got '${got ?? 'the end'}'` }) as const

  const keyText = rest.shift()
  const key = normalizeKey(keyLine.exec(keyText ?? '')?.[1] ?? '')
  if (key === undefined) return fail('a key', keyText)
  if (key === '0x0') return fail('a key that can be registered', keyText)

  const ports = rest.shift()
  const allTargetPorts = ports === '      All target ports bit set'
  if (!allTargetPorts && ports !== '      All target ports bit clear') return fail('the all target ports bit', ports)
  let relativePort: number | undefined
  if (!allTargetPorts) {
    const portText = rest.shift()
    const port = portLine.exec(portText ?? '')?.[1]
    if (port === undefined) return fail('the relative port address', portText)
    relativePort = Number.parseInt(port, 16)
  }

  const holding = rest.shift()
  let holds: FullStatusEntry['holds']
  if (holding === '      << Reservation holder >>') {
    const scopeText = rest.shift()
    const [, printedScope, words = ''] = scopeLine.exec(scopeText ?? '') ?? []
    const scope = parseScope(printedScope)
    const type = typeCode(words)
    if (scope === undefined || type === undefined) return fail("the holder's scope and type", scopeText)
    holds = { scope, type }
  } else if (holding !== '      not reservation holder') {
    return fail('whether the nexus holds the reservation', holding)
  }

  const transport = parseTransport(rest)
  if (!transport.ok) return transport
  return {
    ok: true,
    entry: {
      key,
      allTargetPorts,
      ...(relativePort === undefined ? {} : { relativePort }),
      ...(holds === undefined ? {} : { holds }),
      ...(transport.transport === undefined ? {} : { transport: transport.transport }),
    },
  }
}

/** What is left of an entry: sg_persist's lines below 'Transport Id ..', mpathpersist's one line, or nothing. */
function parseTransport(lines: readonly string[]): Parsed<Pick<FullStatusEntry, 'transport'>> {
  const [first, ...rest] = lines
  if (first === undefined) return { ok: true }
  const own = transportLine.test(first) ? rest : /^ {3}(?:FCP-2|iSCSI|SAS) /.test(first) ? lines : undefined
  if (own === undefined) return { ok: false, reason: `expected the initiator, got '${first}'` }
  const transport = parseTransportId(own)
  return transport === undefined ? { ok: false, reason: 'breaks off before the initiator' } : { ok: true, transport }
}
