/** What the rules of rows say in which coordination points or their keys are lost: what proves each, breaks each, leaves it open. */
import {
  boots,
  changed,
  keys,
  keysText,
  look,
  member,
  message,
  on,
  panic,
  plus,
  probe,
  process,
  says,
  without,
  write,
  type Entry,
} from './history.ts'
import { judged } from './bearing.ts'
import {
  coordinatorsLost,
  coordinatorsLostThenCrashed,
  coordinatorsLostThenLeft,
  coordinatorsLostThenParted,
  keysCleared,
  noConnection,
} from './point-rows.ts'

const both = [keys.nodea, keys.nodeb]
const log = (row: readonly Entry[], code: string) =>
  without(row, 'stack.log', ({ event }) => 'code' in event && event.code === code)
const failedOnly = (row: readonly Entry[]) =>
  without(row, 'keys', ({ event }) => 'stderr' in event && event.stderr === noConnection)
const failing = (exit: number | null, stderr: string, stdout = '') =>
  changed(coordinatorsLost, 'keys', (event) =>
    event.stderr === noConnection ? { ...event, exit, stderr, stdout } : event,
  )

judged('points-were-lost', {
  'nobody gets an answer any more': [coordinatorsLost, 'pass'],
  'to the end, with a node that left': [coordinatorsLostThenLeft, 'pass'],
  'the device is gone (15)': [failing(15, 'open error: No such device or address\n'), 'pass'],
  'the look timed out (33)': [failing(33, 'timed out\n'), 'pass'],
  'one of them still answers': [
    plus(coordinatorsLost, look('observer', 3000, 'coord2', 'keys', keysText(4, both))),
    'inconclusive',
  ],
  'one of them still answers a node that was lost later': [
    plus(coordinatorsLostThenParted, look('nodea', 2800, 'coord2', 'keys', keysText(4, both))),
    'inconclusive',
  ],
  'one of them still refuses a node that was lost later': [
    plus(
      coordinatorsLostThenParted,
      look('nodea', 2800, 'coord2', 'keys', '', { exit: 24, stderr: 'reservation conflict\n' }),
    ),
    'inconclusive',
  ],
  'one of them refuses, which is an answer': [
    plus(
      coordinatorsLost,
      look('observer', 3000, 'coord2', 'keys', '', { exit: 24, stderr: 'reservation conflict\n' }),
    ),
    'inconclusive',
  ],
  'only unit attentions were seen (6)': [failing(6, 'unit attention\n'), 'inconclusive'],
  'sg_persist did not run': [failing(null, ''), 'inconclusive'],
  'sg_persist did not understand (1)': [failing(1, 'syntax error\n'), 'inconclusive'],
  'what it printed is not understood': [failing(0, '', 'PR gener'), 'inconclusive'],
  'nobody tried': [failedOnly(coordinatorsLost), 'inconclusive'],
  'nobody tried one of them': [
    without(
      coordinatorsLost,
      'keys',
      ({ event }) => 'stderr' in event && event.stderr === noConnection && 'lun' in event && event.lun === 'coord3',
    ),
    'inconclusive',
  ],
  'nobody had seen them answer before': [without(coordinatorsLost, 'keys', ({ at }) => at < 1000), 'inconclusive'],
  'the fault was not verified': [
    without(coordinatorsLost, 'fault', ({ event }) => 'step' in event && event.step === 'verified'),
    'inconclusive',
  ],
  'the fault did not take': [
    changed(coordinatorsLost, 'fault', (event) => (event.step === 'verified' ? { ...event, ok: false } : event)),
    'inconclusive',
  ],
  'the array had one point of three': [
    changed(coordinatorsLost, 'run.started', (event) => ({
      ...event,
      testbed: {
        ...event.testbed,
        luns: event.testbed.luns.map((lun) => (lun.name === 'coord3' ? { ...lun, array: 'array1' } : lun)),
      },
    })),
    'inconclusive',
  ],
  'the clock of the observer was not measured': [
    without(coordinatorsLost, 'clock', ({ host }) => host === 'observer'),
    'inconclusive',
  ],
})

