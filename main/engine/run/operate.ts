import { assertNever } from '../../../labs/assert-never.ts'
import type { OperationName } from '../../../labs/scenarios/scenario.ts'
import { choiceOf } from '../../../labs/steps/stack-choice.ts'
import { outletsOf } from '../../../labs/testbed/power-of.ts'
import { until } from '../../until.ts'
import { clearOwnKeys } from '../ready/clear-own-keys.ts'
import { awaitDevices, devicesByLun, findDevices } from '../ready/devices.ts'
import type { Going } from '../going.ts'
import { deadManSeconds } from '../inject/inject.ts'
import { nodeNames, viewerNames } from '../../lab/lab.ts'
import { guardOutlets } from '../inject/outlet-guard.ts'
import { readOutlets } from '../inject/outlets.ts'

/** a machine that gets its power back boots, and finds its disks, under emulation too */
const bootMilliseconds = 300_000
const disksMilliseconds = 60_000

/** Does what the operator of the cluster does by hand, and writes it down. @returns whether it succeeded */
export async function operate(
  going: Going,
  operation: OperationName,
  nodes: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  const { recorder } = going
  recorder.append({ type: 'operation', operation, nodes, step: 'begun' })
  try {
    const evidence = await carryOut(going, operation, nodes, signal)
    recorder.append({ type: 'operation', operation, nodes, step: 'done', ok: true, evidence })
    return true
  } catch (error) {
    signal.throwIfAborted()
    const evidence = error instanceof Error ? error.message : String(error)
    recorder.append({ type: 'operation', operation, nodes, step: 'done', ok: false, evidence })
    return false
  }
}

async function carryOut(
  going: Going,
  operation: OperationName,
  nodes: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const { lab } = going
  const onEach = (what: (node: string) => Promise<unknown>) => Promise.all(nodes.map(what))
  switch (operation) {
    case 'start':
      await onEach((node) => start(going, node, signal))
      return 'the stack was started'
    case 'leave':
    case 'force-stop':
      await onEach((node) => lab.stack.tell(lab, node, operation, signal))
      return 'the stack was told'
    case 'restart':
      await onEach((node) => restart(going, node, signal))
      return 'it booted'
    case 'clear-keys':
      return clearKeys(going, signal)
    default:
      return assertNever(operation, 'operation')
  }
}

/** An agent that is there, and out of the cluster, joins anew; on a node that has just booted it is installed and started. */
async function start({ lab, scenario, started }: Going, node: string, signal: AbortSignal): Promise<void> {
  const { status } = await lab.stack.status(lab, node, signal)
  if (status.answered && ['refused', 'left'].includes(status.state ?? '')) {
    await lab.stack.tell(lab, node, 'join', signal)
  } else if (!status.answered) {
    const devices = devicesByLun(lab, await findDevices(lab, node, signal))
    await lab.stack.install(lab, node, devices, signal, choiceOf(scenario))
    await lab.stack.start(lab, node, signal, 'goes on with its log')
  }
  await lab.stack.startLedger(lab, node, started.run, status.answered ? 'runs' : 'is starting', signal)
}

/** Off at all of its outlets, on again, and there again with its disks. */
async function restart(going: Going, node: string, signal: AbortSignal): Promise<void> {
  const { lab } = going
  const outlets = outletsOf(lab.testbed, node)
  if (outlets.length === 0) throw new Error(`node ${node} has no power outlet in the testbed`)
  const guard = await guardOutlets(lab, outlets, deadManSeconds)
  const renewing = setInterval(() => guard.renew(), (deadManSeconds * 1000) / 4)
  try {
    for (const on of [false, true]) {
      await Promise.all(outlets.map((outlet) => lab.power.switch(outlet, on, signal)))
      await readOutlets(going, outlets, signal)
    }
  } finally {
    clearInterval(renewing)
    guard.end()
  }
  await awaitBoot(going, node, signal)
}

/** Waits until a node that was switched on is there, in its new boot, with its disks; and writes down which boot that is. */
export async function awaitBoot(
  { lab, recorder, lines }: Pick<Going, 'lab' | 'recorder' | 'lines'>,
  node: string,
  signal: AbortSignal,
): Promise<void> {
  const before = lines.findLast((line) => line.type === 'boot' && line.host === node)
  const limit = AbortSignal.any([signal, AbortSignal.timeout(bootMilliseconds)])
  // one that was made since is good; one that is dead without knowing it is found out by its keepalives
  if (lab.host(node).state() !== 'connected') lab.host(node).poke('it was switched on')
  let boot = ''
  await until(
    async () => {
      await lab.host(node).connected(limit)
      const answer = await lab
        .run(node, {
          purpose: `boot id of ${node}`,
          argv: ['cat', '/proc/sys/kernel/random/boot_id'],
          timeoutMs: 15_000,
          signal: limit,
        })
        .catch(
          () =>
            undefined /* recorded; the connection of the boot before, or a machine that is not ready: asked again */,
        )
      boot = answer?.stdout.trim() ?? ''
      return boot !== '' && !(before?.type === 'boot' && before.boot === boot)
    },
    { signal: limit, everyMilliseconds: 300 },
  )
  recorder.append({ type: 'boot', boot }, { host: node })
  const installing = lab.stack.installProgram(lab, node, limit)
  // an array may be off: then its LUNs do not come, and whoever needs them says so
  const found = await awaitDevices(lab, node, disksMilliseconds, limit)
  if (found.size < Object.keys(lab.testbed.luns).length)
    recorder.append({ type: 'note', text: `${node} does not see all LUNs after its start` })
  await installing
}

async function clearKeys({ lab }: Going, signal: AbortSignal): Promise<string> {
  const nodes = nodeNames(lab.testbed)
  const host = viewerNames(lab.testbed).find((name) => !nodes.includes(name)) ?? nodes[0] ?? ''
  await clearOwnKeys(lab, host, devicesByLun(lab, await findDevices(lab, host, signal)), signal)
  return `the keys were cleared through ${host}`
}
