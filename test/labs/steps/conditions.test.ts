import { expect, test } from 'vitest'
import type { LineOf } from '../../../labs/journal/event.ts'
import { isMet } from '../../../labs/steps/conditions.ts'
import type { Condition } from '../../../labs/scenarios/scenario.ts'
import {
  applyFault,
  changed,
  coordination,
  failedLook,
  keys,
  keysText,
  look,
  looks,
  member,
  message,
  plus,
  recorded,
  without,
  write,
  type Entry,
} from '../verdicts/history.ts'
import { bothLinksFail, nodeHangs, oneLinkFails } from '../verdicts/rows.ts'

/** The time of the line with which the condition is met first; undefined where it never is. */
function metAt(condition: Condition, entries: readonly Entry[]): number | undefined {
  const lines = recorded(entries)
  const started = lines[0] as LineOf<'run.started'>
  const length = lines.findIndex((_, index) => isMet(condition, started, lines.slice(0, index + 1)))
  return lines[length]?.at
}
/** The looks of those who are asked after 3000, without those of the end (from 4000 on). */
const early = (entries: readonly Entry[]) => entries.filter(({ at }) => at < 4000)
/** nodeb goes on writing after nodea's panic at 3300. */
const goesOn = [write('nodeb', 3600, 2, 2), write('nodeb', 3700, 3, 2)]
const race = early(plus(bothLinksFail, ...goesOn))

test('one panicked and fenced: panic, ejection everywhere that counts, and a survivor that writes', () => {
  expect(metAt('one-panicked-and-fenced', race)).toBe(
    race.find(({ event }) => event.type === 'ledger.write' && event.number === 3 && event.epoch === 2)?.at,
  )
})

test.each<[string, readonly Entry[]]>([
  ['no fault was injected', without(race, 'fault')],
  ['QEMU saw no panic', without(race, 'panic-event')],
  ['the console shows no panic', changed(race, 'console', (event) => ({ ...event, text: 'all is well' }))],
  ['the survivor writes too little', race.filter((entry) => !goesOn.slice(1).includes(entry))],
  [
    'the survivor is refused',
    changed(race, 'ledger.write', (event) => (event.epoch === 2 ? { ...event, result: 'refused', errno: 52 } : event)),
  ],
  [
    'the last look still shows its key on the data disk',
    plus(race, look('observer', 3800, 'data1', 'keys', keysText(5, [keys.nodea, keys.nodeb]))).filter(
      ({ at, event }) => event.type !== 'keys' || event.lun !== 'data1' || at < 3000 || at === 3800,
    ),
  ],
])('not met: %s', (_, entries) => {
  expect(metAt('one-panicked-and-fenced', entries)).toBeUndefined()
})

/** What the look at 3200 shows on these LUNs is replaced. */
const seen = (entries: readonly Entry[], names: readonly string[], make: (lun: string) => Entry) =>
  entries.map((entry) =>
    entry.at === 3200 && entry.event.type === 'keys' && entry.event.action === 'keys' && names.includes(entry.event.lun)
      ? make(entry.event.lun)
      : entry,
  )

test('a majority of the coordination points is enough, half of them is not; the data disk must be free of it', () => {
  const still = (names: readonly string[]) =>
    seen(race, names, (lun) => look('observer', 3200, lun, 'keys', keysText(5, [keys.nodea, keys.nodeb])))
  expect(metAt('one-panicked-and-fenced', still(coordination.slice(0, 1)))).toBeDefined()
  expect(metAt('one-panicked-and-fenced', still(coordination.slice(0, 2)))).toBeUndefined()
  expect(metAt('one-panicked-and-fenced', still(['data1']))).toBeUndefined()
})

test('a failed look and an empty table show nobody ejected', () => {
  const points = coordination.slice(0, 2)
  expect(
    metAt(
      'one-panicked-and-fenced',
      seen(race, points, (lun) => failedLook('observer', 3200, lun)),
    ),
  ).toBeUndefined()
  expect(
    metAt(
      'one-panicked-and-fenced',
      seen(race, points, (lun) => look('observer', 3200, lun, 'keys', keysText(5, []))),
    ),
  ).toBeUndefined()
})

test('the one who panicked cannot tell who is ejected: only its survivors and onlookers can', () => {
  const told = (host: 'nodea' | 'nodeb') =>
    race.map(
      (entry) =>
        (entry.at === 3200 ? looks(host, 3200, 5, [keys.nodeb], keys.nodeb)[0] && { ...entry, host } : entry) as Entry,
    )
  expect(metAt('one-panicked-and-fenced', told('nodeb'))).toBeDefined()
  expect(metAt('one-panicked-and-fenced', told('nodea'))).toBeUndefined()
})

test('an answer that is the same as an earlier one counts with its text', () => {
  const lines = recorded(race)
  const first = lines.find(
    (line): line is LineOf<'keys'> => line.type === 'keys' && line.at === 3200 && line.lun === 'coord1',
  )
  expect(first).toBeDefined()
  const again = plus(race, look('observer', 3250, 'coord1', 'keys', '', { same: first?.seq ?? 0 }))
  expect(metAt('one-panicked-and-fenced', again)).toBe(metAt('one-panicked-and-fenced', race))
})

