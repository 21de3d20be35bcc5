import { oneOf } from './did-you-mean.ts'
import { errorAt, repeated, warningAt, type Finding } from './finding.ts'
import { hostsWithRole, lunsFor } from './parts.ts'
import type { Testbed } from './testbed.ts'

/** What must hold for the LUNs: each once, on arrays that exist, and as many of each use as the policy needs. */
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
  if (testbed.stack.policy === 'coordinator-race' && (points.length < 3 || points.length % 2 === 0)) {
    // With an even number two halves can each hold a half; with one point there is nothing to have a majority of.
    const expected = 'an odd number of LUNs with use: coordination, at least 3, for coordinator-race'
    findings.push(
      errorAt(
        ['luns'],
        points.length === 1 ? '1 of them is a coordination point' : `${points.length} of them are coordination points`,
        expected,
      ),
    )
  }
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
