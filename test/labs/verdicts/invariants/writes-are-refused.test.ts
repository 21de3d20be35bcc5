/** A reservation that keeps nobody out is found by somebody who tries. */
import { expect, it } from 'vitest'
import { writesAreRefused } from '../../../../labs/verdicts/invariants/writes-are-refused.ts'
import { buildCase } from '../../../../labs/verdicts/case.ts'
import { judge } from '../../../../labs/verdicts/judge.ts'
import { everyRow } from '../every-row.ts'
import {
  blockRead,
  boots,
  changed,
  controlTry,
  keys,
  keysText,
  landed,
  lacking,
  plus,
  probe,
  recorded,
  refusedTry,
  says,
  sgAnswer,
  without,
  type Entry,
} from '../history.ts'
import { bothLinksFail } from '../rows.ts'
import type { WriteTry } from '../../../../labs/journal/event.ts'

const check = (entries: readonly Entry[], revision = 3) => {
  const lines = recorded(changed(entries, 'run.started', (event) => ({ ...event, revision })))
  const [started] = lines
  if (started?.type !== 'run.started') throw new Error('no start')
  return writesAreRefused.check(buildCase(started, lines))
}
/** The observer's try, with its answer at 4750, as something else. */
const end = (change: (event: WriteTry) => WriteTry, row: readonly Entry[] = bothLinksFail) =>
  changed(row, 'write-try', (event) => (event.why === 'end' ? change(event) : event))
const control = (change: (event: WriteTry) => WriteTry) =>
  changed(bothLinksFail, 'write-try', (event) => (event.why === 'control' ? change(event) : event))
const noTry = without(bothLinksFail, 'write-try', ({ event }) => event.type === 'write-try' && event.why === 'end')
const answers = (...exits: readonly number[]) => exits.map((exit) => sgAnswer('observer', 4750, exit))
const other = '1'.repeat(64)
const written = blockRead('observer', 4750, 'f'.repeat(64))

it('holds by the refusal, the block that did not change, and the control', () => {
  expect(check(bothLinksFail)).toEqual({
    state: 'holds',
    text: 'data1: observer, which must not write, was refused',
    events: [85, 86],
  })
})

it.each<[string, readonly Entry[], 'violated' | 'unknown', RegExp]>([
  ['an array that enforces nothing', end((event) => ({ ...event, ...landed(4750) })), 'violated', /was accepted/],
  [
    'a write that is told to be refused, and is carried out',
    end((event) => ({ ...event, after: written })),
    'violated',
    /and yet the block changed/,
  ],
  [
    'a block that changed to something else',
    end((event) => ({ ...event, after: blockRead('observer', 4750, other) })),
    'violated',
    /and yet the block changed/,
  ],
  [
    'accepted after a unit attention',
    end((event) => ({ ...event, answers: answers(6, 0), after: written })),
    'violated',
    /was accepted/,
  ],
  ['no try', noTry, 'unknown', /observer did not try to write in the end/],
  ['a try from before the end', plus(noTry, refusedTry('observer', 2000)), 'unknown', /did not try/],
  ['only a unit attention', end((event) => ({ ...event, answers: answers(6, 6) })), 'unknown', /neither/],
  ['a transport that failed', end((event) => ({ ...event, answers: answers(35) })), 'unknown', /neither/],
  [
    'a status of 0 that came from no device',
    end((event) => ({ ...event, answers: [sgAnswer('observer', 4750, 0, 'transport: Host_status=0x01')] })),
    'unknown',
    /neither/,
  ],
  ['no answer', end((event) => ({ ...event, answers: [] })), 'unknown', /it was not sent/],
  [
    'a block that nobody read before',
    end((event) => lacking(event, 'before')),
    'unknown',
    /nobody who can be believed/,
  ],
  ['a block that nobody read after', end((event) => lacking(event, 'after')), 'unknown', /nobody who can be believed/],
  [
    'a block that the loser read',
    end((event) => ({ ...event, before: blockRead('nodea', 4500, other), after: blockRead('nodea', 4750, other) })),
    'unknown',
    /nobody who can be believed/,
  ],
  [
    'a read that failed',
    end((event) => ({ ...event, after: { ...blockRead('observer', 4750, other), exit: 24 } })),
    'unknown',
    /nobody who can be believed/,
  ],
  [
    'no control',
    without(bothLinksFail, 'write-try', ({ event }) => event.type === 'write-try' && event.why === 'control'),
    'unknown',
    /not seen to write where nothing protects/,
  ],
  [
    'a control that was refused, too',
    control((event) => ({ ...event, answers: answers(24), after: event.before ?? blockRead('observer', 4720, other) })),
    'unknown',
    /not seen to write where nothing protects/,
  ],
  [
    'a control that is told to succeed, and is not seen on the disk',
    control((event) => ({ ...event, after: event.before ?? blockRead('observer', 4720, other) })),
    'unknown',
    /not seen to write where nothing protects/,
  ],
  [
    'a control of another host',
    plus(
      without(bothLinksFail, 'write-try', ({ event }) => event.type === 'write-try' && event.why === 'control'),
      controlTry('nodea', 4720),
    ),
    'unknown',
    /not seen to write where nothing protects/,
  ],
])('%s', (_, entries, state, text) => {
  expect(check(entries)).toMatchObject({ state, text: expect.stringMatching(text) as string })
  expect(judge(recorded(entries)).verdict).toBe(state === 'violated' ? 'fail' : 'inconclusive')
})

