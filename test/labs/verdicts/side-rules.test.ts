/** What the rules of rows with sides, a joiner or an unclean stop say: what proves each, breaks each, leaves it open. */
import {
  boots,
  changed,
  clocks,
  keys,
  lacking,
  member,
  message,
  plus,
  probe,
  without,
  type Entry,
  type Node,
} from './history.ts'
import { judged } from './bearing.ts'
import { joined, split, splitInHalves, splitThreeAndOne, uncleanlyStopped } from './side-rows.ts'

const log = (row: readonly Entry[], code: string, host?: string) =>
  without(
    row,
    'stack.log',
    (entry) => 'code' in entry.event && entry.event.code === code && (host === undefined || entry.host === host),
  )
const logChanged = (row: readonly Entry[], code: string, change: (entry: Entry) => Entry) =>
  row.map((entry) => (entry.event.type === 'stack.log' && entry.event.code === code ? change(entry) : entry))
const noPanic = (row: readonly Entry[], node: string) =>
  row.filter(({ event, host }) => host !== node || (event.type !== 'panic-event' && event.type !== 'console'))
const of =
  (node: string) =>
  ({ event, host }: Entry) =>
    host === node || (event.type === 'probe' && event.node === node)
const alive = (row: readonly Entry[], node: Node) =>
  plus(noPanic(row, node), probe(5350, node, boots[node]), member(node, 5360, { members: [node] }))
const died = (row: readonly Entry[], node: Node) => [
  ...plus(
    row.filter((entry) => entry.at < 3900 || !of(node)(entry)),
    { at: 3900, host: node, event: { type: 'panic-event', source: 'QMP' } },
    { at: 3910, host: node, event: { type: 'console', text: 'Kernel panic - not syncing: x' } },
  ),
]
const noSides = (row: readonly Entry[]) =>
  changed(row, 'run.started', (event) => ({ ...event, scenario: lacking(event.scenario as never, 'sides') }))
const unbound = (row: readonly Entry[]) => changed(row, 'run.started', (event) => ({ ...event, roles: { A: 'nodea' } }))

/** A fourth node left before it began, and is what it was. */
const splitWithLeft = changed(split, 'run.started', (event) => {
  const [first] = event.testbed.nodes
  return first
    ? {
        ...event,
        testbed: {
          ...event.testbed,
          nodes: [
            ...event.testbed.nodes,
            { ...first, name: 'noded', id: 3, keys: { coordination: keys.noded, data: keys.noded } },
          ],
        },
      }
    : event
}).flatMap((entry): Entry[] =>
  entry.event.type === 'clock' && entry.at < 100 && entry.host === 'nodea'
    ? [entry, ...clocks(entry.at, ['noded'])]
    : [entry],
)

judged('one-side-continues', {
  'a fourth node had left before': [
    plus(splitWithLeft, probe(5350, 'noded', boots.noded), member('noded', 5360, { state: 'left', members: [] })),
    'pass',
  ],
  'two go on, one panicked': [split, 'pass'],
  'three go on, one panicked': [splitThreeAndOne, 'pass'],
  'two go on, two panicked': [splitInHalves, 'pass'],
  'the two go on apart from each other': [
    changed(split, 'stack', (event, { host, at }) =>
      at > 5000 && host !== undefined ? { ...event, members: [host] } : event,
    ),
    'fail',
  ],
  'a node goes on that had left before': [alive(splitWithLeft, 'noded'), 'fail'],
  'both sides go on': [alive(split, 'nodec'), 'fail'],
  'half of the winning side panicked': [died(split, 'nodeb'), 'fail'],
  'everybody panicked': [died(died(split, 'nodea'), 'nodeb'), 'fail'],
  'one of the losing side was left': [
    plus(
      noPanic(splitInHalves, 'noded'),
      probe(5350, 'noded', boots.noded),
      member('noded', 5360, { state: 'left', members: [] }),
    ),
    'fail',
  ],
  'one of the losing side is not proved to have panicked': [noPanic(splitInHalves, 'noded'), 'inconclusive'],
  'one of the winning side was not asked': [
    without(split, 'probe', ({ event }) => 'node' in event && event.node === 'nodeb'),
    'inconclusive',
  ],
  'the console of the loser is lost': [without(split, 'console'), 'inconclusive'],
  'the row names no sides': [noSides(split), 'inconclusive'],
  'the roles are bound to nobody': [unbound(split), 'inconclusive'],
})