judged('nobody-raced', {
  'nobody did': [coordinatorsLost, 'pass'],
  'the stack of one raced, and its log was lost': [plus(coordinatorsLost, says('nodeb', 2000, 'racing')), 'fail'],
  'the stack of one raced before the fault': [
    plus(coordinatorsLost, { ...says('nodeb', 2000, 'racing'), hostAt: 200.7 }),
    'pass',
  ],
  'the console of one tells of a race': [
    plus(
      coordinatorsLost,
      on('nodeb', 2000, { type: 'console', text: '[  202.0] fencelab: this node races against nodea' }),
    ),
    'fail',
  ],
  'a node left, and nobody raced': [coordinatorsLostThenLeft, 'pass'],
  'one took the other for gone': [
    plus(coordinatorsLost, message('nodea', 2000, 'peer-lost', 'node nodeb is silent')),
    'fail',
  ],
  'one raced': [plus(coordinatorsLost, message('nodeb', 2000, 'race-point', 'coord1: won')), 'fail'],
  'one was ejected': [plus(coordinatorsLost, message('nodeb', 2000, 'ejected', 'its key is gone')), 'fail'],
  'they are no members of one another any more': [
    changed(coordinatorsLost, 'stack', (event, { at, host }) =>
      at > 4000 && host === 'nodea' ? { ...event, members: ['nodea'] } : event,
    ),
    'fail',
  ],
  'one raced before the fault': [
    plus(coordinatorsLost, { ...message('nodea', 2000, 'peer-lost', 'silent'), hostAt: 100.7 }),
    'pass',
  ],
  'what became of one is not known': [
    without(coordinatorsLost, 'probe', ({ event }) => 'node' in event && event.node === 'nodeb'),
    'inconclusive',
  ],
  'the stacks did not answer in the end': [
    changed(coordinatorsLost, 'stack', (event, { at }) =>
      at > 4000 ? { type: 'stack', answered: false, text: '' } : event,
    ),
    'inconclusive',
  ],
  'the stacks were not asked in the end': [without(coordinatorsLost, 'stack', ({ at }) => at > 4000), 'inconclusive'],
  'nothing was done': [without(coordinatorsLost, 'fault'), 'inconclusive'],
})

/** With what is seen in the end, which is not at the same moment in all rows. */
const inTheEnd = (row: readonly Entry[], ...seen: readonly Entry[]) => {
  const end = (row.find(({ event }) => event.type === 'phase' && event.name === 'restore')?.at ?? 0) - 10
  return plus(
    row,
    ...seen.map(({ hostAt, ...entry }) => ({
      ...entry,
      at: end,
      ...(hostAt !== undefined && { hostAt: hostAt + end / 1000 }),
    })),
  )
}
/** What a node says on its console just before it panics; `seconds`: by its own clock. */
const lastWords = (row: readonly Entry[], node: string, seconds?: number): Entry => {
  const panicked = row.find(({ event, host }) => host === node && event.type === 'panic-event')?.at ?? 0
  const time = (seconds ?? 100 + (panicked - 6) / 1000).toFixed(6)
  return {
    at: panicked - 5,
    host: node,
    event: { type: 'console', text: `[  ${time}] fencelab: lost the race: 1 of 3 coordination points, 2 are needed` },
  }
}
const noPanic = (row: readonly Entry[], node: string) =>
  row.filter(({ event, host }) => host !== node || (event.type !== 'panic-event' && event.type !== 'console'))
