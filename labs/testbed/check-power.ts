import { assertNever } from '../assert-never.ts'
import { oneOf } from './did-you-mean.ts'
import { errorAt, repeated, warningAt, type Finding } from './finding.ts'
import { outletText, type Outlet } from './outlet.ts'
import type { PowerUnit, Testbed } from './testbed.ts'
import type { Path } from './yaml-source.ts'

interface Use {
  readonly outlet: Outlet
  readonly path: Path
  readonly feeds: string
  /** a switch may carry several links, and then one outlet feeds all of them */
  readonly link: boolean
}

/** What must hold for power: outlets of units that exist, each at one machine, and units that say all they must. */
export function checkPower(testbed: Testbed): Finding[] {
  const uses = outletUses(testbed)
  const units = Object.keys(testbed.power)
  const unknown = uses.flatMap(({ outlet, path }) =>
    units.includes(outlet.unit) ? [] : [errorAt(path, `"${outlet.unit}" is not in power`, oneOf(units, outlet.unit))],
  )
  const twice = repeated(
    uses,
    ({ outlet }) => outletText(outlet),
    ({ outlet, path, link }, first) =>
      link && first.link
        ? warningAt(
            path,
            `${outletText(outlet)} carries ${first.feeds}, too: they fail together`,
            'a switch for every link',
          )
        : errorAt(path, `${outletText(outlet)} feeds ${first.feeds}, too`, 'every outlet at one machine, once'),
  )
  return [
    ...unknown,
    ...twice,
    ...Object.entries(testbed.power).flatMap(([name, unit]) => unitFindings(testbed, name, unit)),
  ]
}

function outletUses(testbed: Testbed): Use[] {
  const used = (outlets: readonly Outlet[] | undefined, path: Path, feeds: string, link = false): Use[] =>
    (outlets ?? []).map((outlet, index) => ({ outlet, path: [...path, index], feeds, link }))
  return [
    ...Object.entries(testbed.hosts).flatMap(([name, host]) => [
      ...used(host.node?.outlets, ['hosts', name, 'node', 'outlets'], name),
      ...used(host.array?.outlets, ['hosts', name, 'array', 'outlets'], name),
    ]),
    ...Object.entries(testbed.links).flatMap(([name, link]) =>
      used(link.switch?.outlets, ['links', name, 'switch', 'outlets'], name, true),
    ),
  ]
}

function unitFindings(testbed: Testbed, name: string, unit: PowerUnit): Finding[] {
  const path = ['power', name]
  switch (unit.driver) {
    case 'manual':
    case 'rest':
      return []
    case 'command':
      return commandUnit(testbed, path, unit)
    case 'apc-snmp':
      return snmpUnit(path, unit)
    default:
      return assertNever(unit, 'power driver')
  }
}

function commandUnit(testbed: Testbed, path: Path, unit: Extract<PowerUnit, { driver: 'command' }>): Finding[] {
  const reached = Object.keys(testbed.hosts).filter((host) => {
    const { transport, role } = testbed.hosts[host] ?? { transport: 'none', role: [] }
    return transport !== 'none' && !role.includes('node')
  })
  const findings: Finding[] = []
  if (!reached.includes(unit.host)) {
    const message = `"${unit.host}" is no host that the lab logs into and that no fault hits`
    findings.push(errorAt([...path, 'host'], message, oneOf(reached, unit.host)))
  }
  for (const action of ['on', 'off', 'status'] as const) {
    // Without it the same plug is switched whatever outlet is meant.
    if (unit[action].some((argument) => argument.includes('{outlet}'))) continue
    findings.push(errorAt([...path, action], 'no argument contains {outlet}', '{outlet} where the outlet is to stand'))
  }
  return findings
}

function snmpUnit(path: Path, unit: Extract<PowerUnit, { driver: 'apc-snmp' }>): Finding[] {
  const wants = (key: string, why: string) => errorAt([...path, key], 'is missing', why)
  const stray = (key: string) => errorAt([...path, key], `does not go with SNMP version ${unit.version}`, 'no such key')
  if (unit.version === '3') {
    return [
      ...(unit.user === undefined ? [wants('user', 'the SNMPv3 user')] : []),
      ...(unit.authentication === undefined
        ? [wants('authentication', 'protocol and variable: SNMPv3 must be authenticated')]
        : []),
      ...(unit.communityVariable === undefined ? [] : [stray('communityVariable')]),
    ]
  }
  const present = (['user', 'authentication', 'privacy'] as const).filter((key) => unit[key] !== undefined)
  const variable = 'the name of the environment variable that holds the community'
  return [
    ...(unit.communityVariable === undefined ? [wants('communityVariable', variable)] : []),
    ...present.map(stray),
  ]
}
