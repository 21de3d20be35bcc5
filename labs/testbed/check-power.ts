import { assertNever } from '../assert-never.ts'
import { outletForm, outletOids, pduModels } from '../power/models.ts'
import { tellsInWords } from '../power/programs-without-exit-status.ts'
import { containsText } from '../power/read-status.ts'
import { originOf } from '../power/templates.ts'
import { withArticle } from '../power/with-article.ts'
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
    ...uses.flatMap(({ outlet, path }) => outletFindings(testbed, outlet, path)),
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

/** An SNMP table knows its outlets by number alone. */
function outletFindings(testbed: Testbed, { unit: name, outlet }: Outlet, path: Path): Finding[] {
  const unit = Object.hasOwn(testbed.power, name) ? testbed.power[name] : undefined
  if (unit?.driver !== 'apc-snmp') return []
  const model = pduModels[unit.model]
  if (outletOids(model, outlet) !== undefined) return []
  return [errorAt(path, `${withArticle(model.title)} has no outlet "${outlet}"`, `${name}/ and ${outletForm(model)}`)]
}

function unitFindings(testbed: Testbed, name: string, unit: PowerUnit): Finding[] {
  const path = ['power', name]
  switch (unit.driver) {
    case 'manual':
      return []
    case 'rest':
      return restUnit(path, unit)
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
  if (unit.host !== undefined && !reached.includes(unit.host)) {
    const message = `"${unit.host}" is no host that the lab logs into and that no fault hits`
    findings.push(errorAt([...path, 'host'], message, oneOf(reached, unit.host)))
  }
  const needs = (key: 'command' | 'on' | 'off' | 'status', placeholder: string) => {
    const texts = [...(unit[key] ?? []), unit.input ?? '']
    // Without it the same plug is switched whatever outlet is meant.
    if (unit[key] === undefined || texts.some((text) => text.includes(placeholder))) return
    const message = `no argument contains ${placeholder}`
    findings.push(errorAt([...path, key], message, `${placeholder} where the ${placeholder.slice(1, -1)} is to stand`))
  }
  const single = (['on', 'off', 'status'] as const).filter((action) => unit[action] !== undefined)
  if (unit.command === undefined) {
    for (const action of ['on', 'off', 'status'] as const) {
      if (unit[action] === undefined)
        findings.push(errorAt([...path, action], 'is missing', 'on, off and status, or command'))
      needs(action, '{outlet}')
    }
  } else {
    needs('command', '{outlet}')
    needs('command', '{action}')
    for (const action of single) findings.push(errorAt([...path, action], 'does not go with command', 'no such key'))
  }
  return [...findings, ...statusFindings(path, unit)]
}

/** Can the answer to `status` be read? */
function statusFindings(path: Path, unit: Extract<PowerUnit, { driver: 'command' }>): Finding[] {
  const { says } = unit
  if (says !== undefined) {
    if (!containsText(says.on, says.off) && !containsText(says.off, says.on)) return []
    const message = `"${says.on}" and "${says.off}" cannot be told apart: one contains the other`
    return [errorAt([...path, 'says'], message, 'two texts that are never printed for the same state')]
  }
  const key = unit.command === undefined ? 'status' : 'command'
  const teller = tellsInWords(unit[key] ?? [])
  if (teller === undefined) return []
  const { program, on, off } = teller
  const message = `${program} ends with 0 whether the outlet is on or off`
  return [errorAt([...path, key], message, `says: with what it prints for each, like { on: '${on}', off: '${off}' }`)]
}

function restUnit(path: Path, unit: Extract<PowerUnit, { driver: 'rest' }>): Finding[] {
  const home = originOf(unit.status.url)
  return (['on', 'off', 'status'] as const).flatMap((action) => {
    const call = unit[action]
    const texts = [call.url, 'body' in call ? call.body : undefined, 'pointer' in call ? call.pointer : undefined]
    const findings: Finding[] = []
    if (originOf(call.url) === undefined) {
      const login = /^https?:\/\/[^/?#]*@/i.test(call.url)
      findings.push(
        login
          ? errorAt([...path, action, 'url'], 'a login stands before the host', 'a URL without one, and tokenVariable')
          : errorAt([...path, action, 'url'], 'this URL names no host', 'a URL whose host is written out'),
      )
    } else if (originOf(call.url) !== home) {
      const message = 'this is another host (or port) than that of status'
      findings.push(errorAt([...path, action, 'url'], message, `a URL that starts with ${home}`))
    }
    if (!texts.some((text) => text?.includes('{outlet}'))) {
      findings.push(
        errorAt([...path, action], 'nothing in it contains {outlet}', '{outlet} where the outlet is to stand'),
      )
    }
    return findings
  })
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
