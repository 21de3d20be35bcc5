/** Changes that the lab must notice: a cluster that does wrong, a fault that does not take. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { GreenLab } from '../../main/engine/ready/green.ts'
import { choiceOf } from '../../labs/steps/stack-choice.ts'
import { decided } from './decided.ts'
import { openTestLab, row, run, signal, told } from './lab.ts'
import { disarm, impatient, withWrongAgent } from './wrong-cluster.ts'

let green: GreenLab
beforeAll(async () => {
  green = await openTestLab()
})
// whatever a test did to the nodes, the next one begins from the snapshot
afterEach(() => green.restore(signal(), choiceOf(row('both-private-networks-fail'))))
afterAll(() => green.close())

test('an `ip` that does nothing: the fault did not take, so the run decides nothing', async () => {
  await disarm(green, 'ip')
  const result = await run(green, row('one-private-network-fails'))
  expect(told(result).verdict).toBe('inconclusive')
  expect(told(result).against.join('\n')).toMatch(/precondition: .*cut-priv1.*did not take/)
})

test('a cluster that ignores the majority: the side that lost goes on, and that is a failure', async ({ task }) => {
  const result = await decided(task, async () => {
    await withWrongAgent(green, /loseRace\(context, count\("won"\)\)/, '(s.phase = "member", s.change = null)')
    return run(green, impatient('both-private-networks-fail'))
  })
  expect(told(result)).toMatchObject({ verdict: 'fail' })
  expect(told(result).against.join('\n')).toMatch(/fail others-panicked/)
})

test('a victim that never panics is not a pass', async ({ task }) => {
  const result = await decided(task, async () => {
    await withWrongAgent(green, /\(0, node_fs\.writeSync\)\(sysrq, "c"\)/, 'void sysrq')
    return run(green, impatient('both-private-networks-fail'))
  })
  expect(told(result)).toMatchObject({ verdict: 'fail' })
  expect(told(result).against.join('\n')).toMatch(/fail others-panicked/)
})

test('a victim that only says it panicked is not believed', async () => {
  await withWrongAgent(
    green,
    /\(0, node_fs\.writeSync\)\(sysrq, "c"\)/,
    '(0, node_fs.writeSync)(kmsg, "<2>Kernel panic - not syncing: not really\\n")',
  )
  const result = await run(green, impatient('both-private-networks-fail'))
  expect(told(result).verdict).not.toBe('pass')
})

test('a node that goes on without a reply of the tie-breaker is a failure', async ({ task }) => {
  const result = await decided(task, async () => {
    await green.restore(signal(), choiceOf(row('ping-ideal')))
    await withWrongAgent(green, /unanswered >= PINGS && deciding && s\.lost\.length > 0/, 'false')
    return run(green, impatient('ping-ideal'))
  })
  expect(told(result).verdict).toBe('fail')
  expect(told(result).against.join('\n')).toMatch(/fail no-write-after-takeover/)
})

test('a defender that does not stop the group though it lost its reservation is a failure', async ({ task }) => {
  const result = await decided(task, async () => {
    await green.restore(signal(), choiceOf(row('pr-frozen-vm')))
    await withWrongAgent(green, /stopGroup\$\d\(context, "final action of the defender: stop group"\)/, 'void context')
    return run(green, impatient('pr-frozen-vm'))
  })
  expect(told(result).verdict).toBe('fail')
  expect(told(result).against.join('\n')).toMatch(/frozen-node-stopped/)
})

test('a fence command that says it did and did nothing: the takeover came before the fence', async () => {
  await green.restore(signal(), choiceOf(row('power-fencing')))
  await disarm(green, '/lab/fence')
  const result = await run(green, impatient('power-fencing'))
  expect(told(result).verdict).not.toBe('pass')
  expect(told(result).against.join('\n')).toMatch(/fenced-before-takeover/)
})
