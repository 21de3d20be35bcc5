import { createHash } from 'node:crypto'
import { HostError } from '../../transport/host-error.ts'
import { UserError, type LoadedTestbed } from '../../load-testbed.ts'
import { markHosts, type HostMarks } from '../../locks/host-marks.ts'
import { loggedProgress } from '../../log/logged-progress.ts'
import { logTask } from '../../log/log-task.ts'
import type { OnProgress } from '../../progress.ts'
import { driverOf } from '../../stacks/drivers.ts'
import { until } from '../../until.ts'
import { buildImage } from '../../virtual/image.ts'
import { labIsUp, VirtualLab } from '../../virtual/virtual-lab.ts'
import { checkLab, formatItems } from './check.ts'
import { choiceText, ownChoice } from '../../../labs/steps/stack-choice.ts'
import type { StackChoice } from '../../../labs/stacks/stack.ts'
import { devicesByLun, findDevices } from './devices.ts'
import { clearOwnKeys } from './clear-own-keys.ts'
import { hasFormed } from './has-formed.ts'
import type { Ask } from '../../power/manual-driver.ts'
import { nodeNames, openLab, viewerNames, type Lab } from '../../lab/lab.ts'
import { reviveNodes } from './revive-nodes.ts'

/** how long the machines may take to be reached, and the cluster to form, under emulation on a busy computer */
const reachMilliseconds = 120_000
/** machines that come out of a snapshot are up already: one that has not answered by then is taken back once more */
const answerMilliseconds = 45_000
const promptMilliseconds = 10_000
const formMilliseconds = 180_000
const leaveMilliseconds = 60_000

/** A lab that is all green, and the way back to that. */
export interface GreenLab {
  readonly lab: Lab
  /** Back to all green, with another cluster where one is wanted: else with the one that runs. */
  restore(signal: AbortSignal, choice?: StackChoice): Promise<void>
  /** Closes the connections; a virtual lab that was started for this program ends with it. */
  close(): Promise<void>
}

export interface GreenOptions {
  /** a virtual lab that is not up yet: `bound` ends with this program, `free` stays until `fencelab down` */
  readonly lifetime: 'bound' | 'free'
  /** the cluster that is wanted first; absent: the one that the testbed names */
  readonly choice?: StackChoice
  readonly onProgress: OnProgress
  /** who answers for power units that a person switches; absent: nobody, and such units are refused */
  readonly ask?: Ask
  readonly signal: AbortSignal
}

/** Brings a testbed to all green: its machines (where it is a virtual lab), its stack, its connections. */
export async function openGreenLab(loaded: LoadedTestbed, options: GreenOptions): Promise<GreenLab> {
  const about = { lab: loaded.testbed.name }
  const onProgress = loggedProgress(options.onProgress, about)
  const green = await logTask('bring the lab to all green', about, () => openGreen(loaded, { ...options, onProgress }))
  return { ...green, restore: (...words) => logTask('go back to all green', about, () => green.restore(...words)) }
}

async function openGreen(loaded: LoadedTestbed, options: GreenOptions): Promise<GreenLab> {
  let choice = options.choice ?? ownChoice(loaded.testbed)
  const client = loaded.testbed.virtual ? await startVirtualLab(loaded, choice, options) : undefined
  const lab = openLab(loaded, { ...(options.ask && { ask: options.ask }) })
  const going = { lab, onProgress: options.onProgress }
  let marks: HostMarks | undefined
  try {
    if (client) await greenVirtual(going, client, choice, options.signal)
    else {
      options.onProgress({ text: 'connecting' })
      await reachAll(lab, options.signal)
      marks = await markHosts(lab, options.signal)
      await greenByStarting(going, choice, options.signal)
    }
  } catch (error) {
    await marks?.release()
    await lab.close()
    client?.close()
    throw error
  }
  return {
    lab,
    async restore(signal, wanted) {
      choice = wanted ?? choice
      if (client) await backToGreen(going, client, choice, signal)
      else {
        await reviveNodes(lab, { onProgress: options.onProgress, signal })
        await greenByStarting(going, choice, signal)
      }
    },
    async close() {
      await marks?.release()
      await lab.close()
      client?.close()
    },
  }
}

