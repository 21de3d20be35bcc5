import { scanLedger, scanLedgerByAgent, stopLedger } from '../stacks/reference-stack.ts'
import { freshLooks } from './fresh-looks.ts'
import type { Going } from './going.ts'
import { viewerNames, nodeNames } from './lab.ts'
import { lookAtEveryone } from './look-at-everyone.ts'

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
  await freshLooks(going, states, from, signal)
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