test('writes from before the group was started again do not show life', () => {
  const taken = plus(race, message('nodeb', 3650, 'group-started', 'the group was started'))
  expect(metAt('one-panicked-and-fenced', taken)).toBeUndefined()
})

test('link loss noticed: by every node, after the fault', () => {
  const at = oneLinkFails.filter(({ event }) => event.type === 'stack.log' && event.code === 'link-lost').at(-1)?.at
  expect(metAt('link-loss-noticed', oneLinkFails)).toBe(at)
  for (const node of ['nodea', 'nodeb']) {
    expect(
      metAt(
        'link-loss-noticed',
        without(oneLinkFails, 'stack.log', ({ host }) => host === node),
      ),
    ).toBeUndefined()
  }
  const before = without(oneLinkFails, 'stack.log')
  expect(
    metAt(
      'link-loss-noticed',
      plus(before, message('nodea', 1000, 'link-lost', ''), message('nodeb', 1000, 'link-lost', '')),
    ),
  ).toBeUndefined()
})

test('all links heard: every node said so after the revert, and hears all others on all links by its last status', () => {
  const healed = [member('nodea', 2850), member('nodeb', 2860)]
  const whole = plus(
    oneLinkFails.filter(({ at }) => at < 3000),
    ...healed,
  )
  expect(metAt('all-links-heard', whole)).toBe(2860)
  expect(
    metAt(
      'all-links-heard',
      whole.filter((entry) => entry !== healed[1]),
    ),
  ).toBeUndefined()
  expect(
    metAt(
      'all-links-heard',
      without(whole, 'stack.log', ({ event }) => event.type === 'stack.log' && event.code === 'link-up'),
    ),
  ).toBeUndefined()
  expect(
    metAt(
      'all-links-heard',
      without(whole, 'fault', ({ event }) => event.type === 'fault' && event.step === 'reverting'),
    ),
  ).toBeUndefined()
  // a node that gives no answer says nothing about its links: the answer before stands
  const silent = plus(whole, { at: 2855, host: 'nodea', event: { type: 'stack', answered: false, text: 'no answer' } })
  expect(metAt('all-links-heard', silent)).toBe(2860)
})

test('hung node ejected: its keys are gone and the others write; it need not panic', () => {
  const frozen = plus(nodeHangs, write('nodeb', 3400, 2, 2), write('nodeb', 3500, 3, 2)).filter(({ at }) => at < 3850)
  expect(metAt('hung-node-ejected', frozen)).toBe(frozen.at(-1)?.at)
  expect(
    metAt(
      'hung-node-ejected',
      without(frozen, 'keys', ({ at }) => at > 3000),
    ),
  ).toBeUndefined()
  expect(
    metAt(
      'hung-node-ejected',
      without(frozen, 'ledger.write', ({ host, at }) => host === 'nodeb' && at > 3450),
    ),
  ).toBeUndefined()
})

test('hung node settled: it panicked, by all witnesses', () => {
  const last = nodeHangs.filter(({ event }) => event.type === 'console').at(-1)?.at
  expect(metAt('hung-node-settled', nodeHangs)).toBe(last)
  expect(metAt('hung-node-settled', without(nodeHangs, 'panic-event'))).toBeUndefined()
})

test('a node without a witness is never seen to panic', () => {
  const blind = changed(nodeHangs, 'run.started', (event) => ({
    ...event,
    testbed: { ...event.testbed, nodes: event.testbed.nodes.map((node) => ({ ...node, panicWitnesses: [] })) },
  }))
  expect(metAt('hung-node-settled', blind)).toBeUndefined()
})

test('the group writes: its node says that it runs there, and three writes since its start there were acknowledged', () => {
  const started = message('nodeb', 3350, 'group-started', 'the group is active here, epoch 2', { epoch: 2 })
  const told = plus(race, started, member('nodeb', 3360, { members: ['nodeb'], active: true }))
  expect(metAt('group-writes', told)).toBe(3730)
  const silent = changed(told, 'stack', (event, { at }) => (at === 3360 ? { ...event, active: false } : event))
  expect(metAt('group-writes', silent)).toBeUndefined()
  expect(metAt('group-writes', told.slice(0, -1))).toBeUndefined()
  expect(metAt('group-writes', without(told, 'stack.log'))).toBeUndefined()
})

test('before a fault nothing is waited for with success', () => {
  const conditions: readonly Condition[] = [
    'one-panicked-and-fenced',
    'link-loss-noticed',
    'all-links-heard',
    'hung-node-ejected',
    'hung-node-settled',
  ]
  for (const entries of [bothLinksFail, oneLinkFails, nodeHangs]) {
    const calm = entries.slice(
      0,
      entries.findIndex((entry) => entry === applyFault(1100, '', {})[0] || entry.event.type === 'fault'),
    )
    expect(conditions.map((condition) => metAt(condition, calm))).toEqual(conditions.map(() => undefined))
    expect(conditions.map((condition) => metAt(condition, without(entries, 'fault')))).toEqual(
      conditions.map(() => undefined),
    )
  }
})