interface Going {
  readonly lab: Lab
  readonly onProgress: OnProgress
}

/** What a saved state was taken of: this program of the stack, this testbed, this cluster. */
async function greenKey({ stack, text }: Pick<Lab, 'stack' | 'text'>, choice: StackChoice): Promise<string> {
  return createHash('sha256')
    .update(await stack.identity())
    .update(text)
    .update(choiceText(choice))
    .digest('hex')
}

async function startVirtualLab(
  loaded: LoadedTestbed,
  choice: StackChoice,
  { lifetime, onProgress, signal }: GreenOptions,
): Promise<VirtualLab> {
  await buildImage(onProgress, signal)
  if (await labIsUp(loaded.directory)) return VirtualLab.attach(loaded.directory)
  const client = await VirtualLab.launch(loaded.directory, loaded.file, lifetime === 'bound', signal)
  const cancel = () => void client.down().catch(() => client.close())
  signal.addEventListener('abort', cancel, { once: true })
  try {
    await client.up(await greenKey({ stack: driverOf(loaded.testbed), text: loaded.text }, choice), onProgress, signal)
    return client
  } catch (error) {
    await client.down().catch(() => client.close())
    throw error
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

/** A virtual lab that has just been started, or was up already in whatever state. */
async function greenVirtual(going: Going, client: VirtualLab, choice: StackChoice, signal: AbortSignal): Promise<void> {
  const { lab, onProgress } = going
  onProgress({ text: 'connecting' })
  const [last] = await client.greenKeys(signal)
  if (last === undefined) {
    await reachAll(lab, signal)
    await setClocks(lab, signal)
    return startAndKeep(going, client, choice, signal)
  }
  if (last === (await greenKey(lab, choice)) && (await isReachable(lab, signal)) && (await hasFormed(lab, signal))) {
    return setClocks(lab, signal)
  }
  await backToGreen(going, client, choice, signal)
}

async function backToGreen(going: Going, client: VirtualLab, choice: StackChoice, signal: AbortSignal): Promise<void> {
  going.onProgress({ text: 'going back to all green' })
  const wanted = await greenKey(going.lab, choice)
  const saved = (await client.greenKeys(signal)).includes(wanted)
  await backToSnapshot(going, client, saved ? wanted : undefined, signal)
  // the machines are as they were for another cluster: this one is started on them
  if (!saved) await startAndKeep(going, client, choice, signal)
}

async function startAndKeep(going: Going, client: VirtualLab, choice: StackChoice, signal: AbortSignal): Promise<void> {
  await startStack(going, choice, signal)
  going.onProgress({ text: 'keeping this state to come back to' })
  await client.saveGreen(await greenKey(going.lab, choice), signal)
}

/** Without snapshots: nodes that come back by themselves, their own keys cleared, the stack started anew. */
async function greenByStarting(going: Going, choice: StackChoice, signal: AbortSignal): Promise<void> {
  going.onProgress({ text: 'connecting' })
  await reachAll(going.lab, signal)
  if ((await runsWith(going.lab, choice, signal)) && (await hasFormed(going.lab, signal))) return
  await startStack(going, choice, signal)
}

/**
 * The connections of the machines as they were are dead though silent: they are made anew. A machine that does not answer
 * then is taken back to its snapshot a second time, with all others: a state in which one of them hangs is no green one.
 */
async function backToSnapshot(
  { lab, onProgress }: Going,
  client: VirtualLab,
  greenKey: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const back = async (milliseconds: number) => {
    await client.reset(greenKey, signal)
    for (const transport of lab.hosts.all.values()) transport.poke('the machines went back to their snapshot')
    await reachAll(lab, signal, milliseconds)
  }
  try {
    await back(answerMilliseconds)
  } catch (error) {
    if (signal.aborted || !(error instanceof HostError)) throw error
    onProgress({ text: `going back to all green once more: ${error.message}` })
    await back(reachMilliseconds)
  }
  await setClocks(lab, signal)
}

/** A machine that does not answer soon has to be brought back anyway. */
async function isReachable(lab: Lab, signal: AbortSignal): Promise<boolean> {
  const limit = AbortSignal.timeout(promptMilliseconds)
  try {
    await Promise.all(
      [...lab.hosts.all.values()].map((transport) => transport.connected(AbortSignal.any([signal, limit]))),
    )
    return true
  } catch (error) {
    if (!limit.aborted || signal.aborted) throw error
    return false
  }
}

/** Does the cluster that is wanted run on every node, and not another one? */
async function runsWith(lab: Lab, choice: StackChoice, signal: AbortSignal): Promise<boolean> {
  const answers = await Promise.all(
    nodeNames(lab.testbed).map(async (node) =>
      lab.stack.isInstalled(lab, node, devicesByLun(lab, await findDevices(lab, node, signal)), choice, signal),
    ),
  )
  return answers.every(Boolean)
}

async function reachAll(lab: Lab, signal: AbortSignal, milliseconds = reachMilliseconds): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(milliseconds)])
  await Promise.all([...lab.hosts.all.values()].map((transport) => transport.connected(limit)))
}

