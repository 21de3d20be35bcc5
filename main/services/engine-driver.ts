import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { checkLab } from '../engine/ready/check.ts'
import { hasPanicked } from '../engine/going.ts'
import { openGreenLab } from '../engine/ready/green.ts'
import { prepareInjection } from '../engine/inject/inject.ts'
import { nodeNames, openLab, viewerNames, type Lab } from '../lab/lab.ts'
import {
  askableArrays,
  watchArray,
  watchClock,
  watchConnection,
  watchConsole,
  watchKeys,
  watchPanicEvents,
  type Observation,
} from '../engine/observe/observers.ts'
import { openOutstanding, type Outstanding } from '../engine/inject/outstanding.ts'
import { runRow } from '../engine/run/run-row.ts'
import { whyNotOn } from '../../labs/steps/why-not-on.ts'
import { choiceOf, choiceText, ownChoice } from '../../labs/steps/stack-choice.ts'
import type { StackChoice } from '../../labs/stacks/stack.ts'
import type { Event, Line } from '../../labs/journal/event.ts'
import { lockLab, withLab } from '../locks/lab-lock.ts'
import { refuseAnother } from '../virtual/lab-state.ts'
import { labIsUp, VirtualLab } from '../virtual/virtual-lab.ts'
import type { DrivenLab, GreenDriven, LabDriver, Sink } from './lab-driver.ts'

/** between two questions to the stacks while no row is run: each costs a node a shell */
const statusMilliseconds = 5000

/** Drives real hosts. */
export const engineDriver: LabDriver = {
  isUp: async (loaded) => loaded.testbed.virtual !== undefined && labIsUp(loaded.directory),
  connect: (loaded) => driven(openLab(loaded)),
  async green(loaded, { onProgress, signal }) {
    if (loaded.testbed.virtual) refuseAnother(loaded)
    // what is green here is this program's to change, until it lets go
    const lock = await lockLab(loaded)
    const green = await openGreenLab(loaded, { lifetime: 'bound', onProgress, signal }).catch((error: unknown) => {
      lock.release()
      throw error
    })
    const { lab } = green
    /** the cluster that runs now: each row says which one it is about */
    let runs = ownChoice(loaded.testbed)
    const goBack = async (signal: AbortSignal, choice: StackChoice) => {
      await green.restore(signal, choice)
      runs = choice
    }
    const byHand = faultsByHand(lab)
    return {
      ...driven(lab),
      look: (sink, signal) => look(lab, byHand.hears(sink), signal),
      close: () => green.close().finally(() => lock.release()),
      choice: () => runs,
      restore: (signal) => goBack(signal, runs),
      async runRow({ scenario, next = scenario, out, onProgress, onLine, signal }) {
        const wanted = choiceOf(scenario)
        const cannot = whyNotOn(scenario, lab)
        if (cannot === undefined && choiceText(wanted) !== choiceText(runs)) {
          onProgress({ text: `starting the cluster that ${scenario.name} is about` })
          await goBack(signal, wanted)
        }
        const restore = (signal: AbortSignal) => goBack(signal, choiceOf(next))
        const { directory, verdict, seconds, restored } = await runRow({
          lab,
          scenario,
          out,
          onProgress,
          onLine,
          signal,
          restore,
        })
        return { directory, verdict: verdict.verdict, seconds, restored }
      },
      prepare: byHand.prepare,
      forget: byHand.forget,
    }
  },
  async down(loaded) {
    await withLab(loaded, async () => {
      refuseAnother(loaded)
      if (await labIsUp(loaded.directory)) await (await VirtualLab.attach(loaded.directory)).down()
    })
  },
}

function driven(lab: Lab): DrivenLab {
  return {
    hosts: lab.hosts.all,
    // also where the lab is only looked at: an outlet is switched under nobody's feet
    power: { ...lab.power, switch: (...words) => withLab(lab, () => lab.power.switch(...words)) },
    check: (signal) => checkLab(lab, signal),
    look: (sink, signal) => look(lab, sink, signal),
    close: () => lab.close(),
  }
}

/** looks that come by the hundred, and that no fault is verified by */
const unheard: ReadonlySet<string> = new Set(['keys', 'array-keys', 'clock', 'ledger.write', 'command'])

/** Faults outside of any row: on disk before they are applied, as in a row. Whether one took may be told by what is seen. */
function faultsByHand(lab: Lab): Pick<GreenDriven, 'prepare' | 'forget'> & { readonly hears: (sink: Sink) => Sink } {
  const lines: Line[] = []
  let list: Promise<Outstanding> | undefined
  const hears = (sink: Sink): Sink => ({
    elapsed: () => sink.elapsed(),
    append(event, seen) {
      const line = sink.append(event, seen)
      if (list !== undefined && !unheard.has(line.type)) lines.push(line)
      return line
    },
  })
  return {
    hears,
    async prepare({ id, fault, target, sink }, signal) {
      const outstanding = await (list ??= openOutstanding(`by-hand-${randomBytes(4).toString('hex')}`, '', lab.file))
      const recorder = recorderOf(hears(sink))
      return prepareInjection(
        { lab, recorder, lines, outstanding, id, fault, target, panicked: (host) => hasPanicked({ lab, lines }, host) },
        signal,
      )
    },
    async forget() {
      const outstanding = list
      list = undefined
      lines.length = 0
      await (await outstanding)?.clear()
    },
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
  for (const name of lab.hosts.all.keys()) {
    watchConnection(observation, name)
    watchClock(observation, name)
  }
  for (const node of nodes) {
    watchConsole(observation, node)
    watchPanicEvents(observation, node)
    void askAgain(lab, node, sink, signal).catch((error: unknown) => {
      if (!signal.aborted)
        sink.append({
          type: 'note',
          text: `asking the stack on ${node}: ${error instanceof Error ? error.message : String(error)}`,
        })
    })
  }
  for (const array of askableArrays(lab)) watchArray(observation, array)
  for (const viewer of viewerNames(lab.testbed)) {
    watchKeys(observation, viewer, nodes.includes(viewer) ? lab.testbed.sampling.nodes : lab.testbed.sampling.observer)
  }
}

/** Only a node that is there is asked: waiting for one that is gone would pile up. */
async function askAgain(lab: Lab, node: string, sink: Sink, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    if (lab.host(node).state() === 'connected') {
      const { status, hostAt } = await lab.stack.status(lab, node, signal)
      signal.throwIfAborted()
      sink.append(status, { host: node, ...(hostAt !== undefined && { hostAt }) })
    }
    await delay(statusMilliseconds, undefined, { signal })
  }
}
