import { describe, expect, test } from 'vitest'
import * as v from 'valibot'
import { agentConfigSchema, readScanConfig } from '../../../../labs/cluster/config.ts'
import { agentConfig, agentPlace } from '../../../../labs/stacks/reference/agent-config.ts'
import { ownPart } from '../../../../labs/stacks/reference/own-part.ts'
import { nodeKeys } from '../../../../labs/stacks/reference/keys.ts'
import { nodesOf } from '../../../../labs/testbed/parts.ts'
import type { Testbed } from '../../../../labs/testbed/testbed.ts'
import { exampleText, read } from '../../testbed/example.ts'

const examples = ['virtual.yaml', 'rack-example.yaml'] as const
const devicesOf = (testbed: Testbed) =>
  new Map(Object.keys(testbed.luns).map((lun, index) => [lun, `/dev/sd${'abcdef'[index]}`] as const))

test.each(examples)('%s: what each node is told is what an agent takes', (file) => {
  const testbed = read(exampleText(file))
  for (const { name, node } of nodesOf(testbed)) {
    const config = v.parse(agentConfigSchema, agentConfig(testbed, name, devicesOf(testbed)))
    expect(config.node).toBe(name)
    expect(config.cluster).toBe(ownPart(testbed.stack).cluster)
    expect(config.nodes.map((one) => one.name)).toEqual(nodesOf(testbed).map((one) => one.name))
    expect(config.links).toEqual(
      Object.entries(node.links).map(([link, port]) => ({ name: link, interface: port.interface, port: 7710 })),
    )
    expect(config.timings).toMatchObject(ownPart(testbed.stack).times)
    expect(config.ledger.writesPerSecond).toBe(ownPart(testbed.stack).ledger.writesPerSecond)
    expect(config.preferred).toBe(ownPart(testbed.stack).group.preferred)
  }
})

test.each(examples)('%s: a host that only looks on is told enough to read the ledger', (file) => {
  const testbed = read(exampleText(file))
  const onlooker = Object.entries(testbed.hosts).find(([, { role }]) => role.includes('observer'))?.[0] ?? ''
  const config = readScanConfig(agentConfig(testbed, onlooker, devicesOf(testbed)))
  expect(config.nodes.map(({ id }) => id)).toEqual([0, 1])
  expect(config.data).toEqual([{ name: 'data1', device: '/dev/sdd' }])
})

test('coordination points are told in the order of the race, with their devices', () => {
  const testbed = read(exampleText('virtual.yaml'))
  const { coordination, data, logFile } = agentConfig(testbed, 'nodeb', devicesOf(testbed))
  expect({ coordination, data, logFile }).toEqual({
    coordination: ['coord1', 'coord2', 'coord3'].map((name, index) => ({ name, device: `/dev/sd${'abc'[index]}` })),
    data: [{ name: 'data1', device: '/dev/sdd' }],
    logFile: agentPlace.log,
  })
})

test('a LUN without a device is named, with the host', () => {
  const testbed = read(exampleText('virtual.yaml'))
  const some = new Map([...devicesOf(testbed)].filter(([lun]) => lun !== 'coord2'))
  expect(() => agentConfig(testbed, 'nodea', some)).toThrow('nodea has no device for LUN coord2')
})

describe('a row about another policy', () => {
  const testbed = read(exampleText('virtual.yaml'))
  const configOf = (policy: string, parameters = {}) =>
    v.parse(agentConfigSchema, agentConfig(testbed, 'nodea', devicesOf(testbed), { policy, parameters }))

  test('is told what it needs, from the testbed and the row, and no more', () => {
    expect(configOf('ping-tiebreak').parameters).toEqual({
      tieBreaker: '10.77.1.254',
      variant: 'linux',
      rounds: 3,
      panicOnRefusal: true,
    })
    expect(configOf('coordinator-race', { seed: 2 }).parameters).toMatchObject({ seed: 2 })
    expect(configOf('coordinator-race').parameters).not.toHaveProperty('tieBreaker')
    expect(configOf('attacker-defender', { reservationType: 5 }).parameters).toMatchObject({ reservationType: 5 })
    for (const method of ['power', 'port']) {
      expect(configOf('external-fencing', { method }).parameters.fence).toEqual({
        command: ['/lab/fence', method, '{node}'],
      })
    }
    expect(configOf('external-fencing').parameters.fence?.command[1]).toBe('power')
    expect(configOf('ping-tiebreak', { times: { peerTimeout: 3000, survivorDelay: '4s' } }).timings).toMatchObject({
      heartbeatInterval: 250,
      peerTimeout: 3000,
      survivorDelay: 4000,
    })
  })

  test('knows its keys, its disks, and the outlets of the others', () => {
    const config = configOf('attacker-defender')
    expect(config.coordination).toEqual([])
    expect(config.nodes.map(({ keys, outlets }) => [keys.data, outlets])).toEqual([
      ['0xabc001', ['pdu1/1']],
      ['0xabc002', ['pdu1/2']],
    ])
    expect(configOf('coordinator-race').coordination).toHaveLength(3)
  })

  test('that the testbed cannot run says why', () => {
    const plain = read(exampleText('rack-example.yaml'))
    const onRack = (policy: string, parameters = {}) =>
      agentConfig(plain, 'server1', devicesOf(plain), { policy, parameters })
    expect(() => onRack('ping-tiebreak')).toThrow(
      'stack.parameters.tieBreaker is missing: the address that ping-tiebreak pings',
    )
    expect(() => onRack('external-fencing', { method: 'port' })).toThrow(/^stack\.parameters\.fence is missing/)
    expect(() => onRack('dancing')).toThrow(
      'the reference cluster has no policy dancing; it has coordinator-race, ping',
    )
    expect(() => onRack('attacker-defender', { reservationType: 4 })).toThrow(
      'parameters for attacker-defender: reservationType: expected one of 1, 3, 5',
    )
    expect(() => onRack('attacker-defender', { seeds: 4 })).toThrow(/^parameters for attacker-defender: seeds/)
    expect(() => onRack('attacker-defender', { times: { attackWait: '0s' } })).toThrow(/times|attackWait/)
  })
})

test('keys: letters or VF for coordination points, PGR for data disks', () => {
  const letter = read(exampleText('virtual.yaml')).stack
  const vf = read(exampleText('rack-example.yaml')).stack
  const text = (key: string) => Buffer.from(key.slice(2), 'hex').toString()
  const texts = (stack: Testbed['stack'], id: number) => {
    const { coordination, data } = nodeKeys(stack, id)
    return [text(coordination), text(data)]
  }
  expect([0, 1].map((id) => texts(letter, id))).toEqual([
    ['A-------', 'APGR0000'],
    ['B-------', 'BPGR0000'],
  ])
  expect([0, 1].map((id) => texts(vf, id))).toEqual([
    ['VFFE0100', 'APGR0000'],
    ['VFFE0101', 'BPGR0000'],
  ])
})
