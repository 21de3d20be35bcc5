import type { KeyReading } from '../../journal/key-tables.ts'
import { believable, holds, lunsFor, unknown, violated, type Case, type Finding } from '../case.ts'
import { majority } from '../majority.ts'
import { expectedToBe, lastOperation } from '../stages.ts'

/**
 * What keeps a node out stays: from the first time that a node is expected to be refused until the operator clears the keys
 * (or until the end), the keys on a majority of the coordination points are what they were, and there are some. A node that
 * is kept out must not help itself. Source: the scenario table; "resolve preexisting split-brain condition" is the
 * operator's.
 */
export function keysStayedUntilCleared(run: Case): Finding {
  const [first] = expectedToBe(run, 'refused-to-join')
  if (!first) return unknown('the row expects nobody to be refused, or did not come that far')
  const start = lastOperation(run, 'start', first.node, first.stage.begun.seq)
  if (!start) return unknown(`${first.node} was not started before ${first.stage.name}`)
  const cleared = lastOperation(run, 'clear-keys', undefined)
  const until = cleared && cleared.seq > start.seq ? cleared.at : Infinity
  return majority(lunsFor(run, 'coordination').map((lun) => stayed(run, lun.name, start.at, until)))
}

function stayed(run: Case, lun: string, from: number, until: number): Finding {
  const readings = believable(run, lun)
  const before = readings.findLast(({ ended }) => ended.latest <= from)
  const during = readings.filter(({ began, ended }) => began.earliest >= from && ended.latest <= until)
  const last = during.at(-1)
  if (!before || !last) return unknown(`${lun}: it was not read before and after the start`)
  const changed = during.find((reading) => keySet(reading) !== keySet(before))
  if (changed) return violated(`${lun}: the keys changed while a node was kept out: ${keySet(before) || 'none'}, then ${keySet(changed) || 'none'}`, [before.seq, changed.seq])
  if (before.answer.keys.length === 0) return violated(`${lun}: there was no key that could have kept a node out`, [before.seq])
  return holds(`${lun}: ${keySet(before)} stayed`, [before.seq, last.seq])
}

const keySet = ({ answer }: KeyReading) => [...new Set(answer.keys)].sort().join(' ')
