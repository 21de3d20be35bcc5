import { hostsWithRole, nodesOf } from '../../testbed/parts.ts'
import type { Testbed } from '../../testbed/testbed.ts'

/**
 * What a cluster may make of a fault, beside what the fault itself does: said so that nobody is surprised by a node that
 * panics.
 */
export function consequences(testbed: Testbed, target: Readonly<Record<string, string>>): readonly string[] {
  const { node, link, array, lun, side } = target
  if (side !== undefined) return parted(testbed, side.split(/[\s,]+/))
  if (node !== undefined) return link === undefined ? alone(testbed, node) : oneEnd(testbed, node, link)
  if (link !== undefined) return network(testbed, link)
  if (array !== undefined) return storage(testbed, array)
  return lun === undefined
    ? []
    : [`whoever looks at ${lun} finds no key of its own any more: a race that is decided there is lost`]
}

const all = (testbed: Testbed) => nodesOf(testbed).map(({ name }) => name)
const data = ({ luns }: Testbed) => Object.entries(luns).flatMap(([name, { use }]) => (use === 'data' ? [name] : []))
const losing = (testbed: Testbed) =>
  `the losers panic; their writes to ${data(testbed).join(', ') || 'the data disks'} are refused`

function parted(testbed: Testbed, side: readonly string[]): readonly string[] {
  const others = all(testbed).filter((name) => !side.includes(name))
  return [
    `${side.join(', ')} and ${others.join(', ')} hear nothing of each other: they race for the coordination points`,
    losing(testbed),
  ]
}

function alone(testbed: Testbed, node: string): readonly string[] {
  const others = all(testbed).filter((name) => name !== node)
  return [
    `${others.join(', ')} no longer ${others.length === 1 ? 'hears' : 'hear'} ${node}, or cannot rely on it: they race for the coordination points`,
    losing(testbed),
  ]
}

function oneEnd(testbed: Testbed, node: string, link: string): readonly string[] {
  const others = all(testbed).filter((name) => name !== node)
  const left = Object.keys(testbed.links).filter((one) => one !== link)
  if (left.length === 0) return alone(testbed, node)
  return [
    `${node} and ${others.join(', ')} still hear each other on ${left.join(', ')}; if that is cut as well, they race, and the losers panic`,
  ]
}

function network(testbed: Testbed, link: string): readonly string[] {
  const left = Object.keys(testbed.links).filter((one) => one !== link)
  if (left.length > 0)
    return [
      `all nodes still hear each other on ${left.join(', ')}; if that is cut as well, they race, and the losers panic`,
    ]
  return ['no node hears another: they race for the coordination points', losing(testbed)]
}

function storage(testbed: Testbed, array: string): readonly string[] {
  const gone = Object.entries(testbed.luns).filter(([, lun]) => lun.array === array)
  const points = Object.values(testbed.luns).filter(({ use }) => use === 'coordination').length
  const lost = gone.filter(([, { use }]) => use === 'coordination').length
  const arrays = hostsWithRole(testbed, 'array').length
  return [
    `no host reaches ${gone.map(([name]) => name).join(', ') || 'any LUN of it'} any more${arrays > 1 ? '; the other arrays stay' : ''}`,
    ...(lost * 2 > points
      ? ['a majority of the coordination points is gone: no race can be won, every node that has to race panics']
      : []),
  ]
}
