/** Changes that the lab must notice: a cluster that does wrong, a fault that does not take. */
import { readFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { agentPlace } from '../../labs/stacks/reference/agent-config.ts'
import type { Scenario } from '../../labs/scenarios/scenario.ts'
import { nodesOf } from '../../labs/testbed/parts.ts'
import { bundleAgent } from '../../main/agent/bundle.ts'
import type { GreenLab } from '../../main/engine/green.ts'
import { askStatus, startAgent } from '../../main/stacks/reference-stack.ts'
import { clearOwnKeys } from '../../main/engine/clear-own-keys.ts'
import { devicesByLun, findDevices } from '../../main/engine/devices.ts'
import { until } from '../../main/until.ts'
import { openTestLab, row, run, signal, told } from './lab.ts'

let green: GreenLab
beforeAll(async () => {
  green = await openTestLab()
})
// whatever a test did to the nodes, the next one begins from the snapshot
afterEach(() => green.restore(signal()))
afterAll(() => green.close())

const nodes = () => nodesOf(green.lab.testbed).map(({ name }) => name)

async function onEveryNode(purpose: string, script: string): Promise<void> {
  await Promise.all(
    nodes().map((node) => green.lab.run(node, { purpose, argv: ['sh', '-c', script], timeoutMs: 60_000, signal: signal() })),
  )
}

/** What these clusters do not do is not worth a minute of waiting. */
function impatient(name: string): Scenario {
  const scenario = row(name)
  return { ...scenario, steps: scenario.steps.map((step) => (step.do === 'await' ? { ...step, seconds: 25 } : step)) }
}

/** Puts a changed agent onto every node and forms the cluster anew. The change must hit exactly once. */
async function withWrongAgent(from: RegExp, to: string): Promise<void> {
  const text = await readFile((await bundleAgent()).file, 'utf8')
  expect([...text.matchAll(new RegExp(from, 'g'))]).toHaveLength(1)
  const wrong = text.replace(from, to)
  await onEveryNode('end the agent', `pkill -f '[a]gent.cjs run'; while pgrep -f '[a]gent.cjs run' >/dev/null; do sleep 0.2; done`)
  await Promise.all(
    nodes().map((node) =>
      green.lab.run(node, {
        purpose: 'put a wrong agent there',
        argv: ['sh', '-c', 'cat >"$1"', 'put', agentPlace.program],
        stdin: wrong,
        timeoutMs: 60_000,
        signal: signal(),
      }),
    ),
  )
  const [first = ''] = nodes()
  await clearOwnKeys(green.lab, first, devicesByLun(green.lab, await findDevices(green.lab, first, signal())), signal())
  await Promise.all(nodes().map((node) => startAgent(green.lab, node, signal())))
  const formed = async () => {
    const answers = await Promise.all(nodes().map((node) => askStatus(green.lab, node, signal())))
    return (
      answers.every(({ status }) => status.members?.length === nodes().length) &&
      answers.filter(({ status }) => status.active).length === 1
    )
  }
  await until(formed, { signal: AbortSignal.timeout(180_000), everyMilliseconds: 1000 })
}

test('an `ip` that does nothing: the fault did not take, so the run decides nothing', async () => {
  await onEveryNode('replace ip', `printf '#!/bin/sh\\nexit 0\\n' >/tmp/ip && chmod +x /tmp/ip && mount --bind /tmp/ip "$(command -v ip)"`)
  const result = await run(green, row('one-private-network-fails'))
  expect(told(result).verdict).toBe('inconclusive')
  expect(told(result).against.join('\n')).toMatch(/precondition: .*cut-priv1.*did not take/)
})

test('a cluster that ignores the majority: the side that lost goes on, and that is a failure', async () => {
  await withWrongAgent(/loseRace\(context, count\("won"\)\)/, '(s.phase = "member", s.change = null)')
  const result = await run(green, impatient('both-private-networks-fail'))
  expect(told(result)).toMatchObject({ verdict: 'fail' })
  expect(told(result).against.join('\n')).toMatch(/fail others-panicked/)
})

test('a victim that never panics is not a pass', async () => {
  await withWrongAgent(/\(0, node_fs\.writeSync\)\(sysrq, "c"\)/, 'void sysrq')
  const result = await run(green, impatient('both-private-networks-fail'))
  expect(told(result)).toMatchObject({ verdict: 'fail' })
  expect(told(result).against.join('\n')).toMatch(/fail others-panicked/)
})

test('a victim that only says it panicked is not believed', async () => {
  await withWrongAgent(
    /\(0, node_fs\.writeSync\)\(sysrq, "c"\)/,
    '(0, node_fs.writeSync)(kmsg, "<2>Kernel panic - not syncing: not really\\n")',
  )
  const result = await run(green, impatient('both-private-networks-fail'))
  expect(told(result).verdict).not.toBe('pass')
})
