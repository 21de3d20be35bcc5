import { faults } from '../../labs/faults/faults.ts'
import type { Fault } from '../../labs/faults/fault.ts'
import { hostsWithRole, nodesOf } from '../../labs/testbed/parts.ts'
import type { Testbed } from '../../labs/testbed/testbed.ts'
import type { FaultOption } from '../../preload/contract/lab.ts'

/** What can be put for each word of a fault's target. A word that is not here cannot be chosen by hand. */
function candidates(testbed: Testbed, word: string): readonly string[] {
  switch (word) {
    case 'node':
      return nodesOf(testbed).map(({ name }) => name)
    case 'link':
      return Object.keys(testbed.links)
    case 'lun':
      return Object.keys(testbed.luns)
    case 'array':
      return hostsWithRole(testbed, 'array').map(({ name }) => name)
    case 'host':
      return Object.keys(testbed.hosts)
    default:
      return []
  }
}

/** The faults that hit a thing of the testbed, one for each way to do so, with what else each would hit. */
export function faultOptions(testbed: Testbed, thing: Readonly<Record<string, string>>): readonly FaultOption[] {
  return Object.values(faults).flatMap((fault) =>
    targets(testbed, fault, thing).flatMap((target) => {
      const described = describe(testbed, fault, target)
      return described ? [described] : []
    }),
  )
}

function targets(testbed: Testbed, fault: Fault, thing: Readonly<Record<string, string>>): readonly Readonly<Record<string, string>>[] {
  if (!Object.keys(thing).every((word) => fault.target.includes(word))) return []
  return fault.target.reduce<readonly Readonly<Record<string, string>>[]>(
    (found, word) => {
      const chosen = thing[word]
      const values = chosen === undefined ? candidates(testbed, word) : [chosen]
      return found.flatMap((target) => values.map((value) => ({ ...target, [word]: value })))
    },
    [{}],
  )
}

/** Undefined where this testbed cannot do it. */
function describe(testbed: Testbed, fault: Fault, target: Readonly<Record<string, string>>): FaultOption | undefined {
  try {
    // the number of the process is looked up when it is injected: here it only stands in the words
    const plan = fault.plan(testbed, target, { id: 'plan', deadManSeconds: 30, process: 0 })
    return {
      fault: fault.name,
      title: fault.title,
      target,
      blast: [`on ${plan.host}: ${plan.apply.purpose}`, ...consequences(testbed, target)],
      undo: `${plan.revert.purpose}. If fencelab is gone, ${plan.host} does it by itself within a minute`,
    }
  } catch (error) {
    if (error instanceof TypeError) throw error
    return undefined
  }
}

/** What a cluster may make of it: said so that nobody is surprised by a node that panics. */
function consequences(testbed: Testbed, { node, link }: Readonly<Record<string, string>>): readonly string[] {
  const others = nodesOf(testbed).flatMap(({ name }) => (name === node ? [] : [name]))
  const data = Object.entries(testbed.luns).flatMap(([name, { use }]) => (use === 'data' ? [name] : []))
  if (node === undefined) return []
  const left = link === undefined ? [] : Object.keys(testbed.links).filter((one) => one !== link)
  if (link !== undefined && left.length > 0) {
    return [`${node} and ${others.join(', ')} still hear each other on ${left.join(', ')}; if that is cut as well, they race, and the losers panic`]
  }
  return [`${others.join(', ')} no longer hear ${node}: they race for the coordination points`, `the losers panic; their writes to ${data.join(', ')} are refused`]
}
