import { createHash } from 'node:crypto'
import { bundleAgent } from '../agent/bundle.ts'
import { UserError, type LoadedTestbed } from '../load-testbed.ts'
import type { OnProgress } from '../progress.ts'
import { askStatus, installAgent, startAgent } from '../stacks/reference-stack.ts'
import { until } from '../until.ts'
import { buildImage } from '../virtual/image.ts'
import { labIsUp, VirtualLab } from '../virtual/virtual-lab.ts'
import { checkLab, formatItems } from './check.ts'
import { devicesByLun, findDevices } from './devices.ts'
import { clearOwnKeys } from './clear-own-keys.ts'
import { nodeNames, openLab, viewerNames, type Lab } from './lab.ts'

/** how long the machines may take to be reached, and the cluster to form, under emulation on a busy computer */
const reachMilliseconds = 120_000
const formMilliseconds = 180_000

/** A lab that is all green, and the way back to that. */
export interface GreenLab {
  readonly lab: Lab
  restore(signal: AbortSignal): Promise<void>
  /** Closes the connections; a virtual lab that was started for this program ends with it. */
  close(): Promise<void>
}

export interface GreenOptions {
  /** a virtual lab that is not up yet: `bound` ends with this program, `free` stays until `fencelab down` */
  readonly lifetime: 'bound' | 'free'
  readonly onProgress: OnProgress
  readonly signal: AbortSignal
}

/** Brings a testbed to all green: its machines (where it is a virtual lab), its stack, its connections. */
export async function openGreenLab(loaded: LoadedTestbed, options: GreenOptions): Promise<GreenLab> {
  const virtual = loaded.testbed.virtual ? await startVirtualLab(loaded, options) : undefined
  const lab = openLab(loaded)
  try {
    if (virtual) await greenFromSnapshot(lab, virtual, options)
    else await greenByStarting(lab, options.onProgress, options.signal)
  } catch (error) {
    await lab.close()
    virtual?.client.close()
    throw error
  }
  return {
    lab,
    async restore(signal) {
      if (virtual) await backToSnapshot(lab, virtual.client, signal)
      else await greenByStarting(lab, options.onProgress, signal)
    },
    async close() {
      await lab.close()
      virtual?.client.close()
    },
  }
}

interface StartedLab {
  readonly client: VirtualLab
  readonly greenKey: string
  /** the machines came out of the green snapshot, the stack with them */
  readonly isGreen: boolean
}

async function startVirtualLab(loaded: LoadedTestbed, { lifetime, onProgress, signal }: GreenOptions): Promise<StartedLab> {
  await buildImage(onProgress, signal)
  const { sha256 } = await bundleAgent()
  const greenKey = createHash('sha256').update(sha256).update(loaded.text).digest('hex')
  if (await labIsUp(loaded.directory)) {
    const client = await VirtualLab.attach(loaded.directory)
    return { client, greenKey, isGreen: (await client.greenKey()) === greenKey }
  }
  const client = await VirtualLab.launch(loaded.directory, loaded.file, lifetime === 'bound', signal)
  const cancel = () => void client.down().catch(() => client.close())
  signal.addEventListener('abort', cancel, { once: true })
  try {
    const { restored } = await client.up(greenKey, onProgress)
    return { client, greenKey, isGreen: restored }
  } catch (error) {
    await client.down().catch(() => client.close())
    throw error
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

async function greenFromSnapshot(lab: Lab, virtual: StartedLab, { onProgress, signal }: GreenOptions): Promise<void> {
  onProgress({ text: 'connecting' })
  await reachAll(lab, signal)
  await setClocks(lab, signal)
  if (virtual.isGreen) {
    if (await isGreen(lab, signal)) return
    onProgress({ text: 'going back to all green' })
    await backToSnapshot(lab, virtual.client, signal)
    await setClocks(lab, signal)
    return
  }
  await startStack(lab, onProgress, signal)
  onProgress({ text: 'keeping this state to come back to' })
  await virtual.client.saveGreen(virtual.greenKey)
}

/** Without snapshots: nodes that come back by themselves, their own keys cleared, the stack started anew. */
async function greenByStarting(lab: Lab, onProgress: OnProgress, signal: AbortSignal): Promise<void> {
  onProgress({ text: 'connecting' })
  await reachAll(lab, signal)
  if (await isGreen(lab, signal)) return
  await startStack(lab, onProgress, signal)
}

/** The connections of the machines as they were are dead though silent: they are made anew. */
async function backToSnapshot(lab: Lab, client: VirtualLab, signal: AbortSignal): Promise<void> {
  await client.reset()
  for (const transport of lab.hosts.all.values()) transport.poke('the machines went back to their snapshot')
  await reachAll(lab, signal)
}

async function reachAll(lab: Lab, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(reachMilliseconds)])
  await Promise.all([...lab.hosts.all.values()].map((transport) => transport.connected(limit)))
}

