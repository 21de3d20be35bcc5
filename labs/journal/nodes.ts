import { bootSighting, type Clocks } from './clock.ts'
import { keyReadings, type Reading } from './key-tables.ts'
import { ofType, type RunFrame } from './run.ts'
import type { Line, LineOf, LunRecord, NodeRecord } from './event.ts'
import type { Outcome } from './outcome.ts'

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
 * The outcome of every node of the testbed. A node that the lab itself started anew (a `boot` event after the fault) is
 * judged by what was seen of it since. A panic is proved by every witness that the testbed declares for the node;
 * whatever contradicts it (a sign of life of the same boot) makes it unknown. That a node does not answer, or that it
 * has another boot id, proves nothing of itself.
 */
export function foldNodes(frame: RunFrame, clocks: Clocks, readings: readonly Reading[]): readonly NodeState[] {
  const { started, injected } = frame
  if (!started) return []
  return started.testbed.nodes.map((node) => {
    if (!injected) return { name: node.name, settled: 0, ...unknown('no fault was applied') }
    const found = outcomeOf(node, { ...frame, injected }, clocks, readings, started.testbed.luns)
    const proofs = new Set(found.events)
    const settled = frame.lines.reduce((latest, line) => (proofs.has(line.seq) ? Math.max(latest, line.at) : latest), 0)
    return { name: node.name, settled, ...found }
  })
}

type Found = Pick<NodeState, 'outcome' | 'why' | 'events'>
type Injected = RunFrame & { readonly injected: NonNullable<RunFrame['injected']> }

function outcomeOf(
  node: NodeRecord,
  frame: Injected,
  clocks: Clocks,
  readings: readonly Reading[],
  luns: readonly LunRecord[],
): Found {
  const restarted = lifeOf(frame, node.name)
  const after = frame.lines.filter((line) => line.seq >= (restarted ?? frame.injected).seq)
  const boot = restarted?.boot ?? clocks.bootOf(node.name, frame.injected.seq)
  const dark = offAtTheEnd(node, after, frame)
  if (dark) return dark
  const panic = panicOf(node, after, clocks, boot)
  if (panic) return panic
  const rebooted = after.find((line) => {
    const sighting = bootSighting(line)
    return sighting?.host === node.name && boot !== undefined && sighting.boot !== boot
  })
  const hung = hungAtTheEnd(node.name, after, frame)
  if (hung) return hung
  const status = ofType(after, 'stack').findLast((line) => line.host === node.name)
  const final = status?.answered && status.seq > (frame.end?.seq ?? Infinity) ? status : undefined
  if (final?.state === 'left') return found('left', 'its stack says that it has left the cluster', [final.seq])
  if (final?.state === 'refused') return found('refused-to-join', 'its stack declined to start', [final.seq])
  if (final?.state === 'joining' && !rebooted) return found('waiting', 'its stack is up and let in nowhere', [final.seq])
  if (rebooted) return unknown('it rebooted, a panic is not proved', [rebooted.seq])

  const probe = ofType(after, 'probe').findLast((line) => line.node === node.name)
  const answers = probe?.reachable && probe.seq > (frame.end?.seq ?? Infinity) ? probe : undefined
  if (!answers) return unknown('it did not answer at the end, which proves nothing', probe ? [probe.seq] : [])
  if (boot === undefined) return unknown('its boot id was not seen before the fault', [answers.seq])
  if (answers.boot === undefined) return unknown('it answered at the end without its boot id', [answers.seq])
  const refused = refusals(node, after, readings, luns, { since: (restarted ?? frame.injected).at, before: frame.injected })
  if (refused) return found('ejected', refused.why, [answers.seq, ...refused.events])
  if (!status) return unknown('it answers, its stack was not asked after the fault', [answers.seq])
  if (!final) return unknown('it answers, its stack did not answer at the end', [answers.seq, status.seq])
  if (final.state !== 'member') {
    return unknown(`it answers, its stack says ${final.state ?? 'nothing of its state'}`, [answers.seq, final.seq])
  }
  const same = restarted ? 'still in the boot that the lab started' : 'same boot as before the fault'
  return found('running', `${same}, and its stack is a member`, [answers.seq, final.seq])
}

/** The boot in which the lab started a node anew; undefined where it did not. */
export function lifeOf({ lines, injected }: Pick<RunFrame, 'lines' | 'injected'>, node: string): LineOf<'boot'> | undefined {
  return ofType(lines, 'boot').findLast((line) => line.host === node && line.seq > (injected?.seq ?? Infinity))
}

