import { bootSighting, type Clocks } from './clock.ts'
import { keyReadings, lastLook, lookedSince, type KeyReading, type Reading } from './key-tables.ts'
import { isFinalStatus, lastStatus } from './last-status.ts'
import { consoleAfterPanic } from './life-after-panic.ts'
import { isPanicLine } from './panic-line.ts'
import { about, ofType } from './grouped.ts'
import { signOfLife } from './sign-of-life.ts'
import type { RunFrame } from './run.ts'
import type { Line, LineOf, LunRecord, NodeRecord } from './event.ts'
import type { Outcome } from '../scenarios/outcome.ts'

/** What became of a node, and what proves it. */
export interface NodeState {
  readonly name: string
  readonly outcome: Outcome
  /** for people: what was seen, or what is missing */
  readonly why: string
  /** the sequence numbers of the events that it rests on */
  readonly events: readonly number[]
  /** lab time by which it had become that: all proofs of it were written down */
  readonly settled: number
}

/**
 * The outcome of every node of the testbed. A node that the lab itself started anew (a `boot` event after the fault, with a
 * boot id that it did not have before) is judged by what was seen of it since. A panic is proved by every witness that the testbed declares for the node;
 * whatever contradicts it (a sign of life of the same boot) makes it unknown. That a node does not answer, or that it
 * has another boot id, proves nothing of itself.
 */
export function foldNodes(frame: RunFrame, clocks: Clocks, readings: readonly Reading[]): readonly NodeState[] {
  const { started, injected } = frame
  if (!started) return []
  if (!injected)
    return started.testbed.nodes.map(({ name }) => ({ name, settled: 0, ...unknown('no fault was applied') }))
  const since = linesSince(frame.lines)
  const found = started.testbed.nodes.map((node) => ({
    name: node.name,
    ...outcomeOf(node, { ...frame, injected, since }, clocks, readings, started.testbed.luns),
  }))
  const written = writtenAt(frame.lines, new Set(found.flatMap(({ events }) => events)))
  return found.map((one) => ({
    ...one,
    settled: one.events.reduce((latest, event) => Math.max(latest, written.get(event) ?? 0), 0),
  }))
}

/** The lines from a number on. Most nodes are judged by the same part of a long journal: it is cut once. */
function linesSince(lines: readonly Line[]): (seq: number) => readonly Line[] {
  const cut = new Map<number, readonly Line[]>()
  return (seq) => {
    const part = cut.get(seq) ?? lines.filter((line) => line.seq >= seq)
    cut.set(seq, part)
    return part
  }
}

function writtenAt(lines: readonly Line[], events: ReadonlySet<number>): ReadonlyMap<number, number> {
  const found = new Map<number, number>()
  for (const { seq, at } of lines) if (events.has(seq)) found.set(seq, Math.max(at, found.get(seq) ?? 0))
  return found
}

type Found = Pick<NodeState, 'outcome' | 'why' | 'events'>
type Injected = RunFrame & {
  readonly injected: NonNullable<RunFrame['injected']>
  readonly since: (seq: number) => readonly Line[]
}

/** The lines that a node is judged by, and those of them that it saw itself or that tell of it. */
interface After {
  readonly after: readonly Line[]
  readonly own: readonly Line[]
}

