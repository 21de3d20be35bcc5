import { assertNever } from '../../labs/assert-never.ts'
import type { Fault, FaultAction, FaultPlan } from '../../labs/faults/fault.ts'
import { faults } from '../../labs/faults/faults.ts'
import type { TargetWord } from '../../labs/scenarios/words.ts'
import type { StackChoice } from '../../labs/stacks/stack.ts'
import { stackOf } from '../../labs/stacks/stack-of.ts'
import { hostsWithRole, nodesOf } from '../../labs/testbed/parts.ts'
import { feedsOf } from '../../labs/testbed/power-of.ts'
import type { Testbed } from '../../labs/testbed/testbed.ts'
import type { FaultOption } from '../../preload/contract/lab.ts'

type Words = Readonly<Record<string, string>>

/** what is looked up when it is injected: here it only stands in the words */
const supposed = { id: 'plan', deadManSeconds: 30, process: 0, monitorCommand: ['monitor'] }

/** What can be put for each word of a fault's target. A word that is not here cannot be chosen by hand. */
function candidates(testbed: Testbed, word: TargetWord): readonly string[] {
  switch (word) {
    case 'node':
      return nodesOf(testbed).map(({ name }) => name)
    case 'link':
      return Object.keys(testbed.links)
    case 'lun':
      return Object.keys(testbed.luns)
    case 'array':
      return hostsWithRole(testbed, 'array').map(({ name }) => name)
    // of all the ways to part the nodes, one side is chosen as the thing itself
    case 'side':
      return []
    default:
      return assertNever(word, 'word of a target')
  }
}

/**
 * The faults that hit a thing of the testbed, one for each way to do so, with what else each would hit.
 * @param choice the cluster that runs now; absent: the testbed's own
 */
export function faultOptions(testbed: Testbed, thing: Words, choice?: StackChoice): readonly FaultOption[] {
  return Object.values(faults).flatMap((fault) =>
    targets(testbed, fault, thing).flatMap((target) => {
      const described = describe(testbed, fault, target, choice)
      return described ? [described] : []
    }),
  )
}

function targets(testbed: Testbed, fault: Fault, thing: Words): readonly Words[] {
  // a node alone is a side
  const { node } = thing
  if (fault.target.length === 1 && fault.target[0] === 'side') {
    if (thing['side'] !== undefined) return [thing]
    return node === undefined ? [] : [{ side: node }]
  }
  if (!Object.keys(thing).every((word) => fault.target.some((one) => one === word))) return []
  return fault.target.reduce<readonly Words[]>(
    (found, word) => {
      const chosen = thing[word]
      const values = chosen === undefined ? candidates(testbed, word) : [chosen]
      return found.flatMap((target) => values.map((value) => ({ ...target, [word]: value })))
    },
    [{}],
  )
}

/** Undefined where this testbed cannot do it. */
function describe(testbed: Testbed, fault: Fault, target: Words, choice?: StackChoice): FaultOption | undefined {
  try {
    const plan = fault.plan(testbed, target, supposed)
    return {
      fault: fault.name,
      title: fault.title,
      target,
      blast: [
        ...plan.apply.flat().map((action) => hit(testbed, action)),
        ...stackOf(testbed).consequences(testbed, target, choice),
      ],
      undo: undoWords(plan),
    }
  } catch (error) {
    if (error instanceof TypeError) throw error
    return undefined
  }
}

function hit(testbed: Testbed, action: FaultAction): string {
  switch (action.kind) {
    case 'command':
      return `on ${action.host}: ${action.purpose}`
    case 'outlets': {
      const fed = [...new Set(action.outlets.flatMap((outlet) => feedsOf(testbed, outlet)))]
      return `${action.purpose}: ${action.outlets.join(' and ')}, which feed ${fed.join(', ') || 'nothing else of this testbed'}`
    }
    default:
      return assertNever(action, 'fault action')
  }
}

function undoWords({ revert, timers, apply }: FaultPlan): string {
  if (revert.length === 0)
    return 'There is nothing to take back: what it took down is started again on the way back to ready'
  const hosts = [...new Set(timers.map(({ host }) => host))]
  const words = [...new Set(revert.map(({ purpose }) => purpose))].join('; ')
  if (hosts.length > 0)
    return `${words}. If fencelab is gone, ${hosts.join(', ')} ${hosts.length === 1 ? 'does' : 'do'} it without it within a minute`
  const switches = apply.flat().some(({ kind }) => kind === 'outlets')
  return switches
    ? `${words}. If fencelab is gone, a program that it left behind on this computer does it within a minute`
    : words
}
