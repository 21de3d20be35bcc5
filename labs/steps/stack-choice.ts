import type { StackChoice } from '../stacks/stack.ts'
import type { Testbed } from '../testbed/testbed.ts'
import type { Scenario } from '../scenarios/scenario.ts'

/** The cluster that the testbed itself names. */
export const ownChoice = ({ stack }: Pick<Testbed, 'stack'>): StackChoice => ({ policy: stack.policy, parameters: {} })

/** The cluster that a row is about. */
export const choiceOf = ({ policy, parameters = {} }: Pick<Scenario, 'policy' | 'parameters'>): StackChoice => ({
  policy,
  parameters,
})

/** As text: two choices are the same if their texts are. */
export const choiceText = ({ policy, parameters }: StackChoice): string =>
  JSON.stringify([policy, Object.entries(parameters).sort(([one], [other]) => (one < other ? -1 : 1))])