/**
 * Machines that come up out of a snapshot live in the past; their log lines should not. Not needed for judging, only for
 * reading. (A reset of running machines leaves their calendars right.)
 */
async function setClocks(lab: Lab, signal: AbortSignal): Promise<void> {
  if (!lab.testbed.virtual) return
  await Promise.all(
    [...lab.hosts.all.values()]
      .filter(({ name }) => lab.testbed.hosts[name]?.transport === 'ssh')
      .map(({ name }) =>
        lab.run(name, {
          purpose: `set the calendar of ${name}`,
          argv: ['date', '-s', `@${(Date.now() / 1000).toFixed(3)}`],
          timeoutMs: 15_000,
          signal,
        }),
      ),
  )
}

async function isGreen(lab: Lab, signal: AbortSignal): Promise<boolean> {
  const nodes = nodeNames(lab.testbed)
  const links = Object.keys(lab.testbed.links)
  const answers = await Promise.all(nodes.map(async (node) => ({ node, ...(await askStatus(lab, node, signal)) })))
  return (
    answers.every(({ node, status }) => {
      const others = nodes.filter((other) => other !== node)
      const hears = links.every((link) => others.every((other) => status.links?.[link]?.includes(other)))
      return status.state === 'member' && nodes.every((one) => status.members?.includes(one)) && hears
    }) && answers.filter(({ status }) => status.active).length === 1
  )
}

/** Before the first write to any LUN: it is the right one, the same everywhere, empty, and nobody else's. */
async function refuseUnsafe(lab: Lab, onProgress: OnProgress, signal: AbortSignal): Promise<void> {
  onProgress({ text: 'checking the testbed' })
  const wrong = (await checkLab(lab, signal)).filter(({ ok }) => !ok)
  if (wrong.length > 0) throw new UserError(`the testbed is not as it should be, nothing was changed:\n${formatItems(wrong)}`)
}

async function startStack(lab: Lab, onProgress: OnProgress, signal: AbortSignal): Promise<void> {
  await refuseUnsafe(lab, onProgress, signal)
  onProgress({ text: 'installing the cluster' })
  const nodes = nodeNames(lab.testbed)
  const limit = AbortSignal.any([signal, AbortSignal.timeout(formMilliseconds)])
  const devices = new Map<string, ReadonlyMap<string, string>>()
  await Promise.all(
    viewerNames(lab.testbed).map(async (host) => {
      const found = devicesByLun(lab, await findDevices(lab, host, limit))
      devices.set(host, found)
      await installAgent(lab, host, found, limit)
    }),
  )
  await clearOwnKeys(lab, nodes[0] ?? '', devices.get(nodes[0] ?? '') ?? new Map(), limit)
  onProgress({ text: 'waiting for the cluster to form' })
  await Promise.all(nodes.map((node) => startAgent(lab, node, limit)))
  try {
    await until(() => isGreen(lab, limit), { signal: limit, everyMilliseconds: 1000 })
  } catch (error) {
    signal.throwIfAborted()
    const said = await Promise.all(nodes.map(async (node) => `${node}: ${(await askStatus(lab, node, signal)).status.text}`))
    throw new Error(`the cluster did not form:\n${said.join('\n')}`, { cause: error })
  }
}
