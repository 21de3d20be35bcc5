import { ofType } from '../../journal/run.ts'
import { holds, nodeOfRole, unknown, violated, type Case, type Finding } from '../case.ts'
import { said } from '../stages.ts'

/**
 * A stop that is not clean costs a healthy peer: the node that is stopped by force races at once, and the other, which had
 * heard it until then and did nothing wrong, is ejected and panics. Source: TECH191874, "unable to unconfigure fencing
 * since clients still active": a documented defect, shown here so that it is known when it is met.
 */
export function healthyPeerWasEjected(run: Case): Finding {
  const stopped = nodeOfRole(run, 'A')
  const peer = nodeOfRole(run, 'B')
  const since = run.frame.injected
  if (!stopped || !peer || !since) return unknown('the roles A and B are not bound, or nothing was done')
  const healthy = ofType(run.lines, 'stack').findLast(
    (line) => line.host === peer.name && line.answered && line.seq < since.seq,
  )
  if (healthy?.state !== 'member')
    return unknown(`${peer.name} is not proved to have been healthy before`, healthy ? [healthy.seq] : [])
  const forced = said(run, stopped.name, 'unclean-stop', since)
  if (!forced) return unknown(`${stopped.name} did not say that it was stopped by force`)
  const won = said(run, stopped.name, 'race-won', forced)
  if (peer.outcome === 'unknown') return unknown(`${peer.name}: ${peer.why}`, peer.events)
  if (peer.outcome !== 'panicked')
    return violated(`${peer.name} is ${peer.outcome}: the unclean stop did not cost it`, [forced.seq, ...peer.events])
  if (!won)
    return unknown(`${peer.name} panicked, and ${stopped.name} did not say that it won a race`, [
      forced.seq,
      ...peer.events,
    ])
  return holds(`${peer.name}, healthy until then, panicked because ${stopped.name} was stopped by force`, [
    healthy.seq,
    forced.seq,
    won.seq,
    ...peer.events,
  ])
}
