import { expect, test } from 'vitest'
import { consoleLanes } from '../../../labs/replay/line-lanes.ts'
import { on, recorded } from '../verdicts/history.ts'

const printed = (at: number, text: string) => on('nodea', at, { type: 'console', text })

test('a console marks the panic of the kernel, and not one that a program quotes', () => {
  const [lane] = consoleLanes(
    recorded([
      printed(100, 'kdump: the last boot ended with: Kernel panic - not syncing: sysrq triggered crash'),
      printed(200, '[  202.915] Kernel panic - not syncing: fenced'),
      printed(300, 'login: [  202.916] Kernel panic - not syncing: fenced'),
      printed(400, '[  203.000] ---[ end Kernel panic - not syncing: fenced ]---'),
    ]),
    ['nodea', 'nodeb'],
  )
  expect(lane?.ticks.map(({ kind, event }) => [kind, event])).toEqual([
    ['console', 1],
    ['panic', 2],
    ['panic', 3],
    ['console', 4],
  ])
})
