import { nodeNames, viewerNames } from '../../lab/lab.ts'
import {
  askableArrays,
  watchArray,
  watchClock,
  watchConnection,
  watchConsole,
  watchKeys,
  watchPanicEvents,
  watchStackLog,
  type Observation,
} from './observers.ts'
import type { Watch } from './watch.ts'

export interface Eyes {
  /** the logs of the stack are being read */
  readonly logs: Promise<unknown>
  /** Records how far the log of a node's stack has been read: see `catchUp` of the observer. */
  catchUp(node: string, signal: AbortSignal): Promise<void>
  /** everything is being watched */
  readonly all: Promise<unknown>
}

/** Opens all eyes: whatever is seen from now on is written down. */
export function openEyes(observation: Observation): Eyes {
  const { lab } = observation
  const nodes = nodeNames(lab.testbed)
  const { sampling } = lab.testbed
  const everyHost = [...lab.hosts.all.keys()]
  for (const name of everyHost) watchConnection(observation, name)
  const ready = (watches: readonly (Watch | undefined)[]) =>
    Promise.all(watches.flatMap((one) => (one ? [one.ready] : [])))
  const clocks = ready(everyHost.map((name) => watchClock(observation, name)))
  const stackLogs = new Map(nodes.map((node) => [node, watchStackLog(observation, node)]))
  const logs = ready([...stackLogs.values()])
  const consoles = ready(nodes.map((node) => watchConsole(observation, node)))
  const panics = ready(nodes.map((node) => watchPanicEvents(observation, node)))
  const arrays = ready(askableArrays(lab).map((array) => watchArray(observation, array)))
  const keys = ready(
    viewerNames(lab.testbed).map((viewer) =>
      watchKeys(observation, viewer, nodes.includes(viewer) ? sampling.nodes : sampling.observer),
    ),
  )
  const catchUp = async (node: string, signal: AbortSignal) => stackLogs.get(node)?.catchUp(signal)
  return { logs, catchUp, all: Promise.all([clocks, logs, consoles, panics, arrays, keys]) }
}
