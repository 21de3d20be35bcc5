import { assertNever } from '../../labs/assert-never.ts'
import type { PowerUnit, Testbed } from '../../labs/testbed/testbed.ts'
import { apcSnmpDriver } from './apc-snmp-driver.ts'
import { commandDriver } from './command-driver.ts'
import { manualDriver, type Ask } from './manual-driver.ts'
import type { PowerDriver } from './power-driver.ts'
import { PowerError } from './power-error.ts'
import { restDriver } from './rest-driver.ts'
import { runLocal, type RunCommand } from './run-local.ts'
import type { SnmpAccess, SnmpTarget } from './snmp-session.ts'

export interface PowerTools {
  /** where the secrets are that the testbed names: process.env */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** puts a question to a person, for units with `driver: manual` */
  readonly ask: Ask
  /** runs the commands of units with `driver: command` and `host:`; absent: such units are refused */
  runOn?(host: string): RunCommand
}

/**
 * The drivers of a testbed's power units, by name. Nothing is asked yet.
 * @throws {PowerError} `configuration`: an environment variable with a secret is not set, or a host cannot be reached
 */
export function powerDrivers(testbed: Pick<Testbed, 'power'>, tools: PowerTools): ReadonlyMap<string, PowerDriver> {
  return new Map(Object.entries(testbed.power).map(([name, unit]) => [name, powerDriver(name, unit, tools)]))
}

/** The driver of one power unit. */
export function powerDriver(name: string, unit: PowerUnit, tools: PowerTools): PowerDriver {
  switch (unit.driver) {
    case 'apc-snmp':
      return apcSnmpDriver(snmpTarget(name, unit, tools.environment), unit.model)
    case 'command':
      return commandDriver(name, unit, { run: commandRunner(name, unit.host, tools) })
    case 'rest':
      return restDriver(
        name,
        unit,
        unit.tokenVariable === undefined ? {} : { token: secret(name, unit.tokenVariable, tools.environment) },
      )
    case 'manual':
      return manualDriver(name, unit.instructions, tools.ask)
    default:
      return assertNever(unit, 'power driver')
  }
}

function commandRunner(name: string, host: string | undefined, tools: PowerTools): RunCommand {
  if (host === undefined) return runLocal
  if (tools.runOn !== undefined) return tools.runOn(host)
  throw new PowerError('configuration', name, `its commands run on ${host}, and no host can be reached from here`)
}

type SnmpUnit = Extract<PowerUnit, { driver: 'apc-snmp' }>

function snmpTarget(name: string, unit: SnmpUnit, environment: PowerTools['environment']): SnmpTarget {
  const { access, secretName } = snmpAccess(name, unit, environment)
  return { unit: name, address: unit.address, port: unit.port ?? 161, access, secretName }
}

/** @throws {PowerError} what a read testbed cannot lack is missing, or a variable is not set */
function snmpAccess(
  name: string,
  { version, communityVariable, user, authentication, privacy }: SnmpUnit,
  environment: PowerTools['environment'],
): { access: SnmpAccess; secretName: string } {
  if (version !== '3') {
    if (communityVariable === undefined) throw new PowerError('configuration', name, 'communityVariable is missing')
    return {
      access: { version, community: secret(name, communityVariable, environment) },
      secretName: `the community in ${communityVariable}`,
    }
  }
  if (user === undefined || authentication === undefined) {
    throw new PowerError('configuration', name, 'SNMPv3 needs user and authentication')
  }
  const variables = [authentication.variable, ...(privacy === undefined ? [] : [privacy.variable])]
  return {
    access: {
      version,
      user,
      authentication: {
        protocol: authentication.protocol,
        password: secret(name, authentication.variable, environment),
      },
      ...(privacy && {
        privacy: { protocol: privacy.protocol, password: secret(name, privacy.variable, environment) },
      }),
    },
    secretName: `the user ${user} or what is in ${variables.join(' or ')}`,
  }
}

function secret(name: string, variable: string, environment: PowerTools['environment']): string {
  const value = environment[variable]
  if (value !== undefined && value !== '') return value
  throw new PowerError(
    'configuration',
    name,
    `the environment variable ${variable} is not set; it holds the unit's secret`,
  )
}
