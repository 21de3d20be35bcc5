/**
 * A frozen node is ejected, its peer takes the group over, and leaves cleanly as the last one. What the frozen node had
 * under way is sent when it wakes, and nobody is there any more to keep it out but the reservation.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Scenario } from '../../labs/scenarios/scenario.ts'
import type { GreenLab } from '../../main/engine/green.ts'
import { openTestLab, row, run, told } from './lab.ts'

let green: GreenLab
beforeAll(async () => {
  green = await openTestLab()
})
afterAll(() => green.close())

const abandoned: Scenario = {
  ...row('node-hangs'),
  name: 'node-hangs-and-peer-leaves',
  title: 'Node A hangs, B takes over and leaves, A wakes',
  steps: [
    { do: 'fault', id: 'freeze', fault: 'vm-freeze', target: { node: 'A' } },
    { do: 'await', condition: 'hung-node-ejected', seconds: 60 },
    { do: 'await', condition: 'taken-over', seconds: 60, of: ['B'] },
    { do: 'operate', operation: 'leave', of: ['B'] },
    { do: 'await', condition: 'left', of: ['B'], seconds: 60 },
    { do: 'revert', id: 'freeze' },
    { do: 'await', condition: 'panicked', of: ['A'], seconds: 60 },
  ],
  expected: { A: ['panicked'], B: ['left'] },
  rules: ['hung-node-was-ejected-while-hung', 'hung-node-panicked', 'no-write-after-takeover'],
}

test('the disk stays reserved: what the frozen node had under way is refused', async () => {
  const result = await run(green, abandoned)
  expect(told(result)).toEqual({ verdict: 'pass', outcomes: { nodea: 'panicked', nodeb: 'left' }, against: [] })
})
