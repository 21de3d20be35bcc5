import type { Line } from '../../labs/journal/event.ts'
import { nodesOf } from '../../labs/testbed/parts.ts'
import type { Recorder } from '../recorder/recorder.ts'
import { askStatus, scanLedger, scanLedgerByAgent, stopLedger } from '../stacks/reference-stack.ts'
import { until } from '../until.ts'
import { findNodeProcess, nodeNames, viewerNames, type Lab } from './lab.ts'

export interface Collecting {
  readonly lab: Lab
  readonly recorder: Recorder
  readonly lines: readonly Line[]
  readonly run: string
}

/** how long a node may take to answer at the end, and the samplers to come round once more */
const probeMilliseconds = 5000
/** for a node that is known to have panicked: an answer would be news, silence is none */
const panickedMilliseconds = 1500
const roundMilliseconds = 20_000

/**
 * Sees what became of everything: is each node there and in which boot, what its stack says, what is in the key tables
 * by now, and what is on the data disk. A question without an answer is recorded as such.
 */
export async function collect(going: Collecting, signal: AbortSignal): Promise<void> {
  const { lab, recorder } = going
  const nodes = nodeNames(lab.testbed)
  const from = recorder.elapsed()
  const onlookers = viewerNames(lab.testbed).filter((viewer) => !nodes.includes(viewer))
  await Promise.all(nodes.map((node) => seeProcess(going, node, signal)))
  const states = await Promise.all(nodes.map((node) => question(going, node, signal)))
  const members = states.flatMap(({ node, isMember }) => (isMember ? [node] : []))
  await freshReadings(going, onlookers.length > 0 ? onlookers : members, from, signal)
  await readLedger(going, members, onlookers, signal)
}

/** What a node answers in the end: is it there, and what does its stack say. */
async function question(going: Collecting, node: string, signal: AbortSignal) {
  const { lab, recorder } = going
  if (!(await probe(going, node, signal))) return { node, isMember: false }
  await stopLedger(lab, node, signal).catch((error: Error) => {
    recorder.append({ type: 'note', text: `the ledger on ${node} could not be stopped: ${error.message}` })
  })
  const { status, hostAt } = await askStatus(lab, node, signal)
  recorder.append(status, { host: node, ...(hostAt !== undefined && { hostAt }) })
  return { node, isMember: status.state === 'member' }
}

/** A survivor reads the ledger back; where there is none, a host that only looks. */
async function readLedger(
  { lab, recorder, run }: Collecting,
  members: readonly string[],
  onlookers: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const [reader] = members
  if (reader !== undefined) recorder.append(await scanLedgerByAgent(lab, reader, run, signal), { host: reader })
  else if (onlookers[0] !== undefined) {
    recorder.append(await scanLedger(lab, onlookers[0], run, signal), { host: onlookers[0] })
  }
}

/** Did the hypervisor report a panic of it? */
export const hasPanicked = (lines: readonly Line[], node: string) =>
  lines.some((line) => line.type === 'panic-event' && line.host === node)

/** Is it there, and in which boot. That it does not answer proves nothing, and is written down as just that. */
async function probe({ lab, recorder, lines }: Collecting, node: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { stdout } = await lab.run(node, {
      purpose: `is ${node} there, and in which boot`,
      argv: ['cat', '/proc/sys/kernel/random/boot_id'],
      timeoutMs: hasPanicked(lines, node) ? panickedMilliseconds : probeMilliseconds,
      signal,
    })
    recorder.append({ type: 'probe', node, reachable: true, boot: stdout.trim(), text: 'it answered' }, { host: node })
    return true
  } catch (error) {
    signal.throwIfAborted()
    const text = error instanceof Error ? error.message : String(error)
    recorder.append({ type: 'probe', node, reachable: false, text }, { host: node })
    return false
  }
}

/** The state of the process of a node that is a virtual machine. */
async function seeProcess({ lab, recorder }: Collecting, node: string, signal: AbortSignal): Promise<void> {
  const vm = nodesOf(lab.testbed).find(({ name }) => name === node)?.node.vm
  if (!vm) return
  try {
    const seen = await findNodeProcess(lab, vm, signal)
    recorder.append({ type: 'process', node, pid: seen.pid, state: seen.state }, { host: vm.hypervisor })
  } catch (error) {
    signal.throwIfAborted()
    const text = error instanceof Error ? error.message : String(error)
    recorder.append({ type: 'note', text: `the process of ${node} could not be seen: ${text}` })
  }
}

/** Waits until each viewer has read each LUN once more, or time is up: then the rules see that something is missing. */
async function freshReadings(
  { lab, recorder, lines }: Collecting,
  viewers: readonly string[],
  from: number,
  signal: AbortSignal,
): Promise<void> {
  const luns = Object.keys(lab.testbed.luns)
  const limit = AbortSignal.timeout(roundMilliseconds)
  const all = () => {
    const recent = lines.filter((line) => line.at > from)
    return viewers.every((viewer) =>
      luns.every((lun) =>
        (['keys', 'reservation'] as const).every((action) =>
          // the first answer after `from` may have been true before it: the second one cannot
          recent.filter((line) => line.type === 'keys' && line.host === viewer && line.lun === lun && line.action === action).length > 1,
        ),
      ),
    )
  }
  try {
    await until(all, { signal: AbortSignal.any([signal, limit]), everyMilliseconds: 200 })
  } catch (error) {
    if (!limit.aborted || signal.aborted) throw error
    recorder.append({ type: 'note', text: 'not every key table was read once more before time was up' })
  }
}
