import { expect, test } from 'vitest'
import type { Line } from '../../../labs/journal/event.ts'
import { isPanicSeen, type PanicWitness } from '../../../labs/journal/panic-seen.ts'

const line = (seq: number, host: string, event: object) =>
  ({ v: 1, seq, at: seq, prev: '', host, ...event }) as unknown as Line
const boot = (seq: number, host = 'nodea') => line(seq, host, { type: 'boot', boot: `boot-${seq}` })
const event = (seq: number, host = 'nodea') => line(seq, host, { type: 'panic-event', source: 'qmp' })
const printed = (seq: number, text = '[   12.3] Kernel panic - not syncing: fenced') =>
  line(seq, 'nodea', { type: 'console', text })
const both: readonly PanicWitness[] = ['panic-event', 'console']

test.each<[string, readonly Line[], readonly PanicWitness[], boolean]>([
  ['nothing', [boot(1)], both, false],
  ['both witnesses', [boot(1), event(2), printed(3)], both, true],
  ['one of two: a program can print the words', [boot(1), printed(2)], both, false],
  ['the only one that there is', [boot(1), printed(2)], ['console'], true],
  [
    'a console that quotes an earlier one',
    [boot(1), printed(2, 'kdump: Kernel panic - not syncing')],
    ['console'],
    false,
  ],
  ['a panic before its last start', [event(1), printed(2), boot(3)], both, false],
  ['a panic of another node', [boot(1), event(2, 'nodeb')], ['panic-event'], false],
  ['a node that nobody watches', [boot(1), event(2), printed(3)], [], false],
])('%s', (_name, lines, witnesses, seen) => {
  expect(isPanicSeen(lines, 'nodea', witnesses)).toBe(seen)
})