judged('larger-side-continues', {
  'two of three': [split, 'pass'],
  'three of four': [splitThreeAndOne, 'pass'],
  'a part of it panicked': [died(split, 'nodeb'), 'fail'],
  'all of it panicked': [died(died(split, 'nodea'), 'nodeb'), 'fail'],
  'one of it was not asked': [
    without(split, 'probe', ({ event }) => 'node' in event && event.node === 'nodea'),
    'inconclusive',
  ],
  'its stack did not answer': [
    changed(split, 'stack', (event, { at }) => (at > 5000 ? { type: 'stack', answered: false, text: '' } : event)),
    'inconclusive',
  ],
  'no side is larger': [
    changed(splitInHalves, 'run.started', (event) => ({
      ...event,
      scenario: { ...event.scenario, rules: ['larger-side-continues'] },
    })),
    'inconclusive',
  ],
  'the row names no sides': [noSides(split), 'inconclusive'],
  'the roles are bound to nobody': [unbound(split), 'inconclusive'],
})

judged('racer-and-spectators', {
  'the lowest of each side raced': [split, 'pass'],
  'the lowest of two equal sides raced': [splitInHalves, 'pass'],
  'three waited for one': [splitThreeAndOne, 'pass'],
  'a spectator raced': [plus(split, message('nodeb', 2050, 'race-point', 'coord1: won')), 'fail'],
  'a spectator won': [plus(split, message('nodeb', 2050, 'race-won', 'won 2 of 3')), 'fail'],
  'a spectator of the losing side raced': [
    plus(splitInHalves, message('noded', 2050, 'race-point', 'coord1: lost')),
    'fail',
  ],
  'a spectator raced before the fault': [
    plus(split, { ...message('nodeb', 2050, 'race-point', 'coord1: won'), hostAt: 200.7 }),
    'pass',
  ],
  'the racer does not tell that it won': [log(split, 'race-won'), 'inconclusive'],
  'a spectator does not tell that it survived': [log(split, 'race-survived'), 'inconclusive'],
  'one of two spectators does not tell that it survived': [
    log(splitThreeAndOne, 'race-survived', 'nodec'),
    'inconclusive',
  ],
  'a spectator survived by somebody else': [
    logChanged(split, 'race-survived', (entry) => ({
      ...entry,
      event: { type: 'stack.log', code: 'race-survived', text: 'x', data: { racer: 'nodec' } },
    })),
    'inconclusive',
  ],
  'the loser tells of no race': [
    log(log(log(split, 'race-point', 'nodec'), 'race-lost', 'nodec'), 'membership-change', 'nodec'),
    'inconclusive',
  ],
  'the loser told only that it was about to race': [
    log(log(split, 'race-point', 'nodec'), 'race-lost', 'nodec'),
    'pass',
  ],
  'the loser told only that it waits for another': [
    logChanged(log(log(split, 'race-point', 'nodec'), 'race-lost', 'nodec'), 'membership-change', (entry) =>
      entry.host === 'nodec'
        ? { ...entry, event: { type: 'stack.log', code: 'membership-change', text: 'x', data: { racer: 'nodea' } } }
        : entry,
    ),
    'inconclusive',
  ],
  'what became of one is not known': [noPanic(split, 'nodec'), 'inconclusive'],
  'nothing was done': [without(split, 'fault'), 'inconclusive'],
  'the row names no sides': [noSides(split), 'inconclusive'],
  'the roles are bound to nobody': [unbound(split), 'inconclusive'],
})

const at = (row: readonly Entry[], code: string, moment: number, uptime: number) =>
  logChanged(row, code, (entry) => ({ ...entry, at: moment, hostAt: uptime + moment / 1000 })).toSorted(
    (a, b) => a.at - b.at,
  )
