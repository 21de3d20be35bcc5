import { holds, list, survivors, unknown, violated, type Case, type Finding } from '../case.ts'

/**
 * Of all nodes exactly one goes on. Two that go on after they lost each other are a split brain, whatever else is
 * known; none is an outage that the row does not allow. Source: VCS I/O fencing scenario table, "both private networks
 * fail": one node continues, the other panics.
 */
export function exactlyOneContinues(run: Case): Finding {
  const running = survivors(run)
  const doubtful = run.nodes.filter((node) => node.outcome === 'unknown')
  const others = run.nodes.filter((node) => node.outcome !== 'running')
  const events = running.flatMap((node) => node.events)
  const doubts = doubtful.map((node) => `${node.name}: ${node.why}`).join('; ')
  if (running.length > 1) {
    return violated(`${list(running.map((node) => node.name))} all continue: split brain`, events)
  }
  if (doubtful.length > 0) {
    const who = running[0] ? `${running[0].name} continues, but ` : ''
    return unknown(`${who}it is not known what became of ${list(doubtful.map((node) => node.name))} (${doubts})`, [
      ...events,
      ...doubtful.flatMap((node) => node.events),
    ])
  }
  const proofs = [...events, ...others.flatMap((node) => node.events)]
  if (running[0]) return holds(`${running[0].name} continues, nobody else does`, proofs)
  return run.nodes.length === 0 ? unknown('the recording names no node') : violated('no node continues', proofs)
}
