import { ofType } from '../../journal/run.ts'
import { believable, holds, lunsFor, unknown, violated, type Case, type Finding } from '../case.ts'
import { majority } from '../majority.ts'
import { expectedToBe, isOlder, lastOperation } from '../stages.ts'
import type { KeyReading } from '../../journal/key-tables.ts'

/**
 * What keeps a node out stays: from its start, in the attempt that is looked at, until the operator clears the keys (or
 * until the end), the keys on a majority of the coordination points are what they were, and there are some. A node that is
 * kept out must not help itself. Source: the scenario table; "resolve preexisting split-brain condition" is the operator's.
 */
export function keysStayedUntilCleared(run: Case): Finding {
  const [first] = expectedToBe(run, 'refused-to-join')
  if (!first) return unknown('the row expects nobody to be refused, or did not come that far')
  const { node, stage } = first
  const start = lastOperation(run, 'start', node, stage.begun.seq)
  if (!start) return unknown(`${node} was not started before ${stage.name}`)
  const clearing = ofType(run.lines, 'operation').filter(
    (line) => line.operation === 'clear-keys' && line.seq > start.seq,
  )
  const refused = ofType(run.lines, 'stack').find(
    (line) => line.host === node && line.state === 'refused' && line.seq > start.seq && !isOlder(run, line, start),
  )
  const span = {
    from: start.at,
    refused: Math.min(stage.begun.at, refused?.at ?? Infinity),
    until: clearing[0]?.at ?? Infinity,
    cleared: clearing.find(({ step }) => step === 'done')?.at ?? Infinity,
  }
  return majority(lunsFor(run, 'coordination').map((lun) => stayed(run, lun.name, span)))
}

interface KeptOut {
  readonly from: number
  /** by then it had been kept out: a reading from before may be older than what it did */
  readonly refused: number
  /** where the operator began to clear them: from then on they may be others */
  readonly until: number
  /** where that was over: until then they may still be the same, which shows that they were */
  readonly cleared: number
}

function stayed(run: Case, lun: string, { from, refused, until, cleared }: KeptOut): Finding {
  const readings = believable(run, lun)
  const before = readings.findLast(({ ended }) => ended.latest <= from)
  const during = readings.filter(({ began, ended }) => began.earliest >= from && ended.latest <= until)
  if (!before) return unknown(`${lun}: it was not read before the start`)
  const changed = during.find((reading) => keySet(reading) !== keySet(before))
  if (changed) {
    return violated(
      `${lun}: the keys changed while a node was kept out: ${keySet(before) || 'none'}, then ${keySet(changed) || 'none'}`,
      [before.seq, changed.seq],
    )
  }
  const last = readings.findLast(
    (one) => one.began.earliest >= refused && one.ended.latest <= cleared && keySet(one) === keySet(before),
  )
  if (!last) return unknown(`${lun}: it was not read after a node was kept out`, [before.seq])
  if (before.answer.keys.length === 0)
    return violated(`${lun}: there was no key that could have kept a node out`, [before.seq])
  return holds(`${lun}: ${keySet(before)} stayed`, [before.seq, last.seq])
}

const keySet = ({ answer }: KeyReading) => [...new Set(answer.keys)].sort().join(' ')
