import { describe, expect, it } from 'vitest'
import { judge } from '../../../../labs/verdicts/judge.ts'
import { applyFault, changed, failedLook, keys, plus, recorded, without, type Entry } from '../history.ts'
import { judged } from '../bearing.ts'
import { everyRow } from '../every-row.ts'
import { coordinatorsLost, coordinatorsLostThenLeft, noConnection } from '../point-rows.ts'
import { bothLinksFail, oneLinkFails } from '../rows.ts'
import { split } from '../side-rows.ts'
import { keysRead } from './key-histories.ts'

const { nodea: loser, nodeb: survivor } = keys
const points = ['coord1', 'coord2', 'coord3'] as const
const onAll = (row: readonly Entry[], list: readonly string[], host?: string) =>
  points.reduce<readonly Entry[]>(
    (made, lun) => keysRead(made, 5, list, { lun, since: 4000, ...(host !== undefined && { host }) }),
    row,
  )
const at = (
  row: readonly Entry[],
  lun: string,
  list: readonly string[],
  over: { host?: string; since?: number } = {},
) => keysRead(row, 5, list, { lun, ...over })
/** No look at a point from the end was answered. */
const unread = (row: readonly Entry[], lun: string, since: number) =>
  row.map((entry) =>
    entry.event.type === 'keys' && entry.event.lun === lun && entry.at > since
      ? failedLook(entry.host ?? '', entry.at, lun)
      : entry,
  )
/** It fails with exit 0, as a transport does under sg_persist 1.46. */
const gone = (row: readonly Entry[], lun: string, since: number) =>
  changed(row, 'keys', (event, entry) =>
    event.lun === lun && entry.at > since ? { ...event, stderr: noConnection } : event,
  )
/** A row that also clears the keys of coord1. */
const cleared = (taken: boolean) =>
  changed(plus(oneLinkFails, ...applyFault(1150, 'cleared-1', { lun: 'coord1' })), 'fault', (event) =>
    event.id === 'cleared-1' && event.step === 'verified' ? { ...event, ok: taken } : event,
  )

judged('points-hold-members-keys', {
  'the survivor is alone on each': [bothLinksFail, 'pass'],
  'its key is registered twice, once for each path': [at(bothLinksFail, 'coord2', [survivor, survivor]), 'pass'],
  'two continue, in another order': [at(oneLinkFails, 'coord1', [survivor, loser], { since: 3000 }), 'pass'],
  'two of three continue': [split, 'pass'],
  'two of the points are on an array that the row switched off': [coordinatorsLost, 'pass'],
  'one of the points lost its keys by the row': [at(cleared(true), 'coord1', [], { since: 2000 }), 'pass'],
  'a point lost its keys, and the row had meant to clear it in vain': [
    at(cleared(false), 'coord1', [], { since: 2000 }),
    'fail',
  ],
  'another point than the one that was cleared lost its keys': [
    at(cleared(true), 'coord2', [], { since: 2000 }),
    'fail',
  ],
  'the loser is registered on one point': [at(bothLinksFail, 'coord3', [survivor, loser]), 'fail'],
  'the loser is registered on all': [onAll(bothLinksFail, [survivor, loser]), 'fail'],
  'one point forgot every key': [at(bothLinksFail, 'coord1', []), 'fail'],
  'one point holds the key of nobody': [at(bothLinksFail, 'coord2', [survivor, '0x5a']), 'fail'],
  'one of two who continue is missing on one point': [at(oneLinkFails, 'coord2', [loser], { since: 3000 }), 'fail'],
  'who left is registered still, on the point that answers': [
    at(coordinatorsLostThenLeft, 'coord1', [loser, survivor], { since: 5000 }),
    'fail',
  ],
  'only the observer sees the loser': [
    at(bothLinksFail, 'coord1', [survivor, loser], { host: 'observer' }),
    'inconclusive',
  ],
  'only the survivor misses its key everywhere': [onAll(bothLinksFail, [], 'nodeb'), 'inconclusive'],
  'a point of no array that is off was not read': [unread(bothLinksFail, 'coord1', 4000), 'inconclusive'],
  'the transport of all looks at one point failed': [gone(bothLinksFail, 'coord2', 4000), 'inconclusive'],
  'the point that is left was not read': [gone(coordinatorsLost, 'coord1', 4000), 'inconclusive'],
  'nobody looked in the end': [without(bothLinksFail, 'keys', ({ at: when }) => when > 4000), 'inconclusive'],
  'it is not known what became of the loser': [without(bothLinksFail, 'panic-event'), 'inconclusive'],
})

describe('says nothing', () => {
  const rulesOf = (row: readonly Entry[]) => judge(recorded(row)).reasons.map(({ rule }) => rule)
  it.each(['ping-ideal', 'pr-frozen-vm-type-5', 'reserve-release', 'power-fencing'])(
    'where the policy registers no keys there: %s',
    (row) => expect(rulesOf(everyRow[row] ?? [])).not.toContain('points-hold-members-keys'),
  )
  it.each(['coordinators-lost-then-crash', 'coordinator-keys-lost', 'unclean-stop'])(
    'where nobody goes on: %s',
    (row) => expect(rulesOf(everyRow[row] ?? [])).not.toContain('points-hold-members-keys'),
  )
})