for (const [name, row] of Object.entries({ coordinatorsLostThenParted, coordinatorsLostThenCrashed, keysCleared })) {
  judged(
    'race-lost-without-majority',
    {
      'it lost its race, and panicked': [row, 'pass'],
      'it won its race': [plus(row, message('nodea', 4300, 'race-won', 'won 2 of 3')), 'fail'],
      'it raced before there was a reason': [plus(row, message('nodea', 1800, 'race-point', 'coord1: won')), 'fail'],
      'it lost its race, and goes on': [
        inTheEnd(noPanic(row, 'nodea'), member('nodea', 0), probe(0, 'nodea', boots.nodea)),
        'fail',
      ],
      'its log does not tell of the race': [log(row, 'race-lost'), 'inconclusive'],
      'its log was lost with its kernel, its console has its last words': [
        plus(log(row, 'race-lost'), lastWords(row, 'nodea')),
        'pass',
      ],
      'the last words are those of another node': [
        plus(log(row, 'race-lost'), lastWords(row, 'nodeb')),
        'inconclusive',
      ],
      'the last words came late, and are from before the fault': [
        plus(log(row, 'race-lost'), lastWords(row, 'nodea', 100.5)),
        'inconclusive',
      ],
      'it lost a race before the fault': [
        row.map((entry) =>
          entry.event.type === 'stack.log' && entry.event.code === 'race-lost' && entry.host === 'nodea'
            ? { ...entry, hostAt: 100.5 }
            : entry,
        ),
        'inconclusive',
      ],
      'its panic has one witness': [without(row, 'console', ({ host }) => host === 'nodea'), 'inconclusive'],
      'it is not proved to have panicked': [noPanic(row, 'nodea'), 'inconclusive'],
      'the last fault was not applied': [
        row.filter(({ event }) => event.type !== 'fault' || !['b-crash', 'cut-priv2'].includes(event.id)),
        'inconclusive',
      ],
      'the role is bound to nobody': [
        changed(row, 'run.started', (event) => ({ ...event, roles: {} })),
        'inconclusive',
      ],
    },
    name,
  )
  judged(
    'no-node-continues',
    {
      'both panicked': [row, 'pass'],
      'one goes on': [inTheEnd(noPanic(row, 'nodea'), member('nodea', 0), probe(0, 'nodea', boots.nodea)), 'fail'],
      'one is stopped, and may go on yet': [inTheEnd(noPanic(row, 'nodea'), process(0, 'nodea', 'T')), 'inconclusive'],
      'one does not answer, which proves nothing': [noPanic(row, 'nodea'), 'inconclusive'],
      'the console of one is lost': [without(row, 'console', ({ host }) => host === 'nodeb'), 'inconclusive'],
      'the testbed has no node': [
        changed(row, 'run.started', (event) => ({ ...event, testbed: { ...event.testbed, nodes: [] } })),
        'inconclusive',
      ],
    },
    name,
  )
}
const seen = 2550
judged('nobody-noticed', {
  'both are members still': [keysCleared, 'pass'],
  'the stack of one raced, and its log was lost': [plus(keysCleared, says('nodeb', 2000, 'racing')), 'fail'],
  'the stack of one raced before the fault': [
    plus(keysCleared, { ...says('nodeb', 2000, 'racing'), hostAt: 200.7 }),
    'pass',
  ],
  'the console of one tells of a race': [
    plus(
      keysCleared,
      on('nodeb', 2000, { type: 'console', text: '[  202.0] fencelab: this node races against nodea' }),
    ),
    'fail',
  ],
  'one noticed': [plus(keysCleared, message('nodeb', 2000, 'ejected', 'its key is gone')), 'fail'],
  'one noticed before the lab had seen that the fault took': [
    plus(keysCleared, message('nodeb', 1110, 'ejected', 'its key is gone')),
    'fail',
  ],
  'one raced': [plus(keysCleared, message('nodea', 2000, 'membership-change', 'this node races')), 'fail'],
  'one panicked': [
    plus(keysCleared, ...panic('nodea', 2000)).filter(
      ({ at, host, event }) => at !== seen || (host !== 'nodea' && !('node' in event && event.node === 'nodea')),
    ),
    'inconclusive',
  ],
  'one panicked, and nothing contradicts it': [
    plus(
      keysCleared.filter(
        ({ at, host, event }) =>
          at < 2000 || at > 2700 || (host !== 'nodea' && !('node' in event && event.node === 'nodea')),
      ),
      ...panic('nodea', 2000),
    ),
    'fail',
  ],
  'one was refused by the storage': [plus(keysCleared, write('nodea', 2000, 90, 1, 'refused')), 'fail'],
  'one left': [
    changed(keysCleared, 'stack', (event, { at, host }) =>
      at === seen + 10 && host === 'nodea' ? { ...event, state: 'left' } : event,
    ),
    'fail',
  ],
  'one was not asked': [
    without(keysCleared, 'probe', ({ at, event }) => at === seen && 'node' in event && event.node === 'nodeb'),
    'inconclusive',
  ],
  'one did not answer': [
    changed(keysCleared, 'stack', (event, { at }) =>
      at === seen + 10 ? { type: 'stack', answered: false, text: '' } : event,
    ),
    'inconclusive',
  ],
  'the keys were not proved to be gone': [
    without(
      keysCleared,
      'fault',
      ({ event }) => 'step' in event && event.step === 'verified' && event.id === 'cleared-1',
    ),
    'inconclusive',
  ],
  'the keys were gone only afterwards': [
    keysCleared
      .map((entry) =>
        entry.event.type === 'fault' && entry.event.step === 'verified' && entry.event.id === 'cleared-2'
          ? { ...entry, at: 2620 }
          : entry,
      )
      .toSorted((a, b) => a.at - b.at),
    'inconclusive',
  ],
  'the row did not come that far': [without(keysCleared, 'checkpoint'), 'inconclusive'],
  'the look was not brought to its end': [
    without(keysCleared, 'checkpoint', ({ event }) => 'step' in event && event.step === 'done'),
    'inconclusive',
  ],
})
