/** What the rules of rows with restarts say: what proves each, what breaks each, what leaves it open. */
import {
  boots,
  changed,
  keys,
  keysText,
  lab,
  member,
  message,
  on,
  outlet,
  plus,
  probe,
  record,
  reservationText,
  says,
  without,
  write,
  type Entry,
  type Life,
} from './history.ts'
import { judged } from './bearing.ts'
import {
  bothRebooted,
  crashedWhileDown,
  powerLoss,
  rebootedOnce,
  restored,
  splitBrain,
  survivorDied,
} from './restart-rows.ts'
import type { VerdictWord } from '../../../labs/verdicts/verdict.ts'

type Cases = Readonly<Record<string, readonly [readonly Entry[], VerdictWord]>>

const log = (row: readonly Entry[], code: string) =>
  without(row, 'stack.log', ({ event }) => 'code' in event && event.code === code)
const final = (
  row: readonly Entry[],
  change: (event: Extract<Entry['event'], { type: 'ledger.scan' }>) => Entry['event'],
) => changed(row, 'ledger.scan', (event) => (event.when === 'final' ? change(event) : event))
const noScan = (row: readonly Entry[]) => without(row, 'ledger.scan')
const scanBy = (row: readonly Entry[], host: string) =>
  row.map((entry) => (entry.event.type === 'ledger.scan' ? { ...entry, host } : entry))
const started = (row: readonly Entry[]) =>
  without(row, 'operation', ({ event }) => 'operation' in event && event.operation === 'start')
const asked =
  (from: number, to: number, type: Entry['event']['type']) =>
  ({ event, at }: Entry) =>
    event.type === type && at > from && at < to
const drop = (row: readonly Entry[], which: (entry: Entry) => boolean) => row.filter((entry) => !which(entry))
/** A line of the boot before: its clock shows that it is older than the start that it came after. */
const ofBefore = (life: Life, at: number, code: string, text: string): Entry => ({
  ...message(life, at, code, text),
  hostAt: 0.5,
})

judged('split-brain-message', {
  'log and console tell of it': [restored, 'pass'],
  'both nodes tell of it': [powerLoss, 'pass'],
  'it was refused for another reason': [
    log(
      changed(restored, 'stack', (event) =>
        event.state === 'refused' ? { ...event, text: 'no coordination point can be read' } : event,
      ),
      'preexisting-split-brain',
    ),
    'fail',
  ],
  'its log is lost': [log(restored, 'preexisting-split-brain'), 'inconclusive'],
  'its console is lost': [
    without(restored, 'console', ({ event }) => 'text' in event && event.text.includes('split brain')),
    'inconclusive',
  ],
  'one of the two tells nothing': [
    without(
      powerLoss,
      'stack.log',
      ({ event, host }) => host === 'nodeb' && 'code' in event && event.code === 'preexisting-split-brain',
    ),
    'inconclusive',
  ],
  'the console of the other node tells of it': [
    restored.map((entry) =>
      entry.event.type === 'console' && entry.event.text.includes('split brain') ? { ...entry, host: 'nodeb' } : entry,
    ),
    'inconclusive',
  ],
  'it told so in an earlier life only': [
    plus(log(restored, 'preexisting-split-brain'), ofBefore('nodea#2', 8900, 'preexisting-split-brain', splitBrain)),
    'inconclusive',
  ],
  'it told so in a later attempt only': [
    plus(log(restored, 'preexisting-split-brain'), message('nodea#2', 11_000, 'preexisting-split-brain', splitBrain)),
    'inconclusive',
  ],
  'it was not started': [started(restored), 'inconclusive'],
  'the row did not come that far': [without(restored, 'checkpoint'), 'inconclusive'],
  'it is not proved to have been refused': [
    drop(drop(log(restored, 'preexisting-split-brain'), asked(8800, 10_200, 'stack')), asked(8800, 10_200, 'probe')),
    'inconclusive',
  ],
})

