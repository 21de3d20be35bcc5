import { nodesOf } from '../../../labs/testbed/parts.ts'
import { outletsOf } from '../../../labs/testbed/power-of.ts'
import { hasPanicked, type Going } from '../going.ts'
import { findNodeProcess, nodeNames } from '../../lab/lab.ts'
import { readOutlets } from '../inject/outlets.ts'

type Looking = Pick<Going, 'lab' | 'recorder' | 'lines' | 'catchUp'>

/** how long a node may take to answer */
const probeMilliseconds = 5000
/** one that answers its keepalives is there, and only slow: under emulation beside other work, a process takes seconds to start */
const patientMilliseconds = 20_000
/** for a node that is known to have panicked or to have no power: an answer would be news, silence is none */
const silentMilliseconds = 1500

export interface Answered {
  readonly node: string
  /** it is there and can be asked */
  readonly answered: boolean
  readonly isMember: boolean
  /** the failover group runs on it */
  readonly isActive: boolean
}

/**
 * Asks everyone what became of them: has a node power, does its machine run, is it there and in which boot, what does its
 * stack say. A question without an answer is recorded as such.
 * @param before what is done on a node that answers, before its stack is asked
 */
export async function lookAtEveryone(
  going: Looking,
  signal: AbortSignal,
  before: (node: string) => Promise<void> = () => Promise.resolve(),
): Promise<readonly Answered[]> {
  const { lab } = going
  const nodes = nodeNames(lab.testbed)
  const outlets = nodes.flatMap((node) => outletsOf(lab.testbed, node))
  const [states] = await Promise.all([
    readOutlets(going, outlets, signal),
    ...nodes.map((node) => seeProcess(going, node, signal)),
  ])
  const dark = states.filter(({ state }) => state === 'off').flatMap(({ feeds }) => feeds)
  return Promise.all(
    nodes.map(async (node) => {
      if (!(await probe(going, node, dark.includes(node), signal)))
        return { node, answered: false, isMember: false, isActive: false }
      await before(node)
      const { status, hostAt } = await lab.stack.status(lab, node, signal)
      going.recorder.append(status, { host: node, ...(hostAt !== undefined && { hostAt }) })
      await going.catchUp?.(node, signal)
      return { node, answered: true, isMember: status.state === 'member', isActive: status.active === true }
    }),
  )
}

/** Is it there, and in which boot. That it does not answer proves nothing, and is written down as just that. */
async function probe(
  { lab, recorder, lines }: Looking,
  node: string,
  isDark: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const patience = () => {
    if (isDark || hasPanicked({ lab, lines }, node)) return silentMilliseconds
    return lab.host(node).state() === 'connected' ? patientMilliseconds : probeMilliseconds
  }
  try {
    const { stdout } = await lab.run(node, {
      purpose: `is ${node} there, and in which boot`,
      argv: ['cat', '/proc/sys/kernel/random/boot_id'],
      timeoutMs: patience(),
      signal,
    })
    recorder.append({ type: 'probe', node, reachable: true, boot: stdout.trim(), text: 'it answered' }, { host: node })
    return true
  } catch (error) {
    signal.throwIfAborted()
    const text = error instanceof Error ? error.message : String(error)
    recorder.append({ type: 'probe', node, reachable: false, text }, { host: node })
    return false
  }
}

/** The state of the process of a node that is a virtual machine. */
async function seeProcess({ lab, recorder }: Looking, node: string, signal: AbortSignal): Promise<void> {
  const vm = nodesOf(lab.testbed).find(({ name }) => name === node)?.node.vm
  if (!vm) return
  try {
    const seen = await findNodeProcess(lab, vm, signal)
    recorder.append({ type: 'process', node, pid: seen.pid, state: seen.state }, { host: vm.hypervisor })
  } catch (error) {
    signal.throwIfAborted()
    const text = error instanceof Error ? error.message : String(error)
    recorder.append({ type: 'note', text: `the process of ${node} could not be seen: ${text}` })
  }
}
