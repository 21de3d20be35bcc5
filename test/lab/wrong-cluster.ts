/** Makes the lab of the tests wrong: commands that do nothing, a cluster that does not do what it should. */
import { readFile } from 'node:fs/promises'
import { expect } from 'vitest'
import { agentPlace } from '../../labs/stacks/reference/agent-config.ts'
import type { Scenario } from '../../labs/scenarios/scenario.ts'
import { nodesOf } from '../../labs/testbed/parts.ts'
import { bundleAgent } from '../../main/agent/bundle.ts'
import type { GreenLab } from '../../main/engine/ready/green.ts'
import { clearOwnKeys } from '../../main/engine/ready/clear-own-keys.ts'
import { devicesByLun, findDevices } from '../../main/engine/ready/devices.ts'
import { until } from '../../main/until.ts'
import { row, signal } from './lab.ts'

const nodesIn = (green: GreenLab) => nodesOf(green.lab.testbed).map(({ name }) => name)

export async function onEveryNode(green: GreenLab, purpose: string, script: string): Promise<void> {
  await Promise.all(
    nodesIn(green).map((node) =>
      green.lab.run(node, { purpose, argv: ['sh', '-c', script], timeoutMs: 60_000, signal: signal() }),
    ),
  )
}

/** A command of the machines ends well and does nothing. */
export const disarm = (green: GreenLab, command: string) =>
  onEveryNode(
    green,
    `replace ${command}`,
    `printf '#!/bin/sh\\nexit 0\\n' >/tmp/nothing && chmod +x /tmp/nothing && mount --bind /tmp/nothing "$(command -v ${command})"`,
  )

/** What these clusters do not do is not worth a minute of waiting. */
export function impatient(name: string): Scenario {
  const scenario = row(name)
  return { ...scenario, steps: scenario.steps.map((step) => (step.do === 'await' ? { ...step, seconds: 25 } : step)) }
}

/** Puts a changed agent onto every node and forms the cluster anew. The change must hit exactly once. */
export async function withWrongAgent(green: GreenLab, from: RegExp, to: string): Promise<void> {
  const nodes = nodesIn(green)
  const text = await readFile((await bundleAgent()).file, 'utf8')
  expect([...text.matchAll(new RegExp(from, 'g'))]).toHaveLength(1)
  const wrong = text.replace(from, to)
  await onEveryNode(
    green,
    'end the agent',
    `pkill -f '[a]gent.cjs run'; while pgrep -f '[a]gent.cjs run' >/dev/null; do sleep 0.2; done`,
  )
  await Promise.all(
    nodes.map((node) =>
      green.lab.run(node, {
        purpose: 'put a wrong agent there',
        argv: ['sh', '-c', 'cat >"$1"', 'put', agentPlace.program],
        stdin: wrong,
        timeoutMs: 60_000,
        signal: signal(),
      }),
    ),
  )
  const [first = ''] = nodes
  await clearOwnKeys(green.lab, first, devicesByLun(green.lab, await findDevices(green.lab, first, signal())), signal())
  await Promise.all(nodes.map((node) => green.lab.stack.start(green.lab, node, signal())))
  const formed = async () => {
    const answers = await Promise.all(nodes.map((node) => green.lab.stack.status(green.lab, node, signal())))
    return (
      answers.every(({ status }) => status.members?.length === nodes.length) &&
      answers.filter(({ status }) => status.active).length === 1
    )
  }
  await until(formed, { signal: AbortSignal.timeout(180_000), everyMilliseconds: 1000 })
}
