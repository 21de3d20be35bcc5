/** Lanes that show lines of the journal as they are: consoles, connections, and whatever no other lane shows. */
import { seenAt } from '../timeline/seen-at.ts'
import { lane, tick } from './make-lane.ts'
import type { Line } from '../journal/event.ts'
import { isPanicLine } from '../journal/panic-line.ts'
import type { UnknownLine } from '../journal/schema.ts'
import type { Case } from '../verdicts/case.ts'
import type { Lane, Stretch, Tick } from './lane.ts'

/** The serial consoles of the nodes that printed anything. */
export function consoleLanes(lines: readonly Line[], nodes: readonly string[]): readonly Lane[] {
  const ticks = new Map<string, Tick[]>(nodes.map((node) => [node, []]))
  for (const line of lines) {
    if (line.type !== 'console' || line.host === undefined) continue
    const kind = isPanicLine(line.text) ? 'panic' : 'console'
    ticks.get(line.host)?.push(tick({ at: line.at, kind, text: line.text, event: line.seq }))
  }
  return [...ticks]
    .filter(([, list]) => list.length > 0)
    .map(([node, list]) => lane({ id: `console ${node}`, group: 'console', name: node, node, rows: [], ticks: list }))
}

/** The lab's connections to the hosts. One that was there all the time says nothing and is left out. */
export function hostLanes(lines: readonly Line[], to: number): readonly Lane[] {
  const found = new Map<string, Stretch[]>()
  for (const line of lines) {
    if (line.type !== 'connection' || line.host === undefined) continue
    const list = found.get(line.host) ?? []
    found.set(line.host, list)
    const before = list.at(-1)
    if (before) list[list.length - 1] = { ...before, to: line.at }
    list.push({
      from: line.at,
      to,
      state: line.state,
      text: `${line.host} ${line.state}: ${line.reason}`,
      events: [line.seq, line.seq],
    })
  }
  return [...found]
    .filter(([, list]) => list.some(({ state }) => state !== 'connected'))
    .map(([host, stretches]) =>
      lane({ id: `host ${host}`, group: 'hosts', name: host, part: 'connection', rows: [{ name: '', stretches }] }),
    )
}

/** types that another lane shows, or that come by the hundred and are for the list of events alone */
const shownElsewhere: ReadonlySet<string> = new Set([
  'run.started',
  'run.ended',
  'phase',
  'connection',
  'clock',
  'command',
  'keys',
  'array-keys',
  'fault',
  'operation',
  'checkpoint',
  'outlet',
  'boot',
  'panic-event',
  'console',
  'stack',
  'stack.log',
  'ledger.write',
  'host.facts',
])

/** A lane for each type of event that has no lane of its own: a type that a later version brings appears here. */
export function otherLanes(run: Case, lines: readonly Line[], unknown: readonly UnknownLine[]): readonly Lane[] {
  const ticks = new Map<string, Tick[]>()
  const add = (type: string, one: Tick) => {
    const list = ticks.get(type) ?? []
    ticks.set(type, list)
    list.push(one)
  }
  for (const line of lines) {
    if (shownElsewhere.has(line.type)) continue
    const at = line.host === undefined ? line.at : seenAt(run, line.host, line).latest
    add(
      line.type,
      tick({
        at,
        kind: 'event',
        text: `${line.host === undefined ? '' : `${line.host}: `}${lineWords(line)}`,
        event: line.seq,
      }),
    )
  }
  for (const { seq, type, value } of unknown) {
    const at = (value as { readonly at?: unknown } | null)?.at
    add(type, tick({ at: typeof at === 'number' ? at : 0, kind: 'unknown', text: lineWords(value), event: seq }))
  }
  return [...ticks].map(([type, list]) =>
    lane({ id: `other ${type}`, group: 'other', name: type, rows: [], ticks: list }),
  )
}

const envelope: ReadonlySet<string> = new Set(['seq', 'at', 'host', 'hostAt', 'prev', 'type'])
const longest = 300

/** A line in words that need no knowledge of its type: its fields and their values. */
export function lineWords(line: unknown): string {
  if (typeof line !== 'object' || line === null) return String(line)
  const words = Object.entries(line)
    .filter(([name]) => !envelope.has(name))
    .map(([name, value]) => (name === 'text' && typeof value === 'string' ? value : `${name} ${plain(value)}`))
    .join(', ')
  return words.length > longest ? `${words.slice(0, longest)} …` : words
}

const plain = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value))
