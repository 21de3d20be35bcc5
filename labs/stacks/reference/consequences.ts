import { assertNever } from '../../assert-never.ts'
import type { PolicyName } from '../../cluster/policy-names.ts'
import { hostsWithRole, nodesOf } from '../../testbed/parts.ts'
import type { Testbed } from '../../testbed/testbed.ts'
import type { StackChoice } from '../stack.ts'
import { chosenCluster } from './chosen-cluster.ts'
import { ownPart } from './own-part.ts'

/**
 * What a cluster may make of a fault, beside what the fault itself does: said so that nobody is surprised by a node that
 * panics, or by data that is lost. It depends on the policy: only some of them keep a loser from the data disks.
 * @param choice the cluster that runs now; absent: the testbed's own
 */
export function consequences(
  testbed: Testbed,
  target: Readonly<Record<string, string>>,
  choice?: StackChoice,
): readonly string[] {
  const { node, link, array, lun, side } = target
  const { policy } = chosenCluster(ownPart(testbed.stack), choice)
  const split = splitOf(testbed, policy)
  if (side !== undefined) return partitioned(testbed, split, side.split(/[\s,]+/))
  if (node !== undefined) return link === undefined ? alone(testbed, split, node) : oneEnd(testbed, split, node, link)
  if (link !== undefined) return network(testbed, split, link)
  if (array !== undefined) return storage(testbed, policy, array)
  return lun === undefined ? [] : keysGone(policy, lun)
}

/** What nodes do that no longer hear each other. */
interface Split {
  /** how it is decided who survives */
  readonly decision: string
  /** what becomes of the others, and of the data */
  readonly after: readonly string[]
}

/** The behaviour of each policy: `labs/cluster`, and in words `labs/docs/reference-cluster.md`. */
function splitOf(testbed: Testbed, policy: PolicyName): Split {
  const data = dataDisks(testbed)
  switch (policy) {
    case 'coordinator-race':
      return {
        decision: 'they race for the coordination points',
        after: [`the losers panic; their writes to ${data} are refused`],
      }
    case 'ping-tiebreak':
      return {
        decision: 'each of them pings the tie-breaker, and those that get no reply panic',
        after: [
          `no write to ${data} is refused: if two nodes write at the same time, as after a node hung and resumed, data is lost`,
        ],
      }
    case 'attacker-defender':
      return {
        decision: `a node without the group attacks the reservation of ${data}, and the node with the group defends it`,
        after: [
          'the defender that loses the reservation stops the group, or panics, as its scripts say; what it writes between two looks at the reservation may reach the disk',
        ],
      }
    case 'external-fencing':
      return {
        decision: 'one of them runs the fence command against the other: power is switched off, or a port is closed',
        after: [`until the fence command succeeds, nothing keeps the other from writing to ${data}`],
      }
    case 'reserve-release':
      return {
        decision: `the node without the group resets ${data} and reserves it, also if only the network failed`,
        after: ['the node that had the group panics at its next write, which is refused'],
      }
    default:
      return assertNever(policy, 'policy')
  }
}

const all = (testbed: Testbed) => nodesOf(testbed).map(({ name }) => name)
const dataDisks = ({ luns }: Testbed) =>
  Object.entries(luns)
    .flatMap(([name, { use }]) => (use === 'data' ? [name] : []))
    .join(', ') || 'the data disks'

function partitioned(testbed: Testbed, { decision, after }: Split, side: readonly string[]): readonly string[] {
  const others = all(testbed).filter((name) => !side.includes(name))
  return [`${side.join(', ')} and ${others.join(', ')} hear nothing of each other: ${decision}`, ...after]
}

function alone(testbed: Testbed, { decision, after }: Split, node: string): readonly string[] {
  const others = all(testbed).filter((name) => name !== node)
  const hear = others.length === 1 ? 'hears' : 'hear'
  return [`${others.join(', ')} no longer ${hear} ${node}, or cannot rely on it: ${decision}`, ...after]
}

function oneEnd(testbed: Testbed, split: Split, node: string, link: string): readonly string[] {
  const others = all(testbed).filter((name) => name !== node)
  const left = Object.keys(testbed.links).filter((one) => one !== link)
  if (left.length === 0) return alone(testbed, split, node)
  return ifThatIsCut(`${node} and ${others.join(', ')} still hear each other on ${left.join(', ')}`, split)
}

function network(testbed: Testbed, split: Split, link: string): readonly string[] {
  const left = Object.keys(testbed.links).filter((one) => one !== link)
  if (left.length > 0) return ifThatIsCut(`all nodes still hear each other on ${left.join(', ')}`, split)
  return [`no node hears another: ${split.decision}`, ...split.after]
}

const ifThatIsCut = (now: string, { decision, after }: Split): readonly string[] => [
  `${now}; if that is cut as well, ${decision}`,
  ...after.map((one) => `then: ${one}`),
]

function storage(testbed: Testbed, policy: PolicyName, array: string): readonly string[] {
  const gone = Object.entries(testbed.luns).filter(([, lun]) => lun.array === array)
  const points = Object.values(testbed.luns).filter(({ use }) => use === 'coordination').length
  const lost = gone.filter(([, { use }]) => use === 'coordination').length
  const arrays = hostsWithRole(testbed, 'array').length
  return [
    `no host reaches ${gone.map(([name]) => name).join(', ') || 'any LUN of it'} any more${arrays > 1 ? '; the other arrays stay' : ''}`,
    ...(policy === 'coordinator-race' && lost * 2 > points
      ? ['a majority of the coordination points is gone: no race can be won, every node that has to race panics']
      : []),
  ]
}

/** Only keys on coordination points can be cleared by hand (`labs/faults/keys-cleared.ts`). */
const keysGone = (policy: PolicyName, lun: string): readonly string[] =>
  policy === 'coordinator-race'
    ? [`no node finds its key on ${lun} any more: each of them loses a race that is decided there`]
    : [`the cluster that runs registers no keys on ${lun}: nothing depends on them`]
