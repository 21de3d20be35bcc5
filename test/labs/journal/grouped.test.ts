import { expect, test } from 'vitest'
import { about, ofType } from '../../../labs/journal/grouped.ts'
import { lab, on, recorded } from '../verdicts/history.ts'
import type { Line } from '../../../labs/journal/event.ts'

const probe = { type: 'probe', node: 'nodea', reachable: false, text: '' } as const

test('gathers the lines of a type and those about a host, in order', () => {
  const lines = recorded([
    lab(0, { type: 'note', text: 'one' }),
    on('nodea', 1, { type: 'boot', boot: 'x' }),
    lab(2, probe),
    on('nodea', 3, probe),
    lab(4, { type: 'note', text: 'two' }),
  ])
  expect([
    ofType(lines, 'note').map(({ text }) => text),
    ofType(lines, 'stack'),
    about(lines, 'nodea').map(({ seq }) => seq),
    about(lines, 'nodeb'),
  ]).toEqual([['one', 'two'], [], [2, 3, 4], []])
})

test('a list that grew is gathered anew', () => {
  const lines: Line[] = [...recorded([lab(0, { type: 'note', text: 'one' })])]
  const before = [ofType(lines, 'note').length, about(lines, 'nodea').length]
  lines.push(
    ...recorded([lab(0, { type: 'note', text: 'one' }), on('nodea', 1, { type: 'note', text: 'two' })]).slice(1),
  )
  expect([before, ofType(lines, 'note').length, about(lines, 'nodea').length]).toEqual([[1, 0], 2, 1])
})
