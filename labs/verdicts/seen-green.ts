import { lastStatus } from '../journal/last-status.ts'
import { ofType } from '../journal/run.ts'
import { choiceOf } from '../steps/stack-choice.ts'
import { stackOf } from '../stacks/stack-of.ts'
import { viewersOf } from '../testbed/parts.ts'
import { recordedTestbed } from '../testbed-file/recorded-testbed.ts'
import { unknown, type Case, type Finding } from './case.ts'
import type { Baseline, LineOf } from '../journal/event.ts'
import type { Testbed } from '../testbed/testbed.ts'

/** two writes, one after the other, show that it goes on */
const writesThatShow = 2

/**
 * Whether the lab was all green, by what was seen before the baseline was written down: the same pure checks as the engine's,
 * each of them, on the raw looks. What the engine's `baseline` says is only what it went by.
 * @returns what was not seen to be so; nothing where all was
 */
export function seenGreen(run: Case, baseline: LineOf<'baseline'>): readonly Finding[] {
  const { started } = run
  const testbed = recordedTestbed(started.testbed)
  if (!testbed)
    return [unknown("whether the lab was green cannot be judged: the testbed's text cannot be read", [baseline.seq])]
  try {
    return checksOf(run, testbed, baseline).flatMap(({ text, ok, events }) =>
      ok ? [] : [unknown(`the baseline is called green, and it was not seen that ${text}`, [...events, baseline.seq])],
    )
  } catch (error) {
    return [unknown(`whether the lab was green cannot be judged: ${(error as Error).message}`, [baseline.seq])]
  }
}

function checksOf(run: Case, testbed: Testbed, baseline: LineOf<'baseline'>): readonly Baseline['checks'][number][] {
  const { started } = run
  const stack = stackOf(started.testbed)
  const lines = run.lines.filter(({ seq }) => seq < baseline.seq)
  const members = started.scenario.members?.flatMap((role) => started.roles[role] ?? [])
  const nodes = members ?? started.testbed.nodes.map(({ name }) => name)
  const said = nodes.flatMap((node) => lastStatus(lines, node, run.clocks) ?? [])
  const running = said.filter(({ active }) => active)
  const question = {
    lines,
    testbed: started.testbed,
    policy: stack.fencing(testbed.stack, choiceOf(started.scenario)),
    members: nodes,
    active: running.length === 1 ? running[0]?.host : undefined,
  }
  return [
    ...nodes.flatMap((node) => {
      const status = said.find(({ host }) => host === node)
      return status
        ? stack.green.member(status, nodes, started)
        : { text: `${node} is a member: its stack was not asked`, ok: false, events: [] }
    }),
    stack.green.group(said),
    stack.green.writes(lines, writesThatShow),
    ...viewersOf(testbed).flatMap((viewer) =>
      started.testbed.luns.map(({ name }) => stack.green.keys(question, viewer, name)),
    ),
    ...nodes.map((node) => {
      const boot = ofType(lines, 'boot').findLast(({ host }) => host === node)
      return {
        text: `${node} runs, and in which boot`,
        ok: boot !== undefined && boot.boot !== '',
        events: boot ? [boot.seq] : [],
      }
    }),
  ]
}
