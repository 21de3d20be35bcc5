import { bootSighting } from '../journal/clock.ts'
import { isPanicLine } from '../journal/panic-line.ts'
import { about, ofType } from '../journal/grouped.ts'
import { signOfLife } from '../journal/sign-of-life.ts'
import { changesBetween, stretches, type Change, type Look, type Segment } from './looks.ts'
import { seenAt } from './seen-at.ts'
import type { Mark } from './time-line.ts'
import type { Span } from '../journal/clock.ts'
import type { Line } from '../journal/event.ts'
import type { Case } from '../verdicts/case.ts'

/** `panic-seen`: somebody saw a panic, and it is not proved. `off`: its power units say that it has no power. */
export type NodeLaneState = 'running' | 'hung' | 'panicked' | 'panic-seen' | 'off'

/** What a node was seen to be in the course of a run. */
export interface NodeLane {
  readonly node: string
  readonly segments: readonly Segment<NodeLaneState>[]
  /** from the last that was seen of one state to the first of another; two boots are two states */
  readonly changes: readonly Change[]
  /** panic: a witness saw it. log: the stack said something. silent: it did not answer when the lab asked in the end */
  readonly marks: readonly NodeMark[]
}
export type NodeMark = Mark<'panic' | 'log' | 'silent'>

/**
 * Running: what only a living node can do was seen, of one boot after the other. Hung: its virtual machine was seen
 * stopped; that it is not stopped (any more) does not show that the node is alive. Panicked: from the first witness on,
 * until another boot shows itself. Off: from when all its outlets were off until one of them was not. Between two signs of
 * life of the same boot a node was alive; nothing else is filled in.
 */
export function nodeLane(run: Case, node: string, end: number): NodeLane {
  const lines = about(run.lines, node)
  const marks = lines.flatMap((line) => markOf(run, node, line))
  const panics = marks.filter(({ kind }) => kind === 'panic')
  const looks: Look<string>[] = []
  let boot: string | undefined
  let state = ''
  for (const line of lines) {
    if (line.type === 'process' && line.node === node) {
      looks.push({
        earliest: line.at,
        latest: line.at,
        event: line.seq,
        state: line.state === 'T' ? 'hung' : undefined,
      })
    }
    const sign = seenAlive(run, node, line)
    if (!sign) continue
    const now = run.clocks.bootOf(node, line.seq) ?? ''
    if (now !== boot) [boot, state] = [now, `running ${now}`]
    // what may have been before a panic as well as after it shows nothing
    if (!panics.some((panic) => sign.latest >= panic.latest && sign.earliest <= panic.latest)) {
      looks.push({ earliest: sign.earliest, latest: sign.latest, event: line.seq, state })
    }
  }
  looks.push(...powerLooks(run, node))
  for (const { latest, event } of panics) looks.push({ earliest: latest, latest, event, state: 'panicked' })
  looks.sort((a, b) => a.latest - b.latest || a.event - b.event)
  const outcome = run.nodes.find(({ name }) => name === node)
  const isProved = (event: number) => outcome?.outcome === 'panicked' && outcome.events.includes(event)
  const telling = looks.filter(({ state }, index) => state !== undefined || looks[index - 1]?.state === 'hung')
  const found = stretches(telling).map(({ state, ...rest }): Segment<NodeLaneState | 'powered'> => {
    if (state === 'panicked')
      return { ...rest, to: Math.max(rest.to, end), state: isProved(rest.events[0]) ? 'panicked' : 'panic-seen' }
    if (state === 'off') return { ...rest, to: Math.max(rest.to, end), state }
    return { ...rest, state: state === 'hung' || state === 'powered' ? state : 'running' }
  })
  const segments = found
    .map((segment, index) => endedByNext(segment, found[index + 1]))
    .filter((segment): segment is Segment<NodeLaneState> => segment.state !== 'powered')
  // `running` of one boot after the other: in between it was not
  const changes = changesBetween(
    segments.map((segment, index) => ({ ...segment, state: `${segment.state} ${index}` })),
  ).map((change) => ({
    ...change,
    before: change.before.replace(/ \d+$/, ''),
    after: change.after.replace(/ \d+$/, ''),
  }))
  return { node, segments, changes, marks }
}

/** A panic, or being off, lasts until something else is seen. */
function endedByNext<S extends string>(segment: Segment<S>, next: Segment<S> | undefined): Segment<S> {
  return next && segment.to > next.from ? { ...segment, to: Math.max(segment.from, next.from) } : segment
}

/** `off` where the units say that all outlets that feed the node are off, `powered` where one of them is so no more. */
function powerLooks(run: Case, node: string): readonly Look<string>[] {
  const outlets = run.started.testbed.nodes.find(({ name }) => name === node)?.outlets ?? []
  const states = new Map<string, string>()
  let isOff = false
  return ofType(run.lines, 'outlet').flatMap(({ outlet, state, at, seq }): Look<string>[] => {
    // a reading that failed says nothing, as for the verdict
    if (!outlets.includes(outlet) || state === 'unknown') return []
    states.set(outlet, state)
    const wasOff = isOff
    isOff = outlets.every((one) => states.get(one) === 'off')
    return isOff || wasOff ? [{ earliest: at, latest: at, event: seq, state: isOff ? 'off' : 'powered' }] : []
  })
}

function seenAlive(run: Case, node: string, line: Line): Span | undefined {
  const sighting = bootSighting(line)
  if (line.type !== 'clock' && sighting?.host === node) return { earliest: line.at, latest: line.at }
  if (line.host !== node) return undefined
  const hostAt = signOfLife(line)
  if (hostAt === undefined || hostAt === 'none') return undefined
  return run.clocks.span(node, hostAt, line)
}

function markOf(run: Case, node: string, line: Line): NodeMark[] {
  const made = (kind: NodeMark['kind'], text: string): NodeMark[] => {
    const { earliest, latest } = seenAt(run, node, line)
    return [{ at: latest, earliest, latest, kind, text, event: line.seq }]
  }
  if (line.type === 'probe')
    return line.node === node && !line.reachable ? made('silent', 'did not answer the lab') : []
  if (line.host !== node) return []
  if (line.type === 'panic-event') return made('panic', `panic, seen by ${line.source}`)
  if (line.type === 'console') return isPanicLine(line.text) ? made('panic', line.text) : []
  const isOfLink = line.type === 'stack.log' && (line.code === 'link-lost' || line.code === 'link-up')
  return line.type === 'stack.log' && line.code !== undefined && !isOfLink
    ? made('log', `${line.code}: ${line.text}`)
    : []
}
