import { ofType } from '../../journal/run.ts'
import { holds, list, survivors, unknown, violated, type Case, type Finding } from '../case.ts'
import { surelyWrites, wroteUntil } from '../ledger-gaps.ts'
import { logRead } from '../log-read.ts'
import { finalStatus } from '../membership.ts'
import { groupStarts, sameLife } from '../ownership.ts'
import type { LineOf } from '../../journal/event.ts'

/**
 * Of those who go on, exactly one runs the failover group in the end, as its stack says, and it writes: a write of it was
 * acknowledged in the last seconds before the lab stopped the ledger, and none of its writes failed or was refused since the
 * group was started there. Where nobody goes on, the group runs nowhere. Source: the scenario table, "continues to
 * work"; an array or a cluster that fences everybody protects the data and is no service.
 */
export function groupRunsOnceAndWrites(run: Case): Finding {
  const doubtful = run.nodes.filter(({ outcome }) => outcome === 'unknown')
  const statuses = run.nodes.flatMap(({ name }) => finalStatus(run, name) ?? [])
  const active = statuses.filter((status) => status.active === true)
  const running = survivors(run)
  const goesOn = (status: LineOf<'stack'>) => running.some(({ name }) => name === status.host)
  const hosts = list(active.map(({ host = '' }) => host))
  const events = active.map(({ seq }) => seq)
  if (active.length > 1) return violated(`the group runs on ${hosts}`, events)
  const stray = active.find((status) => !goesOn(status))
  if (doubtful.length > 0)
    return unknown(
      `it is not known what became of ${list(doubtful.map(({ name }) => name))}, and so whether the group runs there`,
      [...events, ...doubtful.flatMap((node) => node.events)],
    )
  if (stray) return violated(`the group runs on ${hosts}, which is out of the cluster`, events)
  if (running.length === 0)
    return holds(
      'nobody goes on, and the group runs nowhere',
      run.nodes.flatMap((node) => node.events),
    )
  const [status] = active
  return status ? writesOn(run, status) : runsNowhere(run, statuses.filter(goesOn))
}

function runsNowhere(run: Case, statuses: readonly LineOf<'stack'>[]): Finding {
  const running = survivors(run)
  const events = statuses.map(({ seq }) => seq)
  const silent = running.filter(({ name }) => !statuses.some((one) => one.host === name && one.active !== undefined))
  if (silent.length > 0)
    return unknown(`whether the group runs on ${list(silent.map(({ name }) => name))} is not known`, events)
  const writes = run.ledger.writes.filter(
    ({ node, result }) => result === 'acknowledged' && running.some(({ name }) => name === node),
  )
  if (wroteUntil(writes, run.frame.end))
    return unknown(`no stack says that the group runs on its node, and yet it wrote in the last seconds`, [
      ...events,
      ...writes.slice(-1).map(({ seq }) => seq),
    ])
  const formed = ofType(run.lines, 'stack.log').findLast(
    (line) =>
      (line.code === 'cluster-formed' || line.code === 'joined') &&
      running.some(({ name }) => name === line.host) &&
      line.at >= (run.frame.end?.at ?? Infinity) - settleMilliseconds,
  )
  if (formed)
    return unknown('the cluster was formed when the lab began to collect, and the group runs nowhere yet', [
      ...events,
      formed.seq,
    ])
  return violated(`${list(running.map(({ name }) => name))} goes on, and the group runs nowhere`, events)
}
/** how long a cluster may take from its first member to the start of the group: it waits for others, and secures the disks */
const settleMilliseconds = 15_000

function writesOn(run: Case, status: LineOf<'stack'>): Finding {
  const { host: node = '', hostAt = Infinity, seq } = status
  const life = { node, boot: run.clocks.bootOf(node, seq) }
  const stopped = ofType(run.lines, 'stack.log').findLast(
    (line) =>
      line.host === node &&
      (line.code === 'group-stopped' || line.code === 'group-started') &&
      (line.hostAt ?? -Infinity) > hostAt &&
      sameLife({ node, boot: run.clocks.bootOf(node, line.seq) }, life),
  )
  if (stopped)
    return unknown(`${node}: what its stack says of the group is older than its log: ${stopped.text}`, [
      seq,
      stopped.seq,
    ])
  const { end } = run.frame
  const log = end && logRead(run, node, end, end)
  if (log && log.state !== 'holds')
    return unknown(`${node}: whether its log tells that the group was stopped later is not known: ${log.text}`, [
      seq,
      ...log.events,
    ])
  const start = groupStarts(run)
    .filter((one) => sameLife(one, life) && one.hostAt <= hostAt)
    .reduce((last, one) => Math.max(last, one.hostAt), -Infinity)
  const since = run.frame.injected?.seq ?? Infinity
  const own = run.ledger.writes.filter(
    (write) => sameLife(write, life) && (start > -Infinity ? write.issuedAt >= start : write.seq > since),
  )
  const bad = own.filter(({ result }) => result !== 'acknowledged')
  if (bad.length > 0)
    return violated(
      `the group runs on ${node}, and its writes fail: ${list(bad.slice(0, 5).map(({ number, result, errno }) => `${number} was ${result} (errno ${errno})`))}${bad.length > 5 ? ` and ${bad.length - 5} more` : ''}`,
      [seq, ...bad.map((write) => write.seq)],
    )
  if (!wroteUntil(own, run.frame.end))
    return unknown(
      `the group runs on ${node}, and no write of it was acknowledged in the last ${surelyWrites / 1000} s before the lab stopped it`,
      [seq, ...own.slice(-1).map((write) => write.seq)],
    )
  return holds(`the group runs on ${node}, and it wrote until the lab stopped it`, [
    seq,
    ...own.slice(-1).map((write) => write.seq),
  ])
}
