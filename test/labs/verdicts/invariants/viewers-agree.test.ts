import { keys, look, on, plus, reservationText, without } from '../history.ts'
import { judged } from '../bearing.ts'
import {
  arraySays,
  arrayText,
  diskSays,
  keysRead,
  nexuses,
  reading,
  reserved,
  statusText,
  witnessed,
} from './key-histories.ts'
import type { Entry } from '../history.ts'

const { nodea: loser, nodeb: survivor } = keys
const { a, b } = nexuses
const lent = { port: 'nodea', key: survivor } as const

/** Both full statuses, and the array's view where it is given. */
const everywhere = (text: string, array?: string): readonly Entry[] => {
  const status = reading(witnessed, 'full-status', text, { since: 3000 })
  return array === undefined ? status : plus(status, arraySays(4000, array))
}

judged('viewers-agree', {
  'everybody says the same': [witnessed, 'pass'],
  'there is one viewer alone': [
    without(without(witnessed, 'array-keys'), 'keys', ({ host, at }) => host === 'nodeb' && at > 4000),
    'pass',
  ],
  "a survivor's path still shows the loser, and looked first": [
    keysRead(witnessed, 5, [survivor, loser], { host: 'observer' }),
    'inconclusive',
  ],
  'the same on a coordination point': [
    keysRead(witnessed, 5, [survivor, loser], { host: 'observer', lun: 'coord2' }),
    'inconclusive',
  ],
  'an older generation than before': [
    keysRead(witnessed, 4, [survivor], { host: 'observer', lun: 'coord2' }),
    'inconclusive',
  ],
  'one sees no reservation': [reserved(witnessed, null, undefined, { host: 'nodeb' }), 'inconclusive'],
  'one sees another holder': [reserved(witnessed, loser, undefined, { host: 'observer' }), 'inconclusive'],
  'one sees another type': [reserved(witnessed, survivor, 'Exclusive Access', { host: 'observer' }), 'inconclusive'],
  "a full status has the loser's key": [
    reading(witnessed, 'full-status', statusText(5, [a, b], survivor), { since: 3000, host: 'observer' }),
    'inconclusive',
  ],
  'a full status has another holder': [
    reading(witnessed, 'full-status', statusText(5, [b]), { since: 3000, host: 'observer' }),
    'inconclusive',
  ],
  'a full status was read right before the reservation was taken': [
    plus(
      reading(witnessed, 'full-status', statusText(5, [b]), { since: 3000, host: 'observer' }),
      look('observer', 3209, 'data1', 'reservation', reservationText(5, null)),
    ),
    'pass',
  ],
  'a full status has no holder, and there was one all the time': [
    plus(
      reading(witnessed, 'full-status', statusText(5, [b]), { since: 3000, host: 'observer' }),
      look('observer', 3209, 'data1', 'reservation', reservationText(5, survivor)),
    ),
    'inconclusive',
  ],
  "one full status has the survivor's key from the loser's port": [
    reading(witnessed, 'full-status', statusText(5, [lent], survivor), { since: 3000, host: 'observer' }),
    'inconclusive',
  ],
  "every witness has the survivor's key from the loser's port": [
    everywhere(statusText(5, [lent], survivor), arrayText(5, [lent], 'nodea')),
    'fail',
  ],
  'the array says that the loser is registered': [
    plus(witnessed, arraySays(4000, arrayText(5, [a, b], 'nodeb'))),
    'inconclusive',
  ],
  'the array says that nobody is': [plus(witnessed, arraySays(4000, arrayText(5, []))), 'inconclusive'],
  'the array says that the loser holds the reservation': [
    plus(witnessed, arraySays(4000, arrayText(5, [{ port: 'nodea', key: survivor }, b], 'nodea'))),
    'inconclusive',
  ],
  'the array said something else before it was out of reach': [
    plus(
      witnessed,
      arraySays(3500, arrayText(5, [a, b], 'nodeb')),
      on('observer', 3600, { type: 'connection', state: 'gone', reason: 'no answer' }),
    ),
    'pass',
  ],
  'the text of the array is not understood': [plus(witnessed, arraySays(4000, 'Passthrough\n')), 'pass'],
  "every preempt of the loser's key was refused": [
    witnessed.map((entry) =>
      entry.event.type === 'stack.log' && entry.event.text.includes('preempt-abort')
        ? { ...entry, event: { ...entry.event, text: entry.event.text.replace('"good"', '"conflict"') } }
        : entry,
    ),
    'inconclusive',
  ],
  "a survivor's own read shows the key that it preempted": [
    plus(witnessed, diskSays('nodeb', 3400, 'read-keys', 'good', [loser, survivor])),
    'inconclusive',
  ],
  "a survivor's own read from the end says otherwise": [
    plus(witnessed, diskSays('nodeb', 4300, 'read-keys', 'good', [survivor, '0x5a'])),
    'inconclusive',
  ],
  "what a loser's commands were told counts for nothing": [
    plus(witnessed, diskSays('nodea', 3250, 'read-keys', 'good', [loser])),
    'pass',
  ],
  'nobody looked at a coordination point in the end': [
    without(witnessed, 'keys', ({ at, event }) => at > 4000 && 'lun' in event && event.lun === 'coord3'),
    'inconclusive',
  ],
  'a look that failed beside a good one': [
    plus(witnessed, look('observer', 4450, 'data1', 'keys', '', { exit: 6, stderr: 'unit attention\n' })),
    'pass',
  ],
})