/**
 * Machines that come out of a snapshot live in the past; their log lines should not. Not needed for judging, only for
 * reading: each is right when its command arrives there, which on a busy computer may take some seconds.
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

/** Before the first write to any LUN: it is the right one, the same everywhere, empty, and nobody else's. */
async function refuseUnsafe(lab: Lab, onProgress: OnProgress, signal: AbortSignal): Promise<void> {
  onProgress({ text: 'checking the testbed' })
  const wrong = (await checkLab(lab, signal)).filter(({ ok }) => !ok)
  if (wrong.length > 0)
    throw new UserError(`the testbed is not as it should be, nothing was changed:\n${formatItems(wrong)}`)
}

/**
 * What an earlier cluster holds it gives back itself: nobody else can take a SCSI-2 reservation away politely, and while it
 * is held no key table can be read. A node that does not leave in time is stopped all the same.
 */
async function letOldClusterLeave({ lab, onProgress }: Going, signal: AbortSignal): Promise<void> {
  const nodes = nodeNames(lab.testbed)
  const states = await Promise.all(
    nodes.map(async (node) => ({ node, ...(await lab.stack.status(lab, node, signal)) })),
  )
  const members = states.flatMap(({ node, status }) => (status.state === 'member' ? [node] : []))
  if (members.length === 0) return
  onProgress({ text: `letting ${members.join(', ')} leave the cluster that runs` })
  const limit = AbortSignal.any([signal, AbortSignal.timeout(leaveMilliseconds)])
  const left = async (node: string) => (await lab.stack.status(lab, node, limit)).status.state !== 'member'
  await Promise.allSettled(
    members.map(async (node) => {
      await lab.stack.tell(lab, node, 'leave', limit)
      await until(() => left(node), { signal: limit, everyMilliseconds: 500 })
    }),
  )
  signal.throwIfAborted()
}

async function startStack(going: Going, choice: StackChoice, signal: AbortSignal): Promise<void> {
  const { lab, onProgress } = going
  await letOldClusterLeave(going, signal)
  await refuseUnsafe(lab, onProgress, signal)
  onProgress({ text: 'installing the cluster' })
  const nodes = nodeNames(lab.testbed)
  const limit = AbortSignal.any([signal, AbortSignal.timeout(formMilliseconds)])
  const devices = new Map<string, ReadonlyMap<string, string>>()
  await Promise.all(
    viewerNames(lab.testbed).map(async (host) => {
      const found = devicesByLun(lab, await findDevices(lab, host, limit))
      devices.set(host, found)
      await lab.stack.install(lab, host, found, limit, choice)
    }),
  )
  await clearOwnKeys(lab, nodes[0] ?? '', devices.get(nodes[0] ?? '') ?? new Map(), limit)
  onProgress({ text: 'waiting for the cluster to form' })
  await Promise.all(nodes.map((node) => lab.stack.start(lab, node, limit)))
  try {
    await until(() => hasFormed(lab, limit), { signal: limit, everyMilliseconds: 1000 })
  } catch (error) {
    signal.throwIfAborted()
    const said = await Promise.all(
      nodes.map(async (node) => `${node}: ${(await lab.stack.status(lab, node, signal)).status.text}`),
    )
    throw new Error(`the cluster did not form:\n${said.join('\n')}`, { cause: error })
  }
}