function outcomeOf(
  node: NodeRecord,
  frame: Injected,
  clocks: Clocks,
  readings: readonly Reading[],
  luns: readonly LunRecord[],
): Found {
  const restarted = lifeOf(frame, node.name)
  const after = frame.since((restarted ?? frame.injected).seq)
  const boot = restarted?.boot ?? clocks.bootOf(node.name, frame.injected.seq)
  const own = about(frame.lines, node.name).filter((line) => line.seq >= (restarted ?? frame.injected).seq)
  const dark = offAtTheEnd(node, { after, own }, clocks, frame)
  if (dark) return dark
  const ordered = startOrdered(frame, node.name)
  if (ordered && ordered.seq > (restarted?.seq ?? 0))
    return unknown('the lab started it anew, and in which boot was not seen', [ordered.seq])
  const panic = panicOf(node, { after, own }, clocks, boot)
  if (panic) return memberAgain(lastStatus(own, node.name, clocks), panic, frame) ?? panic
  const rebooted = own.find((line) => {
    const sighting = bootSighting(line)
    return sighting?.host === node.name && boot !== undefined && sighting.boot !== boot
  })
  const hung = hungAtTheEnd(node.name, after, frame)
  if (hung) return hung
  const status = lastStatus(after, node.name, clocks)
  const final = status?.answered && isFinalStatus(frame.lines, status, frame.end, clocks) ? status : undefined
  // what a stack says after a new start that nobody ordered tells nothing of why there was one
  if (rebooted) return unknown('it rebooted, a panic is not proved', [rebooted.seq])
  if (final?.state === 'left') return found('left', 'its stack says that it has left the cluster', [final.seq])
  if (final?.state === 'refused') return found('refused-to-join', 'its stack declined to start', [final.seq])
  if (final?.state === 'joining') return joiningAtTheEnd(node.name, after, final)

  const probe = ofType(after, 'probe').findLast((line) => line.node === node.name)
  const answers = probe?.reachable && probe.seq > (frame.end?.seq ?? Infinity) ? probe : undefined
  if (!answers) return unknown('it did not answer at the end, which proves nothing', probe ? [probe.seq] : [])
  if (boot === undefined) return unknown('its boot id was not seen before the fault', [answers.seq])
  if (answers.boot === undefined) return unknown('it answered at the end without its boot id', [answers.seq])
  const refused = refusalOf(node, after)
  const missing = isOut(status) ? [] : missingKeys(node, readings, luns, { injected: frame.injected, restarted })
  const old = missing.find(({ began }) => began.earliest < (frame.end?.at ?? Infinity))
  if (refused || (missing.length > 0 && !old)) {
    const why = [
      ...(refused ? ['the storage refused its write'] : []),
      ...missing.map(({ lun }) => `its key is gone from ${lun}`),
    ]
    return found('ejected', `alive, but ${why.join(' and ')}`, [
      answers.seq,
      ...[...(refused ? [refused] : []), ...missing].map(({ seq }) => seq),
    ])
  }
  if (old)
    return unknown(`its key was gone from ${old.lun}, and nobody looked again at the end`, [answers.seq, old.seq])
  if (!status) return unknown('it answers, its stack was not asked after the fault', [answers.seq])
  if (!final) return unknown('it answers, its stack did not answer at the end', [answers.seq, status.seq])
  if (final.state !== 'member') {
    return unknown(`it answers, its stack says ${final.state ?? 'nothing of its state'}`, [answers.seq, final.seq])
  }
  const same = restarted ? 'still in the boot that the lab started' : 'same boot as before the fault'
  return found('running', `${same}, and its stack is a member`, [answers.seq, final.seq])
}

/** The boot in which the lab started a node anew; undefined where it did not: a boot that was seen before is no new one. */
function lifeOf({ lines, injected }: Injected, node: string): LineOf<'boot'> | undefined {
  const began = ofType(lines, 'boot').filter((line) => line.host === node && line.seq > injected.seq)
  if (began.length === 0) return undefined
  const sightings = about(lines, node).flatMap((line) => {
    const seen = bootSighting(line)
    return seen?.host === node ? [{ line, boot: seen.boot }] : []
  })
  const isNew = ({ seq, boot }: LineOf<'boot'>) =>
    !sightings.some(
      (seen) =>
        seen.boot === boot && (seen.line.seq <= injected.seq || (seen.line.type === 'boot' && seen.line.seq < seq)),
    )
  return began.findLast(isNew)
}

/** The last time that the lab was about to start the node anew: by itself, or by giving it its power back. */
function startOrdered({ lines, injected }: Injected, node: string): Line | undefined {
  const restart = ofType(lines, 'operation').findLast(
    (line) =>
      line.seq >= injected.seq && line.operation === 'restart' && line.step === 'begun' && line.nodes.includes(node),
  )
  const power = ofType(lines, 'fault').findLast(
    (line) =>
      line.seq >= injected.seq &&
      line.fault === 'node-power-off' &&
      line.step === 'reverting' &&
      line.target['node'] === node,
  )
  return restart && power ? (restart.seq > power.seq ? restart : power) : (restart ?? power)
}

