import { expect, it } from 'vitest'
import { judge } from '../../../../labs/verdicts/judge.ts'
import { keys, recorded, without } from '../history.ts'
import { judged } from '../bearing.ts'
import { everyRow } from '../every-row.ts'
import { oneLinkFails } from '../rows.ts'
import { attackedType5 } from '../takeover-rows.ts'
import { keysRead, reserved, witnessed } from './key-histories.ts'

const { nodea: loser, nodeb: survivor } = keys
const stranger = '0x5a'

judged('data-disks-hold-members-keys', {
  'the survivor is alone, and holds the reservation': [witnessed, 'pass'],
  'its key is registered twice, once for each path': [keysRead(witnessed, 5, [survivor, survivor]), 'pass'],
  'two nodes continue, and one of them holds it': [oneLinkFails, 'pass'],
  'under an all-registrants type nobody is named': [
    reserved(witnessed, '0x0', 'Write Exclusive, all registrants'),
    'pass',
  ],
  'exclusive access, held by the survivor': [reserved(witnessed, survivor, 'Exclusive Access'), 'pass'],
  'the loser is still registered': [keysRead(witnessed, 5, [survivor, loser]), 'fail'],
  'the key of a stranger': [keysRead(witnessed, 5, [survivor, stranger]), 'fail'],
  'the data disk forgot every key': [keysRead(witnessed, 5, []), 'fail'],
  'two nodes continue, and the data disk forgot them': [keysRead(oneLinkFails, 4, [], { since: 3000 }), 'fail'],
  'the loser holds the reservation': [reserved(witnessed, loser), 'fail'],
  'the loser holds it alone': [reserved(witnessed, loser, 'Write Exclusive'), 'fail'],
  'a key that nobody has holds it': [reserved(witnessed, stranger), 'fail'],
  'no reservation': [reserved(witnessed, null), 'fail'],
  'an obsolete type': [reserved(witnessed, survivor, 'obsolete [2]'), 'fail'],
  'the scope of an element': [reserved(witnessed, survivor, undefined, { scope: '2 ' }), 'fail'],
  'key 0 holds a type that one nexus holds': [reserved(witnessed, '0x0'), 'inconclusive'],
  'only the observer sees the loser': [keysRead(witnessed, 5, [survivor, loser], { host: 'observer' }), 'inconclusive'],
  "only the survivor's path sees the loser hold it": [
    reserved(witnessed, loser, undefined, { host: 'nodeb' }),
    'inconclusive',
  ],
  'nobody looked at the keys in the end': [
    without(witnessed, 'keys', ({ at, event }) => at > 4000 && 'action' in event && event.action === 'keys'),
    'inconclusive',
  ],
  'nobody read the reservation in the end': [
    without(witnessed, 'keys', ({ at, event }) => at > 4000 && 'action' in event && event.action === 'reservation'),
    'inconclusive',
  ],
  'it is not known what became of the loser': [without(witnessed, 'panic-event'), 'inconclusive'],
})

judged(
  'data-disks-hold-members-keys',
  {
    'only the node with the group is registered': [attackedType5, 'pass'],
    'it was empty whenever it was looked at in the end': [
      keysRead(attackedType5, 7, [], { since: 6300 }),
      'inconclusive',
    ],
    'the old owner is registered, too': [keysRead(attackedType5, 7, [keys.nodea, keys.nodeb], { since: 6000 }), 'fail'],
    'the group runs nowhere': [
      attackedType5.map((entry) =>
        entry.event.type === 'stack' ? { ...entry, event: { ...entry.event, active: false } } : entry,
      ),
      'inconclusive',
    ],
  },
  'where only one registers',
)

it('says nothing where the policy registers no keys, and where no node continues', () => {
  for (const row of ['ping-ideal', 'coordinators-lost-then-crash']) {
    const reasons = judge(recorded(everyRow[row] ?? [])).reasons
    expect(reasons.map(({ rule }) => rule)).not.toContain('data-disks-hold-members-keys')
  }
})
