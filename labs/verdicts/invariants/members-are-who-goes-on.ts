import { saidWithin } from '../../journal/host-order.ts'
import { ofType } from '../../journal/run.ts'
import { peerTimeoutOf } from '../../stacks/peer-timeout.ts'
import { recordedTestbed } from '../../testbed-file/recorded-testbed.ts'
import { all, holds, list, nodeRecord, survivors, unknown, type Case, type Finding } from '../case.ts'
import { finalStatus } from '../membership.ts'
import type { NodeState } from '../../journal/nodes.ts'

/** a status file is written twice a second, and a busy node is late */
const slack = 1000

/**
 * Who goes on lists no node that is dead among its members in the end, and hears none that had been dead for longer than its own
 * time-out for a silent peer. A stack that does contradicts the witnesses of the death: one of them is wrong, and it is not
 * known which. Source: the audit of partitions of Pacemaker's test suite (cts, PartitionAudit): the members that the stacks list
 * are the nodes that are up.
 *
 * Says nothing where nobody died, or nobody goes on.
 */
export function membersAreWhoGoesOn(run: Case): Finding | undefined {
  const dead = run.nodes.filter(({ outcome }) => outcome === 'panicked' || outcome === 'off')
  const going = survivors(run)
  if (dead.length === 0 || going.length === 0) return undefined
  return all(
    going.map(({ name }) => seenBy(run, name, dead)),
    '',
  )
}

function seenBy(run: Case, name: string, dead: readonly NodeState[]): Finding {
  const status = finalStatus(run, name)
  if (!status?.members) return unknown(`${name}: its stack does not say who is a member`, status ? [status.seq] : [])
  const events = [status.seq, ...dead.flatMap((node) => node.events)]
  const listed = dead.filter((node) => status.members?.includes(node.name))
  if (listed.length > 0) return unknown(`${name} still lists ${words(listed)} among its members in the end`, events)
  const testbed = recordedTestbed(run.started.testbed)
  if (!testbed) return unknown("the testbed's text cannot be read, so the stack's time-out is not known", events)
  const timeout = peerTimeoutOf(testbed) + slack
  const { earliest } = saidWithin(status, run.clocks)
  const heard = dead.filter(
    (node) =>
      Object.values(status.links ?? {}).some((nodes) => nodes.includes(node.name)) &&
      earliest > diedBy(run, node) + timeout,
  )
  return heard.length > 0
    ? unknown(`${name} still hears ${words(heard)} in the end, for longer than its time-out allows`, events)
    : holds(`${name} neither lists nor hears ${list(dead.map((node) => node.name))} in the end`, events)
}

const words = (nodes: readonly NodeState[]) => list(nodes.map(({ name, outcome }) => `${name} (${outcome})`))

/** Lab time by which the node was dead: its panic was written down, or the unit said of its last outlet that it is off. */
function diedBy(run: Case, { name, outcome, events }: NodeState): number {
  if (outcome === 'panicked')
    return run.lines.filter(({ seq }) => events.includes(seq)).reduce((first, { at }) => Math.min(first, at), Infinity)
  const since = (nodeRecord(run, name).outlets ?? []).map((outlet) => {
    const told = ofType(run.lines, 'outlet').filter((line) => line.outlet === outlet && line.state !== 'unknown')
    return told[told.findLastIndex(({ state }) => state === 'on') + 1]?.at ?? Infinity
  })
  return since.reduce((last, at) => Math.max(last, at), 0)
}