/**
 * Every outlet that feeds it is off, as its unit says at the end, and it gave no sign of life after: a unit that says so of
 * a node that lives is wrong, or feeds another one. A reading that failed says nothing.
 */
function offAtTheEnd(node: NodeRecord, { after, own }: After, clocks: Clocks, frame: RunFrame): Found | undefined {
  const outlets = node.outlets ?? []
  const end = frame.end?.seq ?? Infinity
  const seen = ofType(after, 'outlet').filter(
    (line) => line.seq > end && line.state !== 'unknown' && outlets.includes(line.outlet),
  )
  const firsts = outlets.map((outlet) => seen.find((line) => line.outlet === outlet))
  const [last] = firsts.toSorted((a, b) => (b?.seq ?? 0) - (a?.seq ?? 0))
  if (!last || firsts.includes(undefined) || seen.some(({ state }) => state !== 'off')) return undefined
  const events = seen.map(({ seq }) => seq)
  const sign = own.find((line) => isAliveAfter(line, node.name, undefined, clocks, last))
  if (sign) return unknown('its outlets are off, and yet it gave a sign of life', [...events, sign.seq])
  return found(
    'off',
    `${outlets.join(' and ')} ${outlets.length === 1 ? 'is' : 'are'} off, as the power unit says`,
    events,
  )
}

const witnessWords = { 'panic-event': "the hypervisor's panic event", console: 'the console' } as const

/** Undefined where nobody saw a panic. The kernel's words are those of panic() in the Linux kernel, kernel/panic.c. */
function panicOf(node: NodeRecord, { after, own }: After, clocks: Clocks, boot: string | undefined): Found | undefined {
  const seen = {
    'panic-event': ofType(after, 'panic-event').find((line) => line.host === node.name),
    console: ofType(after, 'console').find((line) => line.host === node.name && isPanicLine(line.text)),
  }
  const sightings = [seen['panic-event'], seen.console].filter((line) => line !== undefined)
  const [first] = sightings.toSorted((a, b) => a.seq - b.seq)
  if (!first) return undefined
  const events = sightings.map((line) => line.seq)
  if (node.panicWitnesses.length === 0) return unknown('a panic was seen, but the testbed declares no witness', events)
  const silent = node.panicWitnesses.filter((witness) => !seen[witness])
  if (silent.length > 0) {
    return unknown(
      `a panic is not proved: ${silent.map((one) => witnessWords[one]).join(' and ')} did not see it`,
      events,
    )
  }
  const alive =
    own.find((line) => isAliveAfter(line, node.name, boot, clocks, first)) ??
    consoleAfterPanic(own, node.name, clocks, first)
  if (alive) return unknown('a panic was seen, and a sign of life of the same boot after it', [...events, alive.seq])
  return found('panicked', node.panicWitnesses.map((one) => `${witnessWords[one]} saw it`).join(', '), events)
}

/** That it panicked is not the last word where it started by itself and its stack has let it in, or has a cluster of its own. */
function memberAgain(status: LineOf<'stack'> | undefined, panic: Found, frame: RunFrame): Found | undefined {
  if (panic.outcome !== 'panicked' || !status?.answered || status.state !== 'member') return undefined
  if (status.seq <= (frame.end?.seq ?? Infinity)) return undefined
  return unknown('it panicked, and its stack is a member again in the end', [...panic.events, status.seq])
}

/**
 * A line that shows the node alive after its `death`, in the boot that died (in any boot where none is given). A command
 * counts that was begun after it and ended with a status, whatever status: somebody ran it there. A line
 * without the host's clock counts by its place in the journal: better an unknown too many than a death that was none.
 */
