import { assertNever } from '../assert-never.ts'
import type { Host, Lun, NodePart, PowerUnit, Role, Testbed } from './testbed.ts'

/** A host with its name. */
export interface NamedHost {
  readonly name: string
  readonly host: Host
}
/** A cluster node: its host and what makes it a node. */
export interface TestbedNode extends NamedHost {
  readonly node: NodePart
}
export interface NamedLun extends Lun {
  readonly name: string
}

/** All hosts that have a role, in the order of the file. */
export function hostsWithRole(testbed: Testbed, role: Role): NamedHost[] {
  return Object.entries(testbed.hosts).flatMap(([name, host]) => (host.role.includes(role) ? [{ name, host }] : []))
}

/** The cluster nodes, the lowest node id first. */
export function nodesOf(testbed: Testbed): TestbedNode[] {
  return hostsWithRole(testbed, 'node')
    .flatMap(({ name, host }) => (host.node ? [{ name, host, node: host.node }] : []))
    .sort((one, other) => one.node.id - other.node.id)
}

/** The names of the hosts that read key tables: every node, and every observer. */
export function viewersOf(testbed: Testbed): string[] {
  return [...nodesOf(testbed), ...hostsWithRole(testbed, 'observer')].map(({ name }) => name)
}

/** The LUNs of one use, in the order of the file (which for coordination points is the order of the race). */
export function lunsFor(testbed: Testbed, use: Lun['use']): NamedLun[] {
  return Object.entries(testbed.luns).flatMap(([name, lun]) => (lun.use === use ? [{ name, ...lun }] : []))
}

/** Which witnesses of a panic the testbed has for a node; with none a panic can never be proved. */
export function panicWitnesses(node: NodePart): ('panic-event' | 'console')[] {
  return [
    ...(node.vm?.events === undefined ? [] : (['panic-event'] as const)),
    ...(node.console === undefined ? [] : (['console'] as const)),
  ]
}

/** The environment variables that hold this testbed's secrets, each once: must be set, must never be recorded. */
export function secretVariables(testbed: Testbed): string[] {
  return [...new Set(Object.values(testbed.power).flatMap(variablesOf))]
}

function variablesOf(unit: PowerUnit): string[] {
  switch (unit.driver) {
    case 'apc-snmp':
      return [unit.communityVariable, unit.authentication?.variable, unit.privacy?.variable].filter(isPresent)
    case 'rest':
      return [unit.tokenVariable].filter(isPresent)
    case 'manual':
    case 'command':
      return []
    default:
      return assertNever(unit, 'power driver')
  }
}

function isPresent<T>(value: T | undefined): value is T {
  return value !== undefined
}
