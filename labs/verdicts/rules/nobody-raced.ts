import { ofType } from '../../journal/run.ts'
import { all, holds, survivors, unknown, violated, type Case, type Finding } from '../case.ts'
import { raceCodes } from '../stages.ts'

/**
 * Nobody was taken for gone, and nobody raced: no node's log tells of a membership change that was not agreed, and in the
 * end those who go on are members with one another. Source: the scenario table, "no node leaves the cluster membership".
 */
export function nobodyRaced(run: Case): Finding {
  const since = run.frame.injected?.seq ?? Infinity
  const raced = ofType(run.lines, 'stack.log').find((line) => line.seq > since && (raceCodes as readonly string[]).includes(line.code ?? ''))
  if (raced) return violated(`${raced.host}: ${raced.text}`, [raced.seq])
  const members = survivors(run)
  return all(
    members.map(({ name }) => {
      const status = ofType(run.lines, 'stack').findLast((line) => line.host === name && line.answered && line.seq > (run.frame.end?.seq ?? Infinity))
      if (!status) return unknown(`${name}: its stack did not answer at the end`)
      const missing = members.filter((other) => !status.members?.includes(other.name))
      if (missing.length > 0) return violated(`${name} is no member with ${missing.map((other) => other.name).join(', ')} any more`, [status.seq])
      return holds(`${name} is a member with all who go on, and nobody raced`, [status.seq])
    }),
    'nobody is proved to go on',
  )
}

/**
 * What was done to the LUNs is noticed by nobody until something else happens: at the first checkpoint every node is still
 * a member, and nobody had raced. Source: VCS 5.1 SP1 administrator's guide, lost coordinator keys: fencing does not poll.
 */
export function nobodyNoticed(run: Case): Finding {
  const [checkpoint] = run.checkpoints
  const taken = run.faults.flatMap(({ steps }) => steps.filter((line) => line.step === 'verified' && line.ok === true))[0]
  if (!checkpoint || !taken) return unknown('the row did not come to its first checkpoint, or its fault did not take')
  const raced = ofType(run.lines, 'stack.log').find(
    (line) => line.seq > taken.seq && line.seq < checkpoint.done.seq && (raceCodes as readonly string[]).includes(line.code ?? ''),
  )
  if (raced) return violated(`${raced.host} noticed: ${raced.text}`, [taken.seq, raced.seq])
  return all(
    checkpoint.nodes.map((node) =>
      node.outcome === 'running'
        ? holds(`${node.name} goes on as if nothing had happened`, [taken.seq, ...node.events])
        : node.outcome === 'unknown'
          ? unknown(`${node.name}: ${node.why}`, node.events)
          : violated(`${node.name} is ${node.outcome} already`, node.events),
    ),
    'the recording names no node',
  )
}
