import { assertNever } from '../assert-never.ts'
import type { PolicyName } from '../cluster/policy-names.ts'
import { oneOf } from './did-you-mean.ts'
import { errorAt, warningAt, type Finding } from './finding.ts'
import { nodesOf } from './parts.ts'
import type { PolicyParameters, Testbed } from './testbed.ts'

/** The reference cluster counts its nodes from 0 to this. */
const highestId = 31

/** What must hold between the stack, the way back to green, and the rest of the testbed. */
export function checkStack(testbed: Testbed): Finding[] {
  const { stack } = testbed
  const nodes = nodesOf(testbed)
  const findings: Finding[] = []
  const preferred = stack.group.preferred
  const names = nodes.map(({ name }) => name)
  if (preferred !== undefined && !names.includes(preferred)) {
    findings.push(errorAt(['stack', 'group', 'preferred'], `"${preferred}" is no node`, oneOf(names, preferred)))
  }
  for (const { name, node } of nodes.filter((entry) => entry.node.id > highestId)) {
    const expected = `0 to ${highestId} for the reference cluster`
    findings.push(errorAt(['hosts', name, 'node', 'id'], `${node.id} is too high`, expected))
  }
  if (stack.keys === 'letter') {
    // The first character of such a key is 'A' + node id (VCS, keys on coordinator disks): after Z it is no letter.
    for (const { name, node } of nodes.filter((entry) => entry.node.id > 25 && entry.node.id <= highestId)) {
      findings.push(
        errorAt(['hosts', name, 'node', 'id'], `${node.id} has no letter`, '0 to 25 with keys: letter, or keys: vf'),
      )
    }
  }
  const { heartbeatInterval, peerTimeout } = stack.times
  if (heartbeatInterval !== undefined && peerTimeout !== undefined && peerTimeout < 2 * heartbeatInterval) {
    const expected = 'at least twice heartbeatInterval, or one lost packet is a lost peer'
    findings.push(errorAt(['stack', 'times', 'peerTimeout'], `${peerTimeout} ms`, expected))
  }
  const needs = policyNeeds(testbed, stack.policy, stack.parameters ?? {})
  findings.push(...needs.map(({ path, message, expected }) => errorAt(path, message, expected)))
  return [...findings, ...restore(testbed), ...destructive(testbed)]
}

export interface Need {
  /** where in the testbed it would stand */
  readonly path: readonly string[]
  readonly message: string
  readonly expected: string
}

/** What a policy misses to run on a testbed, be it the file's own or one that a row is about; nothing: it can run. */
export function policyNeeds(testbed: Testbed, policy: PolicyName, parameters: PolicyParameters): readonly Need[] {
  const nodes = nodesOf(testbed).length
  const at = (...path: string[]): readonly string[] => ['stack', 'parameters', ...path]
  switch (policy) {
    case 'coordinator-race': {
      const { seed } = parameters
      if (seed === undefined || seed <= nodes) return []
      return [{ path: at('seed'), message: `${seed}, and there are ${nodes} nodes`, expected: `1 to ${nodes}` }]
    }
    case 'ping-tiebreak':
      if (parameters.tieBreaker !== undefined) return []
      return [{ path: at('tieBreaker'), message: 'is missing', expected: 'the address that ping-tiebreak pings' }]
    case 'external-fencing': {
      const method = fenceMethod(parameters)
      if (method !== undefined && parameters.fence?.[method] !== undefined) return []
      const path = parameters.fence === undefined ? at('fence') : at('fence', method ?? 'power')
      const expected = `a command that fences a node${method === undefined ? '' : ` by ${method}`}, for external-fencing`
      return [{ path, message: 'is missing', expected }]
    }
    case 'reserve-release':
      if (nodes === 2) return []
      return [
        { path: ['stack', 'policy'], message: `reserve-release with ${nodes} nodes`, expected: 'two nodes for it' },
      ]
    case 'attacker-defender':
      return []
    default:
      return assertNever(policy, 'policy')
  }
}

/** The way to fence that is meant: what is said, or what there is. */
export function fenceMethod({ method, fence }: PolicyParameters): 'power' | 'port' | undefined {
  return method ?? (['power', 'port'] as const).find((one) => fence?.[one] !== undefined)
}

function restore(testbed: Testbed): Finding[] {
  if (testbed.restore.kind !== 'snapshot' || testbed.virtual !== undefined) return []
  const expected = 'restart: only a lab that fencelab builds itself (virtual: …) has snapshots'
  return [errorAt(['restore', 'kind'], 'snapshot, in a lab without virtual', expected)]
}

function destructive(testbed: Testbed): Finding[] {
  if (testbed.destructive) return []
  const expected = 'destructive: true, once every LUN of this file may be overwritten and every node may be crashed'
  return [warningAt(['destructive'], 'not true: this testbed can be looked at, but no scenario runs on it', expected)]
}
