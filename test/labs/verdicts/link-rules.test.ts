import { judged } from './bearing.ts'
import {
  boots,
  changed,
  clocks,
  failedLook,
  keys,
  keysText,
  lacking,
  look,
  member,
  message,
  on,
  panic,
  plus,
  probe,
  says,
  without,
  write,
  type Entry,
} from './history.ts'
import { oneLinkFails } from './rows.ts'

const row = oneLinkFails
const both = [keys.nodea, keys.nodeb]
const end = 3000

judged('all-continue', {
  'both continue': [row, 'pass'],
  'both continue, each as a cluster of its own': [
    changed(row, 'stack', (event, { host, at }) =>
      at > end && host !== undefined ? { ...event, members: [host] } : event,
    ),
    'fail',
  ],
  'the group runs on both in the end': [
    changed(row, 'stack', (event, { at }) => (at > end ? { ...event, active: true } : event)),
    'fail',
  ],
  'one left and came back': [
    plus(
      row,
      message('nodeb', 2200, 'left', 'left cleanly'),
      says('nodeb', 2210, 'left'),
      says('nodeb', 2300, 'joining'),
    ),
    'fail',
  ],
  'one had joined before the fault, and its line came late': [
    plus(row, { ...says('nodeb', 2300, 'joining'), hostAt: 200.5 }),
    'pass',
  ],
  'the stack of one does not say who is a member': [
    changed(row, 'stack', (event, { host, at }) => (host === 'nodeb' && at > end ? lacking(event, 'members') : event)),
    'inconclusive',
  ],
  'one panicked': [
    plus(
      row.filter((entry) => entry.at < 3000 || entry.host !== 'nodeb'),
      ...panic('nodeb', 2900),
    ),
    'inconclusive',
  ],
  'one panicked and is gone': [
    plus(
      row.filter((entry) => entry.at < 2900 || (entry.host !== 'nodeb' && entry.at !== 3610)),
      ...panic('nodeb', 2900),
    ),
    'fail',
  ],
  'one left': [
    changed(row, 'stack', (event, { host, at }) =>
      host === 'nodeb' && at > end ? { ...event, state: 'left' } : event,
    ),
    'fail',
  ],
  'one refused to join': [
    changed(row, 'stack', (event, { host, at }) =>
      host === 'nodeb' && at > end ? { ...event, state: 'refused' } : event,
    ),
    'fail',
  ],
  'one lost the race and is still up': [
    changed(row, 'stack', (event, { host, at }) =>
      host === 'nodeb' && at > end ? { ...event, state: 'lost' } : event,
    ),
    'inconclusive',
  ],
  'one was not probed in the end': [without(row, 'probe', ({ at }) => at === 3610), 'inconclusive'],
  'one answers without its boot id': [
    changed(row, 'probe', (event) => (event.node === 'nodeb' ? lacking(event, 'boot') : event)),
    'inconclusive',
  ],
  'the stack of one does not answer': [
    changed(row, 'stack', (event, { host, at }) =>
      host === 'nodeb' && at > end ? { type: 'stack', answered: false, text: 'timeout' } : event,
    ),
    'inconclusive',
  ],
  'the boot id of one was not seen before': [
    row.filter(({ event, host }) => !(host === 'nodeb' && ['clock', 'boot'].includes(event.type))),
    'inconclusive',
  ],
})

judged('nobody-ejected', {
  'all keys all the time': [row, 'pass'],
  'two paths a node': [
    changed(row, 'keys', (event) =>
      event.action === 'keys' ? { ...event, stdout: keysText(4, [...both, ...both]) } : event,
    ),
    'pass',
  ],
  'one key missing on one coordination point for a moment': [
    plus(row, look('observer', 2200, 'coord2', 'keys', keysText(5, [keys.nodea]))),
    'fail',
  ],
  'a failed look is no missing key': [plus(row, failedLook('observer', 2200, 'coord2')), 'pass'],
  'cut text is no missing key': [
    plus(
      row,
      look('observer', 2200, 'coord2', 'keys', '  PR generation=0x5, 2 registered reservation keys follow:\n    0xa\n'),
    ),
    'pass',
  ],
  'one LUN not read in the end': [
    without(row, 'keys', ({ event, at }) => 'lun' in event && event.lun === 'coord2' && at > end),
    'inconclusive',
  ],
  'an answer without a key whose time is not known': [
    plus(row, look('stranger', 2200, 'coord2', 'keys', keysText(5, [keys.nodea]))),
    'inconclusive',
  ],
  'a key missing before the baseline, while joining': [
    plus(row, look('observer', 150, 'coord2', 'keys', keysText(3, [keys.nodea]))),
    'pass',
  ],
})

