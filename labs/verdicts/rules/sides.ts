import type { LineOf } from '../../journal/event.ts'
import type { NodeState } from '../../journal/nodes.ts'
import { all, holds, list, nodeRecord, survivors, unknown, violated, type Case, type Finding } from '../case.ts'
import { logsRead } from '../log-read.ts'
import { membersWithOneAnother } from '../membership.ts'
import { said } from '../stages.ts'

type Side = readonly NodeState[]

/** The sub-clusters of the row, as nodes; undefined where it names fewer than two, or a role of them is bound to no node. */
function sidesOf(run: Case): readonly Side[] | undefined {
  const { sides = [] } = run.started.scenario
  const found = sides.map((side) => side.flatMap((role) => run.nodes.filter(({ name }) => name === run.roles[role])))
  const isWhole =
    sides.length > 1 && sides.every((side, index) => side.length > 0 && side.length === found[index]?.length)
  return isWhole ? found : undefined
}
const noSides = 'the row names no sides, or not every role of them is bound to a node'

const names = (side: Side) => list(side.map(({ name }) => name))
const eventsOf = (side: Side) => side.flatMap(({ events }) => events)
const isWhole = (side: Side) => side.every(({ outcome }) => outcome === 'running')
const goesOn = (side: Side) => side.some(({ outcome }) => outcome === 'running')
const doubtfulOf = (side: Side) => side.filter(({ outcome }) => outcome === 'unknown')
const notKnown = (side: Side) =>
  unknown(`it is not known what became of ${list(side.map(({ name, why }) => `${name} (${why})`))}`, eventsOf(side))

/**
 * Of the sides of a split exactly one goes on, whole and as one cluster, every node of the others is proved to have
 * panicked, and nobody else goes on. Source: VCS I/O fencing, "if the racer is the winner, all nodes in the mini-cluster
 * continue; if not, all of them panic".
 */
export function oneSideContinues(run: Case): Finding {
  const sides = sidesOf(run)
  if (!sides) return unknown(noSides)
  const running = sides.filter(goesOn)
  if (running.length > 1)
    return violated(`${running.map(names).join(' and ')} go on: split brain`, eventsOf(running.flat()))
  const doubtful = doubtfulOf(sides.flat())
  if (doubtful.length > 0) return notKnown(doubtful)
  const [winner] = running
  const events = eventsOf(sides.flat())
  const strangers = survivors(run).filter((node) => !sides.flat().includes(node))
  if (strangers.length > 0) return violated(`${names(strangers)} goes on, and was no member`, eventsOf(strangers))
  if (!winner) return violated('no side goes on', events)
  if (!isWhole(winner)) return violated(`only a part of ${names(winner)} goes on`, events)
  const others = sides.filter((side) => side !== winner).flat()
  const odd = others.filter(({ outcome }) => outcome !== 'panicked')
  if (odd.length > 0) return violated(`${names(odd)} did not panic`, eventsOf(odd))
  const apart = membersWithOneAnother(run).filter(({ state }) => state !== 'holds')
  if (apart.length > 0) return all(apart, '')
  return holds(`${names(winner)} go on, ${names(others)} panicked`, events)
}

/** The larger side goes on. Same source, default preference: the larger sub-cluster races at once, the smaller one delays. */
export function largerSideContinues(run: Case): Finding {
  const [largest, second] = (sidesOf(run) ?? []).toSorted((a, b) => b.length - a.length)
  if (!largest || !second || largest.length === second.length)
    return unknown('no side of the row is larger than the others')
  const doubtful = doubtfulOf(largest)
  if (doubtful.length > 0) return notKnown(doubtful)
  const text = `the larger side, ${names(largest)},`
  return isWhole(largest)
    ? holds(`${text} goes on`, eventsOf(largest))
    : violated(`${text} does not go on`, eventsOf(largest))
}

/**
 * In each side only the lowest node races, and the others wait for its result: the racer of the side that goes on won, who
 * goes on with it says that it survived by that racer, and nobody but the racers touched a coordination point: so say the logs of
 * those who go on, read to their ends (that of one who panicked cannot be). Source: VCS
 * I/O fencing, racer and spectators.
 */
export function racerAndSpectators(run: Case): Finding {
  const sides = sidesOf(run)
  return sides
    ? all(
        sides.map((side) => racedFor(run, side)),
        noSides,
      )
    : unknown(noSides)
}

function racedFor(run: Case, side: Side): Finding {
  const since = run.frame.injected
  const [racer, ...spectators] = side.toSorted((a, b) => nodeRecord(run, a.name).id - nodeRecord(run, b.name).id)
  if (!racer) return unknown('a side has no node')
  const usurper = spectators.flatMap(({ name }) => said(run, name, ['race-point', 'race-won'], since) ?? [])[0]
  if (usurper) return violated(`${usurper.host} raced, which is ${racer.name}'s to do`, [usurper.seq])
  const going = spectators.flatMap(({ name, outcome }) => (outcome === 'running' ? [name] : []))
  const logs = since && run.frame.end ? logsRead(run, going, since, run.frame.end) : []
  const unread = logs.find(({ state }) => state !== 'holds')
  if (unread) return unknown(`that only ${racer.name} raced is not known: ${unread.text}`, unread.events)
  const doubtful = doubtfulOf(side)
  if (doubtful.length > 0) return notKnown(doubtful)
  if (!goesOn(side)) {
    const raced = said(run, racer.name, ['race-point', 'race-lost'], since) ?? announced(run, racer.name)
    return raced
      ? holds(`${racer.name} raced for its side`, [raced.seq])
      : unknown(`${racer.name}: its log does not tell that it raced`)
  }
  const won = said(run, racer.name, 'race-won', since)
  if (!won) return unknown(`${racer.name}: its log does not tell that it won`)
  const survived = spectators.map(({ name }) => ({ name, line: said(run, name, 'race-survived', since) }))
  const silent = survived.filter(({ line }) => !line || !callsRacer(line, racer.name))
  if (silent.length > 0)
    return unknown(`${list(silent.map(({ name }) => name))} did not tell that ${racer.name} won for them`, [won.seq])
  const proofs = survived.flatMap(({ line }) => (line ? [line.seq] : []))
  return holds(`${racer.name} raced${spectators.length > 0 ? ` for ${names(spectators)}` : ' alone'}, and won`, [
    won.seq,
    ...proofs,
  ])
}

/** A loser's last words may be lost with its kernel: that it was about to race it had said when it lost the others. */
function announced(run: Case, racer: string): LineOf<'stack.log'> | undefined {
  const line = said(run, racer, 'membership-change', run.frame.injected)
  return line?.data?.['racer'] === racer ? line : undefined
}

/** Whether a line of a log names this racer: for programs, or (where it has nothing for them) in its words. */
function callsRacer({ data, text }: LineOf<'stack.log'>, racer: string): boolean {
  return data ? data['racer'] === racer : text.split(/[^A-Za-z0-9_-]+/).includes(racer)
}