const keptOut = (row: readonly Entry[], life: Life, during: number): Cases => ({
  'it wrote nothing while it was kept out': [row, 'pass'],
  'it told of a write': [plus(row, write(life, during, 77, 9)), 'fail'],
  'a record is on the disk': [
    final(row, (event) => ({ ...event, records: [...event.records, record(life, during, 77, 9)] })),
    'fail',
  ],
  'a write has no time': [
    plus(
      row,
      { ...write(life, during, 77, 9), host: 'nodea' },
      on('nodea', during - 100, { type: 'boot', boot: 'boot-a-9' }),
    ),
    'inconclusive',
  ],
  'a record is of a boot whose clock was not measured': [
    final(row, (event) => ({
      ...event,
      records: [...event.records, { ...record(life, during, 77, 9), boot: 'boot-a-9' }],
    })),
    'inconclusive',
  ],
  'the disk was not read in the end': [noScan(row), 'inconclusive'],
  'the reading failed': [final(row, (event) => ({ ...event, error: 'EIO', records: [] })), 'inconclusive'],
  'nobody wrote before the fault': [without(row, 'ledger.write', ({ at }) => at < 1000), 'inconclusive'],
  'it was not started': [started(row), 'inconclusive'],
})
judged(
  'refused-node-wrote-nothing',
  {
    ...keptOut(restored, 'nodea#2', 9500),
    'the row did not come that far': [without(restored, 'checkpoint'), 'inconclusive'],
  },
  'let in later',
)
judged(
  'refused-node-wrote-nothing',
  {
    ...keptOut(rebootedOnce, 'nodea#2', 11_000),
    'who was refused read the disk': [scanBy(rebootedOnce, 'nodea'), 'inconclusive'],
  },
  'kept out to the end',
)
judged('refused-node-wrote-nothing', keptOut(powerLoss, 'nodeb#2', 7500), 'both refused')

judged('survivor-wrote-on', {
  'a write between all that was done, all on the disk': [restored, 'pass'],
  'a write was refused': [plus(restored, write('nodeb', 9010, 12, 2, 'refused')), 'fail'],
  'a write failed': [plus(restored, write('nodeb', 9010, 12, 2, 'failed')), 'fail'],
  'a number is missing': [
    without(restored, 'ledger.write', ({ event, host }) => host === 'nodeb' && 'number' in event && event.number === 5),
    'inconclusive',
  ],
  'a number was told twice': [plus(restored, write('nodeb', 9010, 12, 2)), 'inconclusive'],
  'it wrote nothing after the other was let in': [
    without(restored, 'ledger.write', ({ at, host }) => host === 'nodeb' && at > 11_000),
    'inconclusive',
  ],
  'it wrote nothing for a while': [
    without(restored, 'ledger.write', ({ at, host }) => host === 'nodeb' && at > 8000 && at < 11_300),
    'inconclusive',
  ],
  'it wrote nothing any more in the end': [
    without(rebootedOnce, 'ledger.write', ({ at, host }) => host === 'nodeb' && at > 9500),
    'inconclusive',
  ],
  'who was let in wrote beside it': [plus(restored, write('nodea#2', 12_700, 77, 2)), 'fail'],
  'a record of who was let in is on the disk': [
    final(restored, (event) => ({ ...event, records: [...event.records, record('nodea#2', 12_700, 77, 2)] })),
    'fail',
  ],
  'a record of another is of a boot whose clock was not measured': [
    final(restored, (event) => ({
      ...event,
      records: [...event.records, { ...record('nodea#2', 12_700, 77, 2), boot: 'boot-a-9' }],
    })),
    'inconclusive',
  ],
  'it never wrote': [without(restored, 'ledger.write', ({ host }) => host === 'nodeb'), 'inconclusive'],
  'nothing shows since when the group runs on it': [log(restored, 'group-started'), 'inconclusive'],
  'its clock was not measured': [without(restored, 'clock', ({ host }) => host === 'nodeb'), 'inconclusive'],
  'the disk was not read in the end': [noScan(restored), 'inconclusive'],
  'the reading failed': [final(restored, (event) => ({ ...event, error: 'EIO', records: [] })), 'inconclusive'],
  'a node that was lost read the disk': [
    scanBy(
      without(
        restored,
        'probe',
        ({ host, event, at }) => host === undefined && at > 13_000 && 'node' in event && event.node === 'nodea',
      ),
      'nodea',
    ),
    'inconclusive',
  ],
  'the roles were not bound': [without(restored, 'roles'), 'inconclusive'],
})

const inTheEnd = (row: readonly Entry[], from: number, lun: RegExp, list: readonly string[]) =>
  changed(row, 'keys', (event, { at }) =>
    at > from && event.action === 'keys' && lun.test(event.lun) ? { ...event, stdout: keysText(9, list) } : event,
  )
