import { expect, test } from 'vitest'
import { policyNames } from '../../../../labs/cluster/policy-names.ts'
import { ownPart } from '../../../../labs/stacks/reference/own-part.ts'
import { nodeKeys } from '../../../../labs/stacks/reference/keys.ts'
import { chosenPolicy, everyKey, policyInfo, whyNoSuchCluster } from '../../../../labs/stacks/reference/policies.ts'
import { exampleText, read } from '../../testbed/example.ts'

const testbed = read(exampleText('virtual.yaml'))
const stack = ownPart(testbed.stack)

test.each(policyNames)('%s: what is said of its keys goes together', (name) => {
  const info = policyInfo(name)
  for (const use of ['coordination', 'data'] as const) {
    expect(info.keys(stack, 1)[use] !== '').toBe(info.usesKeys[use])
    expect(info.keysWhenGreen[use] !== 'nobody').toBe(info.usesKeys[use])
    expect(nodeKeys(stack, 1, name)).toEqual(info.keys(stack, 1))
    for (const id of [0, 1])
      if (info.usesKeys[use]) expect(everyKey(stack, id, use)).toContain(info.keys(stack, id)[use])
  }
})

test('what reserves the data disk, and who can read it', () => {
  const of = (policy: string, parameters = {}) => {
    const { reservation, reservationFlickers, readable } = chosenPolicy(testbed, { policy, parameters })
    return [reservation, reservationFlickers, readable]
  }
  expect(of('coordinator-race')).toEqual([5, false, 'by all'])
  expect(of('ping-tiebreak')).toEqual(['none', false, 'by all'])
  expect(of('external-fencing')).toEqual(['none', false, 'by all'])
  expect(of('reserve-release')).toEqual(['scsi-2', false, 'by the holder'])
  expect(of('attacker-defender')).toEqual([3, true, 'by the holder'])
  expect(of('attacker-defender', { reservationType: 5 })).toEqual([5, true, 'by all'])
  expect(of('attacker-defender', { variant: 'windows' })).toEqual([1, false, 'by all'])
  expect(chosenPolicy(testbed).name).toBe('coordinator-race')
})

test('all that may have been left of a node can be named, the down key too', () => {
  expect(everyKey(stack, 1, 'coordination')).toEqual([policyInfo('coordinator-race').keys(stack, 1).coordination])
  expect(everyKey(stack, 1, 'data')).toEqual([
    policyInfo('coordinator-race').keys(stack, 1).data,
    '0xabc002',
    '0xdef002',
  ])
})

test('why a cluster cannot run here', () => {
  const why = (file: string, policy: string, parameters = {}) =>
    whyNoSuchCluster(read(exampleText(file)), { policy, parameters })
  for (const name of policyNames) expect([name, why('virtual.yaml', name)]).toEqual([name, undefined])
  expect(why('virtual-four.yaml', 'reserve-release')).toBe(
    'stack.policy reserve-release with 4 nodes: two nodes for it',
  )
  expect(why('virtual.yaml', 'coordinator-race', { seed: 5 })).toMatch(/^stack\.parameters\.seed 5, and there are 2/)
  const two = { ...testbed, luns: Object.fromEntries(Object.entries(testbed.luns).slice(1)) }
  expect(whyNoSuchCluster(two, { policy: 'coordinator-race', parameters: {} })).toBe(
    'coordinator-race needs an odd number of coordination points, at least 3, and the testbed has 2',
  )
  expect(whyNoSuchCluster(two, { policy: 'ping-tiebreak', parameters: {} })).toBeUndefined()
})
