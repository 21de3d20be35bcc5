import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { verifyRecording } from '../../main/recorder/verify-recording.ts'
import type { GreenLab } from '../../main/engine/green.ts'
import { openTestLab, row, run, told } from './lab.ts'

let green: GreenLab
beforeAll(async () => {
  green = await openTestLab()
})
afterAll(() => green.close())

test('both private networks fail: one goes on, the other is proved panicked, nothing of it lands', async () => {
  const result = await run(green, row('both-private-networks-fail'))
  const { verdict, outcomes, against } = told(result)
  expect({ verdict, outcomes: Object.values(outcomes).sort(), against }).toEqual({
    verdict: 'pass',
    outcomes: ['panicked', 'running'],
    against: [],
  })
  expect(result.restored).toBe(true)
  expect(await verifyRecording(result.directory)).toEqual({ whole: true, problems: [] })
  const stored = JSON.parse(readFileSync(join(result.directory, 'verdict.json'), 'utf8')) as { verdict: { verdict: string } }
  expect(JSON.stringify(stored)).toContain('"pass"')
})

test('one private network fails: both go on, say so, and use the repaired link again', async () => {
  const result = await run(green, row('one-private-network-fails'))
  expect(told(result)).toEqual({ verdict: 'pass', outcomes: { nodea: 'running', nodeb: 'running' }, against: [] })
})

test('node hangs: the hung one is ejected meanwhile, and panics when it wakes', async () => {
  const result = await run(green, row('node-hangs'))
  const { verdict, outcomes, against } = told(result)
  expect({ verdict, outcomes: Object.values(outcomes).sort(), against }).toEqual({
    verdict: 'pass',
    outcomes: ['panicked', 'running'],
    against: [],
  })
})
