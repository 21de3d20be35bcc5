import { outletsOf } from '../../../labs/testbed/power-of.ts'
import type { OnProgress } from '../../progress.ts'
import { nodeNames, type Lab } from '../../lab/lab.ts'

/** a machine that reboots by itself after a panic is there again by then */
const rebootMilliseconds = 90_000

export interface ReviveOptions {
  readonly onProgress: OnProgress
  readonly signal: AbortSignal
  /** how long a node may take to answer by itself; 90 s */
  readonly patienceMilliseconds?: number
}

/**
 * A node that panicked comes back by itself only where its kernel reboots (`panic=10`). One that does not answer after a
 * run, and hangs on outlets, is switched off and on, as the operator would. One without outlets is left to whoever waits
 * for it. @throws {PowerError} where an outlet does not do as it is told
 */
export async function reviveNodes(
  lab: Lab,
  { onProgress, signal, patienceMilliseconds = rebootMilliseconds }: ReviveOptions,
): Promise<void> {
  const limit = AbortSignal.timeout(patienceMilliseconds)
  const answers = async (node: string) => {
    try {
      await lab.host(node).connected(AbortSignal.any([signal, limit]))
      return true
    } catch (error) {
      if (!limit.aborted || signal.aborted) throw error
      return false
    }
  }
  const found = await Promise.all(nodeNames(lab.testbed).map(async (node) => ({ node, answers: await answers(node) })))
  for (const { node } of found.filter((one) => !one.answers)) {
    const outlets = outletsOf(lab.testbed, node)
    if (outlets.length === 0) continue
    onProgress({ text: `switching ${node} off and on: it does not come back by itself` })
    for (const on of [false, true]) for (const outlet of outlets) await lab.power.switch(outlet, on, signal)
    lab.host(node).poke('it was switched on')
  }
}
