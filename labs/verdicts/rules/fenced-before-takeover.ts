import { ofType } from '../../journal/run.ts'
import { holds, nodeRecord, unknown, violated, type Case, type Finding } from '../case.ts'
import { isOlder } from '../stages.ts'
import { takeoverOf } from '../takeover.ts'

/**
 * The survivor had its fence command succeed before it started the group: both told by the same node, in the order of its
 * own clock. Where the row fences by power, the power unit itself says afterwards that the victim is off. Source: seed 002;
 * fencing comes before taking over, for a hung node cannot be told from a dead one.
 */
export function fencedBeforeTakeover(run: Case): Finding {
  const takeover = takeoverOf(run)
  if (typeof takeover === 'string') return unknown(takeover)
  const { from, to, started } = takeover
  const since = run.frame.injected
  const fenced = ofType(run.lines, 'stack.log').find(
    (line) =>
      line.host === to &&
      line.code === 'fenced' &&
      line.data?.['node'] === from &&
      since !== undefined &&
      line.seq > since.seq &&
      !isOlder(run, line, since),
  )
  if (!fenced)
    return unknown(`${to} started the group, and its log does not tell that ${from} was fenced`, [started.seq])
  if (fenced.hostAt === undefined || started.hostAt === undefined)
    return unknown(`${to} did not say when`, [fenced.seq, started.seq])
  if (fenced.hostAt > started.hostAt)
    return violated(`${to} started the group before ${from} was fenced`, [started.seq, fenced.seq])
  if (run.started.scenario.parameters?.['method'] !== 'power')
    return holds(`${to} fenced ${from}, and only then started the group`, [fenced.seq, started.seq])
  const outlets = nodeRecord(run, from).outlets ?? []
  const states = outlets.map((outlet) =>
    ofType(run.lines, 'outlet').findLast((line) => line.outlet === outlet && line.seq > fenced.seq),
  )
  const seen = states.flatMap((line) => (line ? [line] : []))
  if (seen.length === 0 || seen.length < outlets.length)
    return unknown(`the power unit was not asked about ${from} afterwards`, [fenced.seq])
  const on = seen.filter(({ state }) => state === 'on')
  const events = [fenced.seq, started.seq, ...seen.map(({ seq }) => seq)]
  if (on.length > 0)
    return violated(`${to} says that it fenced ${from}, and the power unit says that ${from} is on`, events)
  if (seen.some(({ state }) => state !== 'off'))
    return unknown(`the power unit does not say that ${from} is off`, events)
  return holds(`${to} switched ${from} off, and only then started the group`, events)
}
