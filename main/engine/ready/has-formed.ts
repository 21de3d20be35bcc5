import type { LineOf } from '../../../labs/journal/event.ts'
import { nodeNames, type Lab } from '../../lab/lab.ts'

/**
 * Has the cluster formed: is every node a member that hears all others on every private link, and does the failover group run on
 * exactly one? By the checks of its stack that the baseline goes by, too. Says nothing of keys.
 */
export async function hasFormed(lab: Pick<Lab, 'testbed' | 'stack' | 'run'>, signal: AbortSignal): Promise<boolean> {
  const { green } = lab.stack.pure
  const nodes = nodeNames(lab.testbed)
  const started = { testbed: { links: Object.keys(lab.testbed.links) } }
  const said = await Promise.all(
    nodes.map(async (node): Promise<LineOf<'stack'>> => {
      const { status } = await lab.stack.status(lab, node, signal)
      // no recording: its place in one does not matter
      return { seq: 0, at: 0, prev: '', host: node, ...status }
    }),
  )
  return said.every((line) => green.member(line, nodes, started).ok) && green.group(said).ok
}
