import { choiceOf } from '../../../labs/steps/stack-choice.ts'
import { freshLooks } from '../observe/fresh-looks.ts'
import type { Going } from '../going.ts'
import { viewerNames, nodeNames } from '../../lab/lab.ts'
import { lookAtEveryone } from '../observe/look-at-everyone.ts'
import { readLedger, type Readers } from '../observe/read-ledger.ts'
import { tryWhereRefused } from '../observe/provoke-refusals.ts'

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
    lab.stack.stopLedger(lab, node, signal).then(
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
  const { readable } = lab.stack.pure.fencing(lab.testbed.stack, choiceOf(scenario))
  const readers: Readers = { survivor: members[0], observer: onlookers[0], observerMayRead: readable === 'by all' }
  await Promise.all([
    freshLooks(going, states, from, signal),
    tryWhereRefused(going, states, readers, signal),
    readLedger(going, readers, signal),
  ])
}
