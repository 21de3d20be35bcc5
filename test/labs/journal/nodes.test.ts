import { expect, it } from 'vitest'
import { foldClocks } from '../../../labs/journal/clock.ts'
import { foldReadings } from '../../../labs/journal/key-tables.ts'
import { foldNodes } from '../../../labs/journal/nodes.ts'
import { frameRun } from '../../../labs/journal/run.ts'
import {
  boots,
  changed,
  keys,
  keysText,
  look,
  on,
  panic,
  plus,
  probe,
  process,
  recorded,
  without,
  write,
  type Entry,
} from '../verdicts/history.ts'
import { bothLinksFail, oneLinkFails } from '../verdicts/rows.ts'

function outcome(entries: readonly Entry[], name = 'nodeb') {
  const frame = frameRun(recorded(entries))
  const clocks = foldClocks(frame.lines)
  const found = foldNodes(frame, clocks, foldReadings(frame.lines, clocks)).find((node) => node.name === name)
  return found && [found.outcome, found.why]
}
const row = oneLinkFails
const gone = row.filter((entry) => entry.at < 2900 || (entry.host !== 'nodeb' && entry.at !== 3610))
const state = (word: 'left' | 'refused' | 'stopped' | 'racing') =>
  changed(row, 'stack', (event, { host, at }) => (host === 'nodeb' && at > 3000 ? { ...event, state: word } : event))
const witnesses = (list: ('panic-event' | 'console')[]) => (entries: readonly Entry[]) =>
  changed(entries, 'run.started', (event) => ({
    ...event,
    testbed: { ...event.testbed, nodes: event.testbed.nodes.map((node) => ({ ...node, panicWitnesses: list })) },
  }))
const said = (at: number, text: string): Entry => ({ at, host: 'nodeb', event: { type: 'console', text } })
/** It took 50 ms. */
const command = (at: number, exit: number | null): Entry => ({
  at,
  host: 'nodeb',
  event: {
    type: 'command',
    purpose: 'is nodeb there',
    argv: ['true'],
    exit,
    expected: [0],
    ...(exit === null && { failure: 'timeout' as const }),
    stdout: '',
    stderr: '',
    milliseconds: 50,
  },
})
const panicked = plus(gone, ...panic('nodeb', 2900))

