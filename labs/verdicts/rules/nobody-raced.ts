import { lastStep } from '../../journal/faults.ts'
import { ofType } from '../../journal/run.ts'
import { all, holds, list, unknown, violated, type Case, type Finding } from '../case.ts'
import { lastWords } from '../last-words.ts'
import { logsRead } from '../log-read.ts'
import { membersWithOneAnother } from '../membership.ts'
import { isOlder, raceCodes, type Mark } from '../stages.ts'
import type { LineOf } from '../../journal/event.ts'

/**
 * Nobody was taken for gone, and nobody raced: no node tells of a membership change that was not agreed, in its log, by its
 * stack's state or on its console, each log was read to its end, and in the end those who go on
 * are members with one another. Source: the scenario table, "no node leaves the cluster membership".
 */
export function nobodyRaced(run: Case): Finding {
  const { injected, end } = run.frame
  if (!injected || !end) return unknown('nothing was done to anybody')
  const raced = fightOf(run, injected)
  if (raced) return violated(`${raced.host}: ${raced.text}`, [raced.seq])
  const doubtful = run.nodes.filter(({ outcome }) => outcome === 'unknown')
  if (doubtful.length > 0)
    return unknown(
      `it is not known what became of ${list(doubtful.map(({ name }) => name))}`,
      doubtful.flatMap(({ events }) => events),
    )
  const names = run.nodes.map(({ name }) => name)
  return all([...logsRead(run, names, injected, end), ...membersWithOneAnother(run)], 'nobody is proved to go on')
}

/**
 * What was done to the LUNs is noticed by nobody until something else happens: at the first checkpoint of the row, which
 * came after it, every node is still a member, and nobody had raced. Source: VCS 5.1 SP1 administrator's guide, lost
 * coordinator keys: fencing does not poll.
 */
export function nobodyNoticed(run: Case): Finding {
  const { steps } = run.started.scenario
  const place = steps.findIndex((step) => step.do === 'checkpoint')
  const checkpoint = run.checkpoints.find(({ name }) =>
    steps.some((step, index) => index === place && step.do === 'checkpoint' && step.name === name),
  )
  const planned = steps.slice(0, Math.max(place, 0)).flatMap((step) => (step.do === 'fault' ? [step.id] : []))
  const taken = planned.map((id) => {
    const life = run.faults.find((fault) => fault.id === id && fault.taken === true)
    return life && lastStep(life.steps, 'verified')
  })
  const [first] = taken
  if (!checkpoint || !first || taken.some((line) => !line || line.seq > checkpoint.begun.seq)) {
    return unknown('the row did not come to its first checkpoint, or what it did before had not taken by then')
  }
  // until it is seen that a fault took, somebody may have noticed it already
  const raced = fightOf(run, run.frame.injected ?? first, checkpoint.done.seq)
  if (raced) return violated(`${raced.host} noticed: ${raced.text}`, [first.seq, raced.seq])
  const names = run.nodes.map(({ name }) => name)
  const logs = logsRead(run, names, run.frame.injected ?? first, checkpoint.begun)
  return all(
    [
      ...logs,
      ...checkpoint.nodes.map((node) =>
        node.outcome === 'running'
          ? holds(`${node.name} goes on as if nothing had happened`, [first.seq, ...node.events])
          : node.outcome === 'unknown'
            ? unknown(`${node.name}: ${node.why}`, node.events)
            : violated(`${node.name} is ${node.outcome} already`, node.events),
      ),
    ],
    'the recording names no node',
  )
}

interface Told extends Mark {
  readonly host: string
  readonly text: string
}

/** The first that anybody told of a fight about the membership: in its log, by what its stack says of itself, or on its console. */
function fightOf(run: Case, since: Mark, to = Infinity): Told | undefined {
  const told = [
    ...ofType(run.lines, 'stack.log').filter(({ code }) => raceCodes.includes(code ?? '')),
    ...ofType(run.lines, 'stack').filter(({ state }) => fighting.includes(state)),
  ].filter((line) => line.seq > since.seq && line.seq < to && !isOlder(run, line, since))
  const words = run.nodes.flatMap(({ name }): Told[] => {
    const line = lastWords(run, name, 'race', since)
    return line && line.seq < to ? [{ ...line, at: since.at, host: name }] : []
  })
  return [...told.map(({ seq, at, host = '', text }) => ({ seq, at, host, text })), ...words].toSorted(
    (one, other) => one.seq - other.seq,
  )[0]
}
const fighting: readonly LineOf<'stack'>['state'][] = ['racing', 'waiting', 'lost']