judged('members-registered', {
  'all members, and nobody else': [restored, 'pass'],
  'the dead one is not there, who was let in is': [survivorDied, 'pass'],
  'the group runs on both': [
    changed(restored, 'stack', (event, { at }) => (at > 13_000 ? { ...event, active: true } : event)),
    'fail',
  ],
  'each is a cluster of its own': [
    changed(restored, 'stack', (event, { at, host }) =>
      at > 13_000 && host !== undefined ? { ...event, members: [host] } : event,
    ),
    'fail',
  ],
  'one is missing on the data disk': [inTheEnd(restored, 13_000, /data/, [keys.nodeb]), 'fail'],
  'a stranger is on the data disk': [inTheEnd(restored, 13_000, /data/, [keys.nodea, keys.nodeb, '0xc']), 'fail'],
  'the key of the dead one is still there': [inTheEnd(survivorDied, 18_000, /data/, [keys.nodea, keys.nodeb]), 'fail'],
  'one is missing on two points': [inTheEnd(restored, 13_000, /coord[12]/, [keys.nodeb]), 'fail'],
  'one is missing on one point': [inTheEnd(restored, 13_000, /coord1/, [keys.nodeb]), 'pass'],
  'nobody is on any': [inTheEnd(restored, 13_000, /./, []), 'fail'],
  'the data disk is not reserved': [
    changed(restored, 'keys', (event, { at }) =>
      at > 13_000 && event.action === 'reservation' ? { ...event, stdout: reservationText(7, null) } : event,
    ),
    'fail',
  ],
  'nobody looked in the end': [drop(restored, asked(13_000, 20_000, 'keys')), 'inconclusive'],
  'the looks failed': [
    changed(restored, 'keys', (event, { at }) => (at > 13_000 ? { ...event, exit: 6, stdout: '' } : event)),
    'inconclusive',
  ],
  'the reservation was not read': [
    without(restored, 'keys', ({ event, at }) => at > 13_000 && 'action' in event && event.action === 'reservation'),
    'inconclusive',
  ],
  'what became of one is not known': [
    without(restored, 'probe', ({ event, at }) => at > 13_000 && 'node' in event && event.node === 'nodea'),
    'inconclusive',
  ],
  'nobody is a member': [
    changed(restored, 'stack', (event, { at }) => (at > 13_000 ? { type: 'stack', answered: false, text: '' } : event)),
    'inconclusive',
  ],
  'the clock of the observer was not measured': [
    without(restored, 'clock', ({ host }) => host === 'observer'),
    'inconclusive',
  ],
})

const during = (row: readonly Entry[], from: number, to: number, lun: RegExp, list: readonly string[]) =>
  changed(row, 'keys', (event, { at }) =>
    at > from && at < to && event.action === 'keys' && lun.test(event.lun)
      ? { ...event, stdout: keysText(5, list) }
      : event,
  )
judged('keys-stayed-until-cleared', {
  'until the end': [rebootedOnce, 'pass'],
  'until the operator cleared them': [powerLoss, 'pass'],
  'of a node that died': [survivorDied, 'pass'],
  'of a node that crashed': [crashedWhileDown, 'pass'],
  'who was kept out removed them': [during(rebootedOnce, 12_000, 13_000, /coord/, [keys.nodea]), 'fail'],
  'on two points of three they are gone': [during(rebootedOnce, 12_000, 13_000, /coord[12]/, []), 'fail'],
  'on one point of three they are gone': [during(rebootedOnce, 12_000, 13_000, /coord1/, []), 'pass'],
  'there were none': [
    changed(rebootedOnce, 'keys', (event, { at }) =>
      at > 1000 && event.action === 'keys' ? { ...event, stdout: keysText(5, []) } : event,
    ),
    'fail',
  ],
  'they changed before the operator cleared them': [during(powerLoss, 7900, 8400, /coord/, [keys.nodea]), 'fail'],
  'nobody looked before': [drop(rebootedOnce, ({ event, at }) => event.type === 'keys' && at < 8200), 'inconclusive'],
  'nobody looked afterwards': [drop(rebootedOnce, asked(8900, 20_000, 'keys')), 'inconclusive'],
  'nobody looked after it was refused and before they were cleared': [
    drop(powerLoss, asked(7000, 9500, 'keys')),
    'inconclusive',
  ],
  'the looks failed': [
    changed(rebootedOnce, 'keys', (event, { at }) => (at > 8200 ? { ...event, exit: 6, stdout: '' } : event)),
    'inconclusive',
  ],
  'only who was kept out looked': [
    rebootedOnce.map((entry) => (entry.event.type === 'keys' && entry.at > 8200 ? { ...entry, host: 'nodea' } : entry)),
    'inconclusive',
  ],
  'the clock of the observer was not measured': [
    without(rebootedOnce, 'clock', ({ host }) => host === 'observer'),
    'inconclusive',
  ],
  'it was not started': [started(rebootedOnce), 'inconclusive'],
})