/** Every outlet that feeds it is off, as its unit says at the end, and it gave no sign of life after. */
function offAtTheEnd(node: NodeRecord, after: readonly Line[], frame: RunFrame): Found | undefined {
  const outlets = node.outlets ?? []
  const last = outlets.map((outlet) => ofType(after, 'outlet').findLast((line) => line.outlet === outlet && line.seq > (frame.end?.seq ?? Infinity)))
  const seen = last.flatMap((line) => (line ? [line] : []))
  if (seen.length === 0 || seen.length < outlets.length || seen.some(({ state }) => state !== 'off')) return undefined
  const since = Math.max(...seen.map(({ seq }) => seq))
  const events = seen.map(({ seq }) => seq)
  const answer = ofType(after, 'probe').find((line) => line.node === node.name && line.reachable && line.seq > since)
  if (answer) return unknown('its outlets are off, and yet it answered', [...events, answer.seq])
  return found('off', `${outlets.join(' and ')} ${outlets.length === 1 ? 'is' : 'are'} off, as the power unit says`, events)
}

const witnessWords = { 'panic-event': "the hypervisor's panic event", console: 'the console' } as const

/** Undefined where nobody saw a panic. The kernel's words are those of panic() in the Linux kernel, kernel/panic.c. */
function panicOf(
  node: NodeRecord,
  after: readonly Line[],
  clocks: Clocks,
  boot: string | undefined,
): Found | undefined {
  const seen = {
    'panic-event': ofType(after, 'panic-event').find((line) => line.host === node.name),
    console: ofType(after, 'console').find(
      (line) => line.host === node.name && line.text.includes('Kernel panic - not syncing'),
    ),
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
  const alive = after.find((line) => isAliveAfter(line, node.name, boot, clocks, first))
  if (alive) return unknown('a panic was seen, and a sign of life of the same boot after it', [...events, alive.seq])
  return found('panicked', node.panicWitnesses.map((one) => `${witnessWords[one]} saw it`).join(', '), events)
}

/**
 * A line that shows the node alive after `panic`, in the boot that panicked. A line without the host's clock counts by
 * its place in the journal: better an unknown too many than a panic that was none.
 */
function isAliveAfter(line: Line, node: string, boot: string | undefined, clocks: Clocks, panic: Line): boolean {
  if (line.seq < panic.seq) return false
  const another = (seen: string | undefined) => boot !== undefined && seen !== undefined && seen !== boot
  if (line.type === 'probe') return line.node === node && line.reachable && !another(line.boot)
  if (line.host !== node || another(clocks.bootOf(node, line.seq))) return false
  const seenAt = lifeSign(line)
  if (seenAt === 'none') return false
  const span = seenAt === undefined ? undefined : clocks.span(node, seenAt, line)
  return span === undefined || span.earliest > panic.at
}

/** The host's time of what only a living node can do; undefined where the line has none, `none` where it is no sign. */
function lifeSign(line: Line): number | undefined | 'none' {
  if (line.type === 'stack') return line.answered ? line.hostAt : 'none'
  if (line.type === 'keys') return line.exit === null ? 'none' : line.ended
  if (line.type === 'ledger.write') return line.completed
  return 'none'
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

/** What shows that the storage refuses this node: a refused write, or a data disk that lost its key, seen by another. */
function refusals(
  node: NodeRecord,
  after: readonly Line[],
  readings: readonly Reading[],
  luns: readonly LunRecord[],
  { since, before }: { readonly since: number; readonly before: Pick<Line, 'seq'> },
): { readonly why: string; readonly events: readonly number[] } | undefined {
  const write = ofType(after, 'ledger.write').find((line) => line.host === node.name && line.result === 'refused')
  const missing = luns
    .filter((lun) => lun.use === 'data' && node.keys.data !== '')
    .flatMap((lun) => {
      const others = keyReadings(readings, lun.name).filter((one) => one.viewer !== node.name)
      const had = others.some((one) => one.answer.keys.includes(node.keys.data) && (one.seq < before.seq || one.began.earliest >= since))
      const last = others.findLast((one) => one.began.earliest >= since)
      return had && last && !last.answer.keys.includes(node.keys.data) ? [{ lun: lun.name, seq: last.seq }] : []
    })
  if (!write && missing.length === 0) return undefined
  const why = [
    ...(write ? ['the storage refused its write'] : []),
    ...missing.map(({ lun }) => `its key is gone from ${lun}`),
  ]
  return {
    why: `alive, but ${why.join(' and ')}`,
    events: [...(write ? [write.seq] : []), ...missing.map(({ seq }) => seq)],
  }
}

function found(outcome: Outcome, why: string, events: readonly number[]): Found {
  return { outcome, why, events: [...new Set(events)].sort((a, b) => a - b) }
}

function unknown(why: string, events: readonly number[] = []): Found {
  return found('unknown', why, events)
}
