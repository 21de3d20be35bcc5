import type { Baseline, LineOf } from '../../../labs/journal/event.ts'
import { choiceOf } from '../../../labs/steps/stack-choice.ts'
import { until } from '../../until.ts'
import type { Going } from '../going.ts'
import { viewerNames } from '../../lab/lab.ts'

export type BaselineOptions = Pick<Going, 'lab' | 'recorder' | 'lines' | 'started' | 'scenario'>

type Check = Baseline['checks'][number]

/** how long the failover group may take until its first writes are there, and the samplers until they have come round */
const settleMilliseconds = 20_000
const writesWanted = 3

/**
 * Is the lab all green: every node a member that hears all others on every link, the failover group on one of them and
 * writing, every LUN with exactly the keys and the reservation that the policy wants, as every viewer sees it. A row that
 * begins from anything else proves nothing.
 */
export async function takeBaseline(options: BaselineOptions, signal: AbortSignal): Promise<Baseline> {
  const { lab, recorder, lines, started, scenario } = options
  const { green } = lab.stack.pure
  const policy = lab.stack.pure.fencing(lab.testbed.stack, choiceOf(scenario))
  const nodes = membersAtStart(options)
  const statuses = new Map<string, LineOf<'stack'>>()
  /** asks those who have not said yet that all is well: a node that was busy for a moment is asked again */
  const askOpen = () =>
    Promise.all(
      nodes.map(async (node) => {
        const last = statuses.get(node)
        if (last && green.member(last, nodes, started).ok) return
        const { status, hostAt } = await lab.stack.status(lab, node, signal)
        statuses.set(node, recorder.append<'stack'>(status, { host: node, ...(hostAt !== undefined && { hostAt }) }))
      }),
    )
  const boots = await Promise.all(nodes.map((node) => readBoot(options, node, signal)))
  const limit = AbortSignal.timeout(settleMilliseconds)
  let checks: readonly Check[] = []
  const look = async () => {
    await askOpen()
    const said = [...statuses.values()]
    const running = said.filter((line) => line.active)
    const active = running.length === 1 ? running[0]?.host : undefined
    const question = { lines, testbed: started.testbed, policy, members: nodes, active }
    checks = [
      ...said.map((line) => green.member(line, nodes, started)),
      green.group(said),
      green.writes(lines, writesWanted),
      ...viewerNames(lab.testbed).flatMap((viewer) =>
        started.testbed.luns.map(({ name }) => green.keys(question, viewer, name)),
      ),
      ...boots,
    ]
    return checks.every(({ ok }) => ok)
  }
  await until(look, { signal: AbortSignal.any([signal, limit]), everyMilliseconds: 500 }).catch((error: unknown) => {
    // time is up: what was found last stands
    if (!limit.aborted || signal.aborted) throw error
  })
  return { type: 'baseline', green: checks.every(({ ok }) => ok), checks }
}

async function readBoot({ lab, recorder }: BaselineOptions, node: string, signal: AbortSignal): Promise<Check> {
  const { stdout } = await lab.run(node, {
    purpose: `boot id of ${node}`,
    argv: ['cat', '/proc/sys/kernel/random/boot_id'],
    timeoutMs: 10_000,
    signal,
  })
  const { seq } = recorder.append({ type: 'boot', boot: stdout.trim() }, { host: node })
  return { text: `${node} runs, and its boot id is known`, ok: stdout.trim() !== '', events: [seq] }
}

/** The nodes that are in the cluster when the row begins. */
function membersAtStart({ scenario, started }: BaselineOptions): readonly string[] {
  const { members } = scenario
  return members ? members.flatMap((role) => started.roles[role] ?? []) : started.testbed.nodes.map(({ name }) => name)
}