it('a unit attention before the refusal does no harm', () => {
  expect(check(end((event) => ({ ...event, answers: answers(6, 24) })))).toMatchObject({ state: 'holds' })
})

it('a node that is alive and was shut out must be refused, too', () => {
  const row = everyRow['ejected-node-rebooted'] ?? []
  const ofNode = (entry: Entry) => entry.event.type === 'write-try' && entry.host === 'nodea'
  expect(check(row)).toMatchObject({
    state: 'holds',
    text: expect.stringContaining('nodea, which must not write') as string,
  })
  expect(check(without(row, 'write-try', ofNode))).toMatchObject({
    state: 'unknown',
    text: 'data1: nodea did not try to write in the end',
  })
  expect(
    check(changed(row, 'write-try', (event, entry) => (ofNode(entry) ? { ...event, ...landed(entry.at) } : event))),
  ).toMatchObject({ state: 'violated' })
})

it('a loser that is in doubt and was let in is a failure all the same', () => {
  const doubtful = plus(
    without(bothLinksFail, 'panic-event'),
    probe(4705, 'nodea', boots.nodea),
    says('nodea', 4706, 'joining'),
    controlTry('nodea', 4707),
    refusedTry('nodea', 4708, landed(4708)),
  )
  expect(check(doubtful)).toMatchObject({
    state: 'violated',
    text: expect.stringContaining('the write of nodea') as string,
  })
})

it('says nothing where nothing is reserved, and nothing certain of a cluster that it does not know', () => {
  expect(check(without(everyRow['power-fencing'] ?? [], 'write-try'))).toBeUndefined()
  const unknownPolicy = changed(bothLinksFail, 'run.started', (event) => ({
    ...event,
    testbed: { ...event.testbed, stack: { ...event.testbed.stack, policy: 'sbd' } },
  }))
  expect(check(unknownPolicy)).toMatchObject({ state: 'unknown' })
})

const taken = everyRow['pr-frozen-vm'] ?? []
const accepted = (at: number) => refusedTry('observer', at, landed(at))
it.each<[string, number, number, 'holds' | 'violated' | 'unknown']>([
  ['in its gap once, refused twice', 1, 2, 'holds'],
  ['accepted as often as refused', 1, 1, 'unknown'],
  ['accepted whenever it was tried', 3, 0, 'violated'],
])('the published defender: %s', (_, landings, refusals, state) => {
  const row = without(
    taken,
    'write-try',
    ({ event, host }) => event.type === 'write-try' && event.why === 'end' && host === 'observer',
  )
  const tries = [
    ...Array.from({ length: landings }, (_one, index) => accepted(6701 + index)),
    ...Array.from({ length: refusals }, (_one, index) => refusedTry('observer', 6711 + index)),
  ]
  expect(check(plus(row, ...tries))).toMatchObject({ state })
})

it('where nobody goes on, a disk that lets in is a failure while its reservation stands', () => {
  const row = everyRow['coordinators-lost-then-crash'] ?? []
  expect(check(row)).toMatchObject({ state: 'holds' })
  const open = end((event) => ({ ...event, ...landed(4700) }), row)
  expect(check(open)).toMatchObject({
    state: 'violated',
    text: expect.stringContaining('though a reservation stands') as string,
  })
  const blind = without(open, 'keys', ({ event }) => event.type === 'keys' && event.action === 'reservation')
  expect(check(blind)).toMatchObject({ state: 'unknown' })
})

it('an older recording is judged only where it has write tries', () => {
  const none = without(bothLinksFail, 'write-try')
  expect(check(none, 2)).toBeUndefined()
  expect(check(none, 3)).toMatchObject({ state: 'unknown' })
  expect(check(bothLinksFail, 2)).toMatchObject({ state: 'holds' })
})

it('a node that left and whose key stayed may still write; one without a key may not', () => {
  const row = everyRow['unclean-stop'] ?? []
  const others = row.filter(({ event, host }) => event.type !== 'write-try' || host !== 'nodea')
  const last = others.findLast(({ event }) => event.type === 'write-try')
  if (!last) throw new Error('nobody tried')
  const keyless = plus(others, refusedTry('nodea', last.at + 10, landed(last.at + 10)))
  expect(check(keyless)).toMatchObject({ state: 'unknown', text: expect.stringContaining('nodea') as string })
  const registered = changed(keyless, 'keys', (event) =>
    event.action === 'keys' && event.lun === 'data1' && event.bytes !== undefined
      ? { ...lacking(event, 'bytes'), stdout: keysText(6, [keys.nodea]) }
      : event,
  )
  expect(check(registered)).toMatchObject({
    state: 'holds',
    text: 'data1: observer, which must not write, was refused',
  })
})
