import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { checkLab } from '../engine/check.ts'
import { devicesByLun, findDevices } from '../engine/devices.ts'
import { openGreenLab } from '../engine/green.ts'
import { prepareInjection } from '../engine/inject.ts'
import { nodeNames, openLab, viewerNames, type Lab } from '../engine/lab.ts'
import { askableArrays, watchArray, watchClock, watchConnection, watchConsole, watchKeys, watchPanicEvents, type Observation } from '../engine/observers.ts'
import { openOutstanding, type Outstanding } from '../engine/outstanding.ts'
import { runRow } from '../engine/run-row.ts'
import type { Event } from '../../labs/journal/event.ts'
import { askStatus } from '../stacks/reference-stack.ts'
import { labIsUp, VirtualLab } from '../virtual/virtual-lab.ts'
import type { DrivenLab, LabDriver, Sink } from './lab-driver.ts'

/** between two questions to the stacks while no row is run: each costs a node a shell */
const statusMilliseconds = 5000

/** Drives real hosts. */
export const engineDriver: LabDriver = {
  isUp: async (loaded) => loaded.testbed.virtual !== undefined && labIsUp(loaded.directory),
  connect: (loaded) => driven(openLab(loaded)),
  async green(loaded, { onProgress, signal }) {
    const green = await openGreenLab(loaded, { lifetime: 'bound', onProgress, signal })
    const { lab } = green
    let byHand: Promise<Outstanding> | undefined
    return {
      ...driven(lab),
      close: () => green.close(),
      restore: (signal) => green.restore(signal),
      async runRow({ scenario, out, onProgress, onLine, signal }) {
        const { directory, verdict, seconds, restored } = await runRow({ lab, scenario, out, onProgress, onLine, signal, restore: (s) => green.restore(s) })
        return { directory, verdict: verdict.verdict, seconds, restored }
      },
      async prepare({ id, fault, target, sink }, signal) {
        const outstanding = await (byHand ??= openOutstanding(`by-hand-${randomBytes(4).toString('hex')}`, '', lab.file))
        return prepareInjection({ lab, recorder: recorderOf(sink), outstanding, id, fault, target }, signal)
      },
      async forget() {
        const outstanding = byHand
        byHand = undefined
        await (await outstanding)?.clear()
      },
    }
  },
  async down({ directory }) {
    if (await labIsUp(directory)) await (await VirtualLab.attach(directory)).down()
  },
}

function driven(lab: Lab): DrivenLab {
  return {
    hosts: lab.hosts.all,
    power: {
      runOn: (host) => async (argv, { signal, stdin }) => {
        const { exit, stdout, stderr } = await lab.run(host, {
          purpose: `switch an outlet from ${host}`,
          argv,
          expected: [],
          timeoutMs: 30_000,
          signal,
          ...(stdin !== undefined && { stdin }),
        })
        return { exit, stdout, stderr }
      },
    },
    check: (signal) => checkLab(lab, signal),
    look: (sink, signal) => look(lab, sink, signal),
    close: () => lab.close(),
  }
}

const recorderOf = (sink: Sink): Observation['recorder'] => ({
  append: ((event: Event, seen) => sink.append(event, seen)) as Observation['recorder']['append'],
  elapsed: () => sink.elapsed(),
  broken: undefined,
  closed: false,
})

/** The eyes that are open while no row is run. They see less often than those of a row, and hold nothing that it needs. */
function look(lab: Lab, sink: Sink, signal: AbortSignal): void {
  const observation: Observation = { lab, recorder: recorderOf(sink), run: '', signal }
  const nodes = nodeNames(lab.testbed)
  const trouble = (what: string) => (error: unknown) => {
    if (!signal.aborted) sink.append({ type: 'note', text: `${what}: ${error instanceof Error ? error.message : String(error)}` })
  }
  for (const name of lab.hosts.all.keys()) {
    watchConnection(observation, name)
    watchClock(observation, name)
  }
  for (const node of nodes) {
    watchConsole(observation, node)
    watchPanicEvents(observation, node).catch(trouble(`panic events of ${node}`))
    void askAgain(lab, node, sink, signal).catch(trouble(`asking the stack on ${node}`))
  }
  for (const array of askableArrays(lab)) watchArray(observation, array)
  for (const viewer of viewerNames(lab.testbed)) {
    const period = nodes.includes(viewer) ? lab.testbed.sampling.nodes : lab.testbed.sampling.observer
    const begin = async () => {
      await lab.host(viewer).connected(signal)
      const devices = devicesByLun(lab, await findDevices(lab, viewer, signal))
      watchKeys(observation, viewer, devices, period)
    }
    begin().catch(trouble(`reading the keys on ${viewer}`))
  }
}

/** Only a node that is there is asked: waiting for one that is gone would pile up. */
async function askAgain(lab: Lab, node: string, sink: Sink, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    if (lab.host(node).state() === 'connected') {
      const { status, hostAt } = await askStatus(lab, node, signal)
      signal.throwIfAborted()
      sink.append(status, { host: node, ...(hostAt !== undefined && { hostAt }) })
    }
    await delay(statusMilliseconds, undefined, { signal })
  }
}