const noMessageOfB = without(
  row,
  'stack.log',
  ({ host, event }) => host === 'nodeb' && 'code' in event && event.code === 'link-lost',
)
judged('message-on-every-node', {
  'both told': [row, 'pass'],
  'one told nothing, and its log went on': [noMessageOfB, 'fail'],
  'one told nothing, and nothing more is known of its log': [
    without(row, 'stack.log', ({ host }) => host === 'nodeb'),
    'inconclusive',
  ],
  'a message from before the fault': [
    plus(
      without(row, 'stack.log', ({ host }) => host === 'nodeb'),
      message('nodeb', 600, 'link-lost', 'priv1 lost'),
    ),
    'inconclusive',
  ],
  'a message of before the fault that came late': [
    plus(
      without(row, 'stack.log', ({ host }) => host === 'nodeb'),
      { ...message('nodeb', 1850, 'link-lost', 'private link priv1 to nodea lost'), hostAt: 200.6 },
    ),
    'inconclusive',
  ],
  'one told of the other link only': [
    plus(noMessageOfB, message('nodeb', 1810, 'link-lost', 'private link priv2 to nodea lost')),
    'fail',
  ],
  'one told of a lost link, and not of which': [
    plus(noMessageOfB, message('nodeb', 1810, 'link-lost', 'a private link is lost')),
    'inconclusive',
  ],
  'another message': [changed(row, 'stack.log', (event) => ({ type: 'stack.log', text: event.text })), 'fail'],
})

const noUpMessage = without(row, 'stack.log', ({ event }) => 'code' in event && event.code === 'link-up')
const deafInTheEnd = changed(row, 'stack', (event, { host, at }) =>
  host === 'nodeb' && at > end ? { ...event, links: { priv1: [], priv2: ['nodea'] } } : event,
)
const silentOnLinks = (entries: readonly Entry[]) => changed(entries, 'stack', (event) => lacking(event, 'links'))
judged('link-used-again', {
  'heard again': [row, 'pass'],
  'heard again, nobody told of it': [noUpMessage, 'pass'],
  'told, and the stack does not say what it hears': [silentOnLinks(row), 'pass'],
  'neither heard nor told': [silentOnLinks(noUpMessage), 'inconclusive'],
  'heard before the fault only': [without(noUpMessage, 'stack', ({ at }) => at > 1000), 'inconclusive'],
  'told of the other link': [
    silentOnLinks(changed(row, 'stack.log', (event) => ({ ...event, text: event.text.replace('priv1', 'priv10') }))),
    'inconclusive',
  ],
  'not heard in the end': [deafInTheEnd, 'fail'],
  'not heard in a look before the end, and in no later one': [
    plus(
      without(row, 'stack', ({ at }) => at > end),
      member('nodeb', 2560, { links: { priv1: [], priv2: ['nodea'] } }),
    ),
    'inconclusive',
  ],
  'the repair was not verified': [
    without(row, 'fault', ({ event }) => 'step' in event && event.step === 'gone'),
    'inconclusive',
  ],
  'one joined anew': [plus(row, member('nodeb', 2600, { state: 'joining' })), 'fail'],
  'one was rebooted': [plus(row, on('nodeb', 2600, { type: 'boot', boot: 'boot-b-2' })), 'fail'],
  'the boot id of one was not seen before': [
    row.filter(({ event, host }) => !(host === 'nodeb' && ['clock', 'boot'].includes(event.type))),
    'inconclusive',
  ],
})

judged('ledger-without-gap', {
  'every number acknowledged': [row, 'pass'],
  'one refused': [plus(row, write('nodea', 2900, 5, 1, 'refused')), 'fail'],
  'one failed': [plus(row, write('nodea', 2900, 5, 1, 'failed')), 'fail'],
  'nothing is known of one': [without(row, 'ledger.write', ({ at }) => at === 1530), 'inconclusive'],
  'another node wrote': [plus(row, write('nodeb', 2900, 1, 2)), 'fail'],
  'nobody wrote': [without(row, 'ledger.write'), 'inconclusive'],
  'it stopped before the repair': [without(row, 'ledger.write', ({ at }) => at > 2800), 'inconclusive'],
  'it paused during the fault': [
    plus(
      without(row, 'ledger.write', ({ at }) => at === 1530),
      write('nodea', 2600, 3),
    ),
    'inconclusive',
  ],
  'a write that was told before it happened': [
    changed(row, 'ledger.write', (event, { at }) =>
      at === 1530 ? { ...event, issued: 102.4, completed: 102.42 } : event,
    ),
    'inconclusive',
  ],
  'the group was not said to run there': [
    changed(row, 'stack', (event) => ({ ...event, active: false })),
    'inconclusive',
  ],
  'it wrote nothing any more in the end': [
    row.map((entry) =>
      entry.at > 2900
        ? { ...entry, at: entry.at + 3000, ...(entry.hostAt !== undefined && { hostAt: entry.hostAt + 3 }) }
        : entry,
    ),
    'inconclusive',
  ],
  'told twice': [plus(row, write('nodea', 2900, 4)), 'inconclusive'],
})

judged('expected-outcome', {
  'both as expected': [row, 'pass'],
  'ejected though it must run': [plus(row, look('observer', 3350, 'data1', 'keys', keysText(5, [keys.nodea]))), 'fail'],
  'a role without a node': [
    changed(row, 'run.started', (event) => ({ ...event, roles: { A: 'nodea', B: 'nodec' } })),
    'inconclusive',
  ],
  'probed again in another boot': [
    plus(row, probe(3620, 'nodeb', 'boot-b-2'), ...clocks(3630, ['nodea']), probe(3640, 'nodea', boots.nodea)),
    'inconclusive',
  ],
})
