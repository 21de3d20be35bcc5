import { expect, it } from 'vitest'
import { judge } from '../../../../labs/verdicts/judge.ts'
import { changed, member, message, plus, recorded, without, write, type Entry, type Node } from '../history.ts'
import { judged } from '../bearing.ts'
import { everyRow } from '../every-row.ts'
import { bothRebooted } from '../restart-rows.ts'
import { bothLinksFail, oneLinkFails } from '../rows.ts'
import { split } from '../side-rows.ts'
import { attackedType1 } from '../takeover-rows.ts'

const noClock = (row: readonly Entry[], host: Node) => without(row, 'clock', (entry) => entry.host === host)
/** A write of the old owner that was issued before the other started the group, and acknowledged and told of long after. */
const slow = (issued: number, told: number): Entry => {
  const { event, hostAt = 0, ...entry } = write('nodea', issued, 5)
  if (event.type !== 'ledger.write') throw new Error('no write')
  const late = (told - issued) / 1000
  return { ...entry, at: told, hostAt: hostAt + late, event: { ...event, completed: event.completed + late } }
}
const started = (row: readonly Entry[], at: number) =>
  plus(row, message('nodeb', at, 'group-started', 'the group is active here, epoch 2', { epoch: 2 }))
const followed = (row: readonly Entry[], ...steps: readonly Entry[]) =>
  changed(plus(row, ...steps), 'run.started', (event) => ({ ...event, revision: 3 }))
const step = (at: number, what: 'began' | 'reached', told?: number): Entry => ({
  at,
  host: 'nodea',
  event: { type: 'follow', what: 'stack.log', step: what, line: 1, ...(told !== undefined && { told }) },
})
const toldByA = split.filter(({ event, host }) => event.type === 'stack.log' && host === 'nodea').length
const beside = plus(split, write('nodeb', 4000, 1))

judged('only-the-owner-writes', {
  'the group stays where it was, and nobody else writes': [oneLinkFails, 'pass'],
  'two go on, and one of them writes': [split, 'pass'],
  'the group was taken over, and its old owner wrote before': [bothLinksFail, 'pass'],
  'the group was taken over by a cluster that formed anew': [bothRebooted, 'pass'],
  'who has it in the end started it in a later life': [everyRow['survivor-dies-then-clear'] ?? [], 'pass'],
  'a write of the old owner before the other started it, acknowledged long after': [
    plus(started(bothLinksFail, 3100), slow(3050, 3290)),
    'pass',
  ],
  'a write of the old owner that the storage refused': [
    plus(started(bothLinksFail, 3100), write('nodea', 3120, 6, 1, 'refused')),
    'pass',
  ],
  'another who goes on writes beside it': [beside, 'fail'],
  'another who goes on writes beside it when everything is collected': [plus(split, write('nodeb', 5000, 1)), 'fail'],
  'one of a side that was lost writes beside it': [plus(split, write('nodec', 2000, 1)), 'fail'],
  'the old owner writes after the other started it': [
    plus(started(attackedType1, 3060), write('nodea', 4100, 9)),
    'fail',
  ],
  'another writes beside it, and its write was refused': [plus(split, write('nodeb', 4000, 1, 1, 'refused')), 'pass'],
  'another writes before anything was done': [plus(split, write('nodeb', 600, 1)), 'pass'],
  'when another wrote is not known': [noClock(beside, 'nodeb'), 'inconclusive'],
  'when the old owner wrote is not known, and all of it was told before': [
    noClock(
      started(
        without(bothLinksFail, 'ledger.write', ({ at }) => at === 3140),
        3100,
      ),
      'nodea',
    ),
    'pass',
  ],
  "another writes beside it, and the owner's log was read to its end": [
    followed(beside, step(10, 'began'), step(5050, 'reached', toldByA)),
    'fail',
  ],
  "another writes beside it, and the owner's log was not read to its end": [
    followed(beside, step(10, 'began')),
    'inconclusive',
  ],
  'since when it runs there is not known': [
    changed(oneLinkFails, 'stack', (event, { at }) => (at < 1000 ? { ...event, active: false } : event)),
    'inconclusive',
  ],
})

it('says nothing where nobody goes on, or the group runs on two', () => {
  const rulesOf = (row: readonly Entry[]) => judge(recorded(row)).reasons.map(({ rule }) => rule)
  expect(rulesOf(everyRow['ping-frozen-vm'] ?? [])).not.toContain('only-the-owner-writes')
  const twice = plus(split, member('nodeb', 5800, { active: true, members: ['nodea', 'nodeb'] }))
  expect(rulesOf(twice)).not.toContain('only-the-owner-writes')
})
