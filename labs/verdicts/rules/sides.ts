import type { NodeState } from '../../journal/nodes.ts'
import { ofType } from '../../journal/run.ts'
import { all, holds, list, nodeRecord, unknown, violated, type Case, type Finding } from '../case.ts'
import { said } from '../stages.ts'

type Side = readonly NodeState[]

/** The sub-clusters of the row, as nodes. */
function sidesOf(run: Case): readonly Side[] {
  return (run.started.scenario.sides ?? []).map((side) =>
    side.flatMap((role) => run.nodes.filter(({ name }) => name === run.roles[role])),
  )
}

const names = (side: Side) => list(side.map(({ name }) => name))
const isWhole = (side: Side) => side.length > 0 && side.every(({ outcome }) => outcome === 'running')

/**
 * Of the sides of a split exactly one goes on, whole, and every node of the others is proved to have panicked. Source: VCS
 * I/O fencing, "if the racer is the winner, all nodes in the mini-cluster continue; if not, all of them panic".
 */
export function oneSideContinues(run: Case): Finding {
  const sides = sidesOf(run)
  if (sides.length < 2) return unknown('the row names no sides')
  const running = sides.filter((side) => side.some(({ outcome }) => outcome === 'running'))
  if (running.length > 1) return violated(`${running.map(names).join(' and ')} go on: split brain`, running.flat().flatMap(({ events }) => events))
  const doubtful = sides.flat().filter(({ outcome }) => outcome === 'unknown')
  if (doubtful.length > 0) return unknown(`it is not known what became of ${names(doubtful)} (${doubtful.map(({ why }) => why).join('; ')})`, doubtful.flatMap(({ events }) => events))
  const [winner] = running
  const events = sides.flat().flatMap((node) => node.events)
  if (!winner) return violated('no side goes on', events)
  if (!isWhole(winner)) return violated(`only a part of ${names(winner)} goes on`, events)
  const others = sides.filter((side) => side !== winner).flat()
  const odd = others.filter(({ outcome }) => outcome !== 'panicked')
  if (odd.length > 0) return violated(`${names(odd)} did not panic`, odd.flatMap((node) => node.events))
  return holds(`${names(winner)} go on, ${names(others)} panicked`, events)
}

/** The larger side goes on. Same source, default preference: the larger sub-cluster races at once, the smaller one delays. */
export function largerSideContinues(run: Case): Finding {
  const [largest, second] = [...sidesOf(run)].sort((a, b) => b.length - a.length)
  if (!largest || !second || largest.length === second.length) return unknown('no side of the row is larger than the others')
  const events = largest.flatMap((node) => node.events)
  const doubtful = largest.filter(({ outcome }) => outcome === 'unknown')
  if (doubtful.length > 0) return unknown(`it is not known what became of ${names(doubtful)}`, events)
  return isWhole(largest) ? holds(`the larger side, ${names(largest)}, goes on`, events) : violated(`the larger side, ${names(largest)}, does not go on`, events)
}

/**
 * In each side only the lowest node races, and the others wait for its result: who goes on says that it survived by the
 * racer, and nobody but the racers touched a coordination point. Source: VCS I/O fencing, racer and spectators.
 */
export function racerAndSpectators(run: Case): Finding {
  const since = run.frame.injected?.seq ?? Infinity
  return all(
    sidesOf(run).map((side) => {
      const [racer, ...spectators] = [...side].sort((a, b) => nodeRecord(run, a.name).id - nodeRecord(run, b.name).id)
      if (!racer) return unknown('a side has no node')
      const usurper = ofType(run.lines, 'stack.log').find(
        (line) => line.code === 'race-point' && line.seq > since && spectators.some(({ name }) => name === line.host),
      )
      if (usurper) return violated(`${usurper.host} raced, which is ${racer.name}'s to do`, [usurper.seq])
      const raced = said(run, racer.name, 'race-point', since) ?? said(run, racer.name, 'membership-change', since)
      if (!raced) return unknown(`${racer.name}: its log does not tell that it raced`)
      const silent = isWhole(side) ? spectators.filter(({ name }) => !said(run, name, 'race-survived', since)) : []
      if (silent.length > 0) return unknown(`${names(silent)} did not tell that ${racer.name} won for them`, [raced.seq])
      return holds(`${racer.name} raced${spectators.length > 0 ? ` for ${names(spectators)}` : ' alone'}`, [raced.seq])
    }),
    'the row names no sides',
  )
}
