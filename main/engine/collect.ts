import { choiceOf } from '../../labs/scenarios/stack-choice.ts'
import { chosenPolicy } from '../../labs/stacks/reference/policies.ts'
import { until } from '../until.ts'
import type { Going } from './going.ts'
import { viewerNames, nodeNames } from './lab.ts'
import { lookAtEveryone } from './look-at-everyone.ts'
import { readLedger, type Readers } from './read-ledger.ts'
import { stopLedger } from '../stacks/reference-stack.ts'
import { tryWhereRefused } from './provoke-refusals.ts'

/** how long the samplers may take to come round once more */
const roundMilliseconds = 20_000

/**
 * Sees what became of everything: each node, what is in the key tables by now, whether whoever was shut out is refused, and
 * what is on the data disk. A question without an answer is recorded as such.
 */
export async function collect(going: Going, signal: AbortSignal): Promise<void> {
  const { lab, recorder, scenario } = going
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
  const { readable } = chosenPolicy(lab.testbed, choiceOf(scenario))
  const readers: Readers = { survivor: members[0], observer: onlookers[0], observerMayRead: readable === 'by all' }
  await Promise.all([
    freshReadings(going, onlookers.length > 0 ? onlookers : members, from, signal),
    tryWhereRefused(going, states, readers, signal),
    readLedger(going, readers, signal),
  ])
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
