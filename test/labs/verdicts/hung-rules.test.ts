import { judged } from './bearing.ts'
import {
  boots,
  changed,
  keys,
  keysText,
  look,
  looks,
  panic,
  plus,
  probe,
  process,
  without,
  type Entry,
} from './history.ts'
import { nodeHangs } from './rows.ts'

const row = nodeHangs
const both = [keys.nodea, keys.nodeb]
const while_ = ({ at }: Entry) => at > 1100 && at < 4000
const notLookedAt = without(row, 'keys', while_)
const noPanic = without(without(row, 'panic-event'), 'console')

judged('hung-node-was-ejected-while-hung', {
  'its keys were gone before it was woken': [row, 'pass'],
  'its keys were still there after it was woken': [
    plus(
      without(row, 'keys', ({ at }) => at > 3000),
      ...looks('observer', 4200, 4, both, keys.nodea),
    ),
    'fail',
  ],
  'nobody looked while it hung': [notLookedAt, 'inconclusive'],
  'the look that shows it gone ended after it was woken': [
    changed(row, 'keys', (event, { at }) => (at === 3200 ? { ...event, ended: 304.1 } : event))
      .map((entry) => (entry.event.type === 'keys' && entry.at === 3200 ? { ...entry, at: 4150 } : entry))
      .toSorted((a, b) => a.at - b.at),
    'inconclusive',
  ],
  'gone from two of three coordination points': [
    changed(row, 'keys', (event, { at }) =>
      event.lun === 'coord3' && at === 3200 ? { ...event, stdout: keysText(4, both) } : event,
    ),
    'pass',
  ],
  'not known of two of three coordination points': [
    without(row, 'keys', (entry) => while_(entry) && 'lun' in entry.event && /coord[23]/.test(entry.event.lun)),
    'inconclusive',
  ],
  'still on the data disk': [
    plus(
      without(row, 'keys', (entry) => entry.at > 3000 && 'lun' in entry.event && entry.event.lun === 'data1'),
      look('observer', 4200, 'data1', 'keys', keysText(4, both)),
    ),
    'fail',
  ],
  'only the hung node itself looked': [
    row.map((entry) => (entry.event.type === 'keys' ? { ...entry, host: 'nodea' } : entry)),
    'inconclusive',
  ],
  'its process was never seen stopped': [without(row, 'process'), 'inconclusive'],
  'its process was seen running': [changed(row, 'process', (event) => ({ ...event, state: 'S' })), 'inconclusive'],
  'its keys were never there': [without(row, 'keys', ({ at }) => at < 1000), 'inconclusive'],
  'it was not woken': [
    without(row, 'fault', ({ event }) => 'step' in event && /^(rever|gone)/.test(event.step)),
    'inconclusive',
  ],
})

judged('hung-node-panicked', {
  'it panicked when it was woken': [row, 'pass'],
  'it carried on': [plus(noPanic, probe(5120, 'nodea', boots.nodea)), 'fail'],
  'it still hangs': [plus(noPanic, process(5120, 'nodea', 'T')), 'fail'],
  'nothing is known of it': [noPanic, 'inconclusive'],
  'one witness only': [without(row, 'console'), 'inconclusive'],
  'it panicked before it was woken': [plus(noPanic, ...panic('nodea', 2000)), 'inconclusive'],
  'it was not woken': [
    without(row, 'fault', ({ event }) => 'step' in event && /^(rever|gone)/.test(event.step)),
    'inconclusive',
  ],
})