it.each<[string, readonly Entry[], string, string]>([
  ['running', row, 'running', 'same boot as before the fault, and its stack is a member'],
  ['panicked, seen by both', panicked, 'panicked', "the hypervisor's panic event saw it, the console saw it"],
  [
    'panicked, seen by the only witness',
    witnesses(['console'])(without(panicked, 'panic-event')),
    'panicked',
    'the console saw it',
  ],
  ['seen by one of two', without(panicked, 'console'), 'unknown', 'a panic is not proved: the console did not see it'],
  [
    'seen by the wrong one',
    witnesses(['console'])(without(panicked, 'console')),
    'unknown',
    'a panic is not proved: the console did not see it',
  ],
  [
    'seen, no witness declared',
    witnesses([])(panicked),
    'unknown',
    'a panic was seen, but the testbed declares no witness',
  ],
  [
    'rebooted, no witness declared',
    witnesses([])(plus(gone, probe(3610, 'nodeb', 'boot-b-2'))),
    'unknown',
    'it rebooted, a panic is not proved',
  ],
  [
    'alive after it',
    plus(panicked, write('nodeb', 2950, 1)),
    'unknown',
    'a panic was seen, and a sign of life of the same boot after it',
  ],
  [
    'its console goes on after it',
    plus(panicked, said(2915, '[  202.915] Kernel panic - not syncing: x'), said(3500, '[  206.5] EXT4-fs: mounted')),
    'unknown',
    'a panic was seen, and a sign of life of the same boot after it',
  ],
  [
    'a command begun after it ended with a status',
    plus(panicked, command(3000, 1)),
    'unknown',
    'a panic was seen, and a sign of life of the same boot after it',
  ],
  [
    'a command begun after it did not end',
    plus(panicked, command(3000, null)),
    'panicked',
    "the hypervisor's panic event saw it, the console saw it",
  ],
  [
    'a command begun before it ended after it',
    plus(panicked, command(2920, 0)),
    'panicked',
    "the hypervisor's panic event saw it, the console saw it",
  ],
  [
    'a console line that is no panic',
    plus(gone, on('nodeb', 2900, { type: 'console', text: 'kernel panic drill' })),
    'unknown',
    'it did not answer at the end, which proves nothing',
  ],
  ['silent', gone, 'unknown', 'it did not answer at the end, which proves nothing'],
  ['hung', plus(gone, process(3610, 'nodeb', 'T')), 'hung', 'its virtual machine is stopped (process state T)'],
  [
    'hung at some time',
    plus(gone, process(2900, 'nodeb', 'T')),
    'unknown',
    'its virtual machine was stopped, and was not looked at again at the end',
  ],
  [
    'hung and answering',
    plus(row, process(3550, 'nodeb', 'T')),
    'unknown',
    'its virtual machine is stopped, and yet it answered later',
  ],
  [
    'woken',
    plus(row, process(2900, 'nodeb', 'T'), process(2950, 'nodeb', 'S')),
    'running',
    'same boot as before the fault, and its stack is a member',
  ],
  ['left', state('left'), 'left', 'its stack says that it has left the cluster'],
  ['refused', state('refused'), 'refused-to-join', 'its stack declined to start'],
  ['stopped', state('stopped'), 'unknown', 'it answers, its stack says stopped'],
  ['racing', state('racing'), 'unknown', 'it answers, its stack says racing'],
  [
    'its key gone from the data disk',
    plus(row, look('observer', 3350, 'data1', 'keys', keysText(5, [keys.nodea]))),
    'ejected',
    'alive, but its key is gone from data1',
  ],
  [
    'an empty table: nobody is shut out by it',
    plus(row, look('observer', 3350, 'data1', 'keys', keysText(5, []))),
    'running',
    'same boot as before the fault, and its stack is a member',
  ],
  [
    'an empty table after one without its key',
    plus(
      row,
      look('observer', 3350, 'data1', 'keys', keysText(5, [keys.nodea])),
      look('observer', 3450, 'data1', 'keys', keysText(6, [])),
    ),
    'ejected',
    'alive, but its key is gone from data1',
  ],
  [
    'a refused write',
    plus(row, write('nodeb', 2900, 1, 1, 'refused')),
    'ejected',
    'alive, but the storage refused its write',
  ],
  [
    'its own look alone does not eject it',
    plus(row, look('nodeb', 3350, 'data1', 'keys', keysText(5, [keys.nodea]))),
    'running',
    'same boot as before the fault, and its stack is a member',
  ],
  [
    'never asked',
    without(row, 'stack', ({ at, host }) => host === 'nodeb' && at > 1000),
    'unknown',
    'it answers, its stack was not asked after the fault',
  ],
  [
    'not asked in the end',
    without(row, 'stack', ({ at }) => at > 3000),
    'unknown',
    'it answers, its stack did not answer at the end',
  ],
  ['no fault', without(row, 'fault'), 'unknown', 'no fault was applied'],
])('%s', (_, entries, what, why) => {
  expect(outcome(entries)).toEqual([what, why])
})

it('a baseline boot that nobody saw leaves everything open', () => {
  const blind = without(panicked, 'clock', ({ host }) => host === 'nodeb')
  expect(outcome(plus(blind, probe(3610, 'nodeb', boots.nodeb)))).toEqual([
    'unknown',
    'a panic was seen, and a sign of life of the same boot after it',
  ])
})

it('tells when it was settled', () => {
  const frame = frameRun(recorded(bothLinksFail))
  const clocks = foldClocks(frame.lines)
  expect(
    foldNodes(frame, clocks, foldReadings(frame.lines, clocks)).map(({ name, settled }) => [name, settled]),
  ).toEqual([
    ['nodea', 3310],
    ['nodeb', 4710],
  ])
})
