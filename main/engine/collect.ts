import { scanLedger, scanLedgerByAgent, stopLedger } from '../stacks/reference-stack.ts'
import { until } from '../until.ts'
import type { Going } from './going.ts'
import { viewerNames, nodeNames } from './lab.ts'
import { lookAtEveryone } from './look-at-everyone.ts'

/** how long the samplers may take to come round once more */
const roundMilliseconds = 20_000

/**
 * Sees what became of everything: each node, what is in the key tables by now, and what is on the data disk. A question
 * without an answer is recorded as such.
 */
export async function collect(going: Going, signal: AbortSignal): Promise<void> {
  const { lab, recorder } = going
  const nodes = nodeNames(lab.testbed)
  const from = recorder.elapsed()
  const onlookers = viewerNames(lab.testbed).filter((viewer) => !nodes.includes(viewer))
  const states = await lookAtEveryone(going, signal, (node) =>
    stopLedger(lab, node, signal).then(
      () => undefined,
      (error: Error) => {
        signal.throwIfAborted()
        recorder.append({ type: 'note', text: `the ledger on ${node} could not be stopped: ${error.message}` })
      },
    ),
  )
  // the node with the group first: there are reservations under which nobody else can read
  const members = states
    .filter(({ isMember }) => isMember)
    .toSorted((one, other) => Number(other.isActive) - Number(one.isActive))
    .map(({ node }) => node)
  await freshReadings(going, onlookers.length > 0 ? onlookers : members, from, signal)
  await readLedger(going, members, onlookers, signal)
}

/** A survivor reads the ledger back; where there is none, a host that only looks. */
async function readLedger(
  { lab, recorder, started }: Going,
  members: readonly string[],
  onlookers: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const [reader] = members
  if (reader !== undefined) recorder.append(await scanLedgerByAgent(lab, reader, started.run, signal), { host: reader })
  else if (onlookers[0] !== undefined) {
    recorder.append(await scanLedger(lab, onlookers[0], started.run, signal), { host: onlookers[0] })
  }
}

/** Waits until each viewer has read each LUN once more, or time is up: then the rules see that something is missing. */
async function freshReadings(
  { lab, recorder, lines }: Going,
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
        (['keys', 'reservation'] as const).every(
          (action) =>
            // the first answer after `from` may have been true before it: the second one cannot
            recent.filter(
              (line) => line.type === 'keys' && line.host === viewer && line.lun === lun && line.action === action,
            ).length > 1,
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