const noTime = (row: readonly Entry[], code: string) => logChanged(row, code, ({ hostAt: _, ...entry }) => entry)
judged('joiner-waited-for-the-fence', {
  'it was told to wait, and let in afterwards': [joined, 'pass'],
  'in the end it is a cluster of its own': [
    changed(joined, 'stack', (event, { host, at: when }) =>
      when > 7000 && host === 'nodec' ? { ...event, members: [host] } : event,
    ),
    'fail',
  ],
  'it was let in while the fence went on': [at(joined, 'joined', 2150, 400), 'fail'],
  'it was let in before the fence began': [at(joined, 'joined', 1500, 400), 'inconclusive'],
  'it came when the fence was over': [log(joined, 'fence-in-progress'), 'inconclusive'],
  'it was told to wait only afterwards': [at(joined, 'fence-in-progress', 4400, 400), 'inconclusive'],
  'its log does not tell that it was let in': [log(joined, 'joined'), 'inconclusive'],
  'nobody won a race': [log(joined, 'race-won'), 'inconclusive'],
  'who won it does not go on': [
    logChanged(joined, 'race-won', (entry) => ({ ...entry, host: 'nodeb', hostAt: 202.3 })),
    'inconclusive',
  ],
  'nobody tells when the fence began': [log(log(joined, 'peer-lost'), 'membership-change'), 'inconclusive'],
  'it was not started': [without(joined, 'operation'), 'inconclusive'],
  'when it was let in is not known': [noTime(joined, 'joined'), 'inconclusive'],
  'when the race was won is not known': [noTime(joined, 'race-won'), 'inconclusive'],
  'its clock was not measured': [without(joined, 'clock', ({ host }) => host === 'nodec'), 'inconclusive'],
  'the clock of the racer was not measured': [without(joined, 'clock', ({ host }) => host === 'nodea'), 'inconclusive'],
  'the clocks are too far apart to tell': [
    changed(joined, 'clock', (event) => ({ ...event, uncertainty: 3000 })),
    'inconclusive',
  ],
  'the role is bound to nobody': [unbound(joined), 'inconclusive'],
})

judged('healthy-peer-was-ejected', {
  'a healthy peer panicked for it': [uncleanlyStopped, 'pass'],
  'it did not cost the peer anything': [
    plus(
      noPanic(uncleanlyStopped, 'nodeb'),
      probe(3330, 'nodeb', boots.nodeb),
      member('nodeb', 3340, { members: ['nodeb'] }),
    ).filter(({ event, at }) => !(event.type === 'keys' && at > 1000)),
    'fail',
  ],
  'the peer was no member before': [
    changed(uncleanlyStopped, 'stack', (event, { at, host }) =>
      host === 'nodeb' && at < 1000 ? { ...event, state: 'racing' } : event,
    ),
    'inconclusive',
  ],
  'the peer was not asked before': [
    without(uncleanlyStopped, 'stack', ({ at, host }) => host === 'nodeb' && at < 1000),
    'inconclusive',
  ],
  'nobody tells that it was stopped by force': [log(uncleanlyStopped, 'unclean-stop'), 'inconclusive'],
  'nobody tells that a race was won': [log(uncleanlyStopped, 'race-won'), 'inconclusive'],
  'the race was won before': [
    logChanged(uncleanlyStopped, 'race-won', (entry) => ({ ...entry, hostAt: 100.9 })),
    'inconclusive',
  ],
  'the panic of the peer has one witness': [without(uncleanlyStopped, 'panic-event'), 'inconclusive'],
  'what became of the peer is not known': [noPanic(uncleanlyStopped, 'nodeb'), 'inconclusive'],
  'nothing was done': [without(uncleanlyStopped, 'operation'), 'inconclusive'],
  'the roles are bound to nobody': [
    changed(uncleanlyStopped, 'run.started', (event) => ({ ...event, roles: {} })),
    'inconclusive',
  ],
})