judged('never-formed', {
  'it waits, and nobody writes': [bothRebooted, 'pass'],
  'it formed a cluster of its own': [
    plus(bothRebooted, message('nodeb#2', 17_000, 'cluster-formed', 'formed a cluster of 1')),
    'fail',
  ],
  'it was let in': [plus(bothRebooted, message('nodeb#2', 17_000, 'joined', 'member with nodeb')), 'fail'],
  'the group was started': [
    plus(bothRebooted, message('nodeb#2', 17_000, 'group-started', 'the group is active here')),
    'fail',
  ],
  'it wrote': [plus(bothRebooted, write('nodeb#2', 17_000, 77, 9)), 'fail'],
  'the other wrote': [plus(bothRebooted, write('nodea#2', 17_000, 77, 9)), 'fail'],
  'a record is on the disk from then': [
    final(bothRebooted, (event) => ({ ...event, records: [...event.records, record('nodeb#2', 17_000, 77, 9)] })),
    'fail',
  ],
  'its log does not tell that it waits': [log(bothRebooted, 'not-seeded'), 'inconclusive'],
  'it told so in an earlier life only': [
    plus(log(bothRebooted, 'not-seeded'), { ...message('nodeb#2', 16_000, 'not-seeded', 'waiting'), hostAt: 1 }),
    'inconclusive',
  ],
  'the disk was not read in the end': [noScan(bothRebooted), 'inconclusive'],
  'nobody wrote before the fault': [without(bothRebooted, 'ledger.write', ({ at }) => at < 1000), 'inconclusive'],
  'it was not started': [started(bothRebooted), 'inconclusive'],
  'the row did not come that far': [without(bothRebooted, 'checkpoint'), 'inconclusive'],
})

judged('expected-on-the-way', {
  'both are refused, as the row says': [powerLoss, 'pass'],
  'one is a member already': [
    plus(
      drop(powerLoss, (entry) => asked(8100, 8200, 'stack')(entry) && entry.host === 'nodea'),
      member('nodea#2', 8165, { members: ['nodea'] }),
    ),
    'fail',
  ],
  'one is off still': [
    drop(
      plus(powerLoss, outlet(8110, 'nodea', 'off')),
      (entry) => entry.host === 'nodea' && entry.at > 2200 && entry.at < 9000,
    ).filter(
      (entry) => !(entry.event.type === 'probe' && entry.event.node === 'nodea' && entry.at > 8000 && entry.at < 9000),
    ),
    'fail',
  ],
  'one was not asked': [
    drop(
      powerLoss,
      (entry) => entry.host === 'nodea' && entry.event.type === 'stack' && entry.at > 6100 && entry.at < 8200,
    ),
    'inconclusive',
  ],
  'its outlet is on, though it does not answer': [
    changed(powerLoss, 'outlet', (event, { at }) => (at > 1700 && at < 1800 ? { ...event, state: 'on' } : event)),
    'inconclusive',
  ],
  'its outlet is off, and it answered': [
    plus(powerLoss, lab(1850, { type: 'probe', node: 'nodea', reachable: true, boot: boots.nodea, text: '' })),
    'inconclusive',
  ],
  'its outlet is not known': [
    changed(powerLoss, 'outlet', (event, { at }) => (at > 1700 && at < 1800 ? { ...event, state: 'unknown' } : event)),
    'inconclusive',
  ],
  'the row did not come that far': [without(powerLoss, 'checkpoint'), 'inconclusive'],
  'the look was not brought to its end': [
    without(powerLoss, 'checkpoint', ({ event, at }) => at > 8000 && 'step' in event && event.step === 'done'),
    'inconclusive',
  ],
})

judged('expected-outcome', {
  'kept out to the end': [rebootedOnce, 'pass'],
  'it was let in after all': [
    plus(
      without(rebootedOnce, 'stack', ({ at, host }) => at > 12_000 && host === 'nodea'),
      member('nodea#2', 12_310, { members: ['nodea', 'nodeb'] }),
    ),
    'fail',
  ],
  'it left by itself': [
    plus(
      without(rebootedOnce, 'stack', ({ at, host }) => at > 12_000 && host === 'nodea'),
      says('nodea#2', 12_310, 'left'),
    ),
    'fail',
  ],
  'it is about to join': [
    plus(
      without(rebootedOnce, 'stack', ({ at, host }) => at > 12_000 && host === 'nodea'),
      says('nodea#2', 12_310, 'joining'),
    ),
    'inconclusive',
  ],
  'it does not answer': [
    plus(
      drop(
        rebootedOnce,
        ({ at, event, host }) =>
          at > 12_000 && (host === 'nodea' || (event.type === 'probe' && event.node === 'nodea')),
      ),
      probe(12_300, 'nodea'),
    ),
    'inconclusive',
  ],
  'in which boot it is was not seen': [without(rebootedOnce, 'boot'), 'inconclusive'],
  'its boot is the one from before': [
    changed(rebootedOnce, 'boot', (event) => ({ ...event, boot: boots.nodea })),
    'inconclusive',
  ],
})
