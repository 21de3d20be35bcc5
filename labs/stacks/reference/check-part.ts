import { assertNever } from '../../assert-never.ts'
import type { PolicyName } from '../../cluster/policy-names.ts'
import { oneOf } from '../../testbed/did-you-mean.ts'
import { errorAt, type Finding } from '../../testbed/finding.ts'
import { lunsFor, nodesOf } from '../../testbed/parts.ts'
import type { Testbed } from '../../testbed/testbed.ts'
import { ownPart } from './own-part.ts'
import type { PolicyParameters } from './part-schema.ts'

/** The reference cluster counts its nodes from 0 to this. */
const highestId = 31

/** What must hold between the reference cluster and the rest of the testbed. */
export function checkPart(testbed: Testbed): readonly Finding[] {
  const stack = ownPart(testbed.stack)
  const nodes = nodesOf(testbed)
  const findings: Finding[] = stack.policy === 'coordinator-race' ? pointsOfRace(testbed) : []
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
  return findings
}

function pointsOfRace(testbed: Testbed): Finding[] {
  const { length } = lunsFor(testbed, 'coordination')
  if (length >= 3 && length % 2 === 1) return []
  // With an even number two halves can each hold a half; with one point there is nothing to have a majority of.
  const expected = 'an odd number of LUNs with use: coordination, at least 3, for coordinator-race'
  const message = length === 1 ? '1 of them is a coordination point' : `${length} of them are coordination points`
  return [errorAt(['luns'], message, expected)]
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
