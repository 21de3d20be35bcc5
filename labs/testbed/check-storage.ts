import { oneOf } from './did-you-mean.ts'
import { errorAt, repeated, warningAt, type Finding } from './finding.ts'
import { hostsWithRole, lunsFor } from './parts.ts'
import type { Testbed } from './testbed.ts'

/** What must hold for the LUNs: each once, on arrays that exist, and a data disk among them. How many points there must be, the stack says. */
export function checkStorage(testbed: Testbed): Finding[] {
  const luns = Object.entries(testbed.luns).map(([name, lun]) => ({ name, ...lun }))
  const arrays = hostsWithRole(testbed, 'array').map(({ name }) => name)
  const nowhere = luns.flatMap(({ name, array }) =>
    array === undefined || arrays.includes(array)
      ? []
      : [errorAt(['luns', name, 'array'], `"${array}" is no host with role array`, oneOf(arrays, array))],
  )
  const twice = repeated(
    luns,
    ({ wwid }) => wwid,
    ({ name, wwid }, first) => errorAt(['luns', name, 'wwid'], `${wwid} is ${first.name}, too`, 'every LUN once'),
  )
  return [...nowhere, ...twice, ...counts(testbed)]
}

function counts(testbed: Testbed): Finding[] {
  const findings: Finding[] = []
  const points = lunsFor(testbed, 'coordination')
  if (lunsFor(testbed, 'data').length === 0) {
    findings.push(errorAt(['luns'], 'none of them is a data disk', 'at least one LUN with use: data'))
  }
  const homes = new Set(points.map(({ array }) => array))
  if (points.length >= 3 && homes.size === 1 && !homes.has(undefined)) {
    const expected = 'points on several arrays, or the loss of one array is the loss of all'
    findings.push(warningAt(['luns'], `all coordination points lie on ${[...homes].join('')}`, expected))
  }
  return findings
}