function isAliveAfter(
  line: Line,
  node: string,
  boot: string | undefined,
  clocks: Clocks,
  death: Pick<Line, 'seq' | 'at'>,
): boolean {
  if (line.seq < death.seq) return false
  const another = (seen: string | undefined) => boot !== undefined && seen !== undefined && seen !== boot
  if (line.type === 'probe') return line.node === node && line.reachable && !another(line.boot)
  if (line.host !== node || another(clocks.bootOf(node, line.seq))) return false
  if (line.type === 'command') return line.exit !== null && line.at - line.milliseconds > death.at
  const seenAt = signOfLife(line)
  if (seenAt === 'none') return false
  const span = seenAt === undefined ? undefined : clocks.span(node, seenAt, line)
  return span === undefined || span.earliest > death.at
}

/** A start takes its time: only a stack that says what it waits for is known to be let in nowhere. */
function joiningAtTheEnd(node: string, after: readonly Line[], final: LineOf<'stack'>): Found {
  const start = ofType(after, 'operation').findLast(
    (line) => line.operation === 'start' && line.step === 'begun' && line.nodes.includes(node),
  )
  const told = ofType(after, 'stack.log').find(
    (line) => line.host === node && line.code === 'not-seeded' && line.seq > (start?.seq ?? 0),
  )
  if (!told) return unknown('its stack is still about to join', [final.seq])
  return found('waiting', 'its cluster software is running but not admitted (not seeded)', [told.seq, final.seq])
}

/** State T is that of a stopped process (proc(5), /proc/pid/stat). */
function hungAtTheEnd(node: string, after: readonly Line[], frame: RunFrame): Found | undefined {
  const last = ofType(after, 'process').findLast((line) => line.node === node)
  if (last?.state !== 'T') return undefined
  if (last.seq <= (frame.end?.seq ?? Infinity)) {
    return unknown('its virtual machine was stopped, and was not looked at again at the end', [last.seq])
  }
  const answer = after.find(
    (line) => line.type === 'probe' && line.node === node && line.reachable && line.seq > last.seq,
  )
  if (answer) return unknown('its virtual machine is stopped, and yet it answered later', [last.seq, answer.seq])
  return found('hung', 'its virtual machine is stopped (process state T)', [last.seq])
}

/** A write that the storage refused. */
const refusalOf = (node: NodeRecord, after: readonly Line[]) =>
  ofType(after, 'ledger.write').find((line) => line.host === node.name && line.result === 'refused')

/** Its stack said last that it takes no part: that it has no key then is as it should be. */
const isOut = (status: LineOf<'stack'> | undefined) =>
  ['left', 'refused', 'stopped', 'joining'].includes(status?.state ?? '')

/**
 * The last looks of others at data disks that hold keys, but not the node's, though it was there. A node that was started anew
 * has had a key only if it was seen to have one since: that the old one is gone is not its matter.
 */
function missingKeys(
  node: NodeRecord,
  readings: readonly Reading[],
  luns: readonly LunRecord[],
  { injected, restarted }: { readonly injected: Pick<Line, 'at'>; readonly restarted: Pick<Line, 'at'> | undefined },
): readonly KeyReading[] {
  const since = (restarted ?? injected).at
  return luns
    .filter((lun) => lun.use === 'data' && node.keys.data !== '')
    .flatMap((lun) => {
      const others = keyReadings(readings, lun.name).filter((one) => one.viewer !== node.name)
      const fresh = lookedSince(others, since)
      const had = (restarted ? fresh : others).some((one) => one.answer.keys.includes(node.keys.data))
      // an empty table shuts nobody out, and a defender of the published scripts empties it in each of its cycles
      const last = lastLook(fresh.filter(({ answer }) => answer.keys.length > 0))
      return had && last && !last.answer.keys.includes(node.keys.data) ? [last] : []
    })
}

function found(outcome: Outcome, why: string, events: readonly number[]): Found {
  return { outcome, why, events: [...new Set(events)].sort((a, b) => a - b) }
}

function unknown(why: string, events: readonly number[] = []): Found {
  return found('unknown', why, events)
}
