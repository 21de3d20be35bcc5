import { describe, expect, test } from 'vitest'
import { hostAddresses } from '../../../labs/testbed/host-address.ts'
import { hostsWithRole, lunsFor, nodesOf, panicWitnesses, secretVariables } from '../../../labs/testbed/parts.ts'
import { readTestbed } from '../../../labs/testbed-file/read-testbed.ts'
import { exampleText, inShort, read } from './example.ts'

describe('virtual.yaml', () => {
  const testbed = read(exampleText('virtual.yaml'))

  test('is valid and has nothing to warn of', () => {
    const reading = readTestbed(exampleText('virtual.yaml'), 'virtual.yaml', { lab: '/lab' })
    expect(reading).toMatchObject({ ok: true, warnings: [] })
  })

  test('has the machines of the virtual lab', () => {
    const ssh = (host: number) => ({
      address: `127.0.77.${host}`,
      port: 2222,
      user: 'root',
      key: '/lab/id_ed25519',
      knownHosts: '/lab/known_hosts',
    })
    expect(hostAddresses(testbed)).toEqual([
      { name: 'nodea', transport: 'ssh', ssh: ssh(11), sudo: false },
      { name: 'nodeb', transport: 'ssh', ssh: ssh(12), sudo: false },
      { name: 'array1', transport: 'ssh', ssh: ssh(21), sudo: false },
      { name: 'array2', transport: 'ssh', ssh: ssh(22), sudo: false },
      { name: 'observer', transport: 'ssh', ssh: ssh(31), sudo: false },
      { name: 'here', transport: 'local', sudo: false },
    ])
  })

  test('has two nodes with both witnesses of a panic', () => {
    const node = (id: number, name: string) => ({
      name,
      node: {
        id,
        links: {
          priv1: { interface: 'priv1', address: `10.77.1.1${id + 1}` },
          priv2: { interface: 'priv2', address: `10.77.2.1${id + 1}` },
        },
        outlets: [{ unit: 'pdu1', outlet: `${id + 1}` }],
        console: { host: 'here', file: `/lab/${name}.console` },
        vm: {
          hypervisor: 'here',
          pidfile: `/lab/${name}.pid`,
          events: `/lab/${name}.events`,
          monitor: `/lab/${name}.cables`,
        },
      },
      witnesses: ['panic-event', 'console'],
    })
    const nodes = nodesOf(testbed).map((entry) => ({
      name: entry.name,
      node: entry.node,
      witnesses: panicWitnesses(entry.node),
    }))
    expect(nodes).toEqual([node(0, 'nodea'), node(1, 'nodeb')])
  })

  test('has three coordination points on two arrays and a data disk', () => {
    expect([lunsFor(testbed, 'coordination'), lunsFor(testbed, 'data')]).toEqual([
      [
        { name: 'coord1', wwid: 'naa.6001405fe1ab0000000000000000c001', use: 'coordination', array: 'array1' },
        { name: 'coord2', wwid: 'naa.6001405fe1ab0000000000000000c002', use: 'coordination', array: 'array2' },
        { name: 'coord3', wwid: 'naa.6001405fe1ab0000000000000000c003', use: 'coordination', array: 'array2' },
      ],
      [{ name: 'data1', wwid: 'naa.6001405fe1ab0000000000000000d001', use: 'data', array: 'array1' }],
    ])
  })

  test('has what the rest of the lab goes by', () => {
    const { stack, restore, sampling, virtual, destructive } = testbed
    expect({ stack, restore, sampling, virtual, destructive }).toEqual({
      stack: {
        kind: 'reference',
        policy: 'coordinator-race',
        cluster: 'fe01',
        keys: 'letter',
        times: { heartbeatInterval: 250, peerTimeout: 6000, hangThreshold: 3000 },
        ledger: { writesPerSecond: 5, records: 1023 },
        group: { preferred: 'nodea' },
        parameters: {
          tieBreaker: '10.77.1.254',
          fence: { power: ['/lab/fence', 'power', '{node}'], port: ['/lab/fence', 'port', '{node}'] },
        },
      },
      restore: { kind: 'snapshot' },
      sampling: { nodes: 5000, observer: 1000 },
      virtual: {
        memory: { nodes: 256, arrays: 160, observers: 160 },
        pdu: 'pdu1',
        cards: { observer: { priv1: '10.77.1.254' } },
        addressBase: '127.0.77.0',
      },
      destructive: true,
    })
  })
})

describe('rack-example.yaml', () => {
  const testbed = read(exampleText('rack-example.yaml'))

  test('is valid, and only looks until somebody says it may destroy', () => {
    const reading = readTestbed(exampleText('rack-example.yaml'), 'rack-example.yaml', { home: '/home/qa' })
    const warnings = reading.ok ? reading.warnings.map(inShort) : reading.problems.map(inShort)
    expect(warnings).toEqual([
      expect.stringMatching(/^warning \d+:14 destructive: not true: this testbed can be looked at, but no scenario/),
    ])
  })

  test('names the way to its hosts', () => {
    const bastion = { address: 'rack-bastion', configAlias: 'rack-bastion' }
    const behind = (user: string, address: string) => ({ user, key: '~/.ssh/id_ed25519', address, jump: [bastion] })
    expect(hostAddresses(testbed)).toEqual([
      { name: 'bastion', transport: 'ssh', ssh: bastion, sudo: false },
      { name: 'server1', transport: 'ssh', ssh: behind('root', '10.20.0.11'), sudo: false },
      { name: 'server2', transport: 'ssh', ssh: behind('qa', '10.20.0.12'), sudo: true },
      { name: 'watcher', transport: 'ssh', ssh: behind('root', '10.20.0.31'), sudo: false },
    ])
  })

  test('spells WWIDs in several ways and means one', () => {
    expect(Object.values(testbed.luns).map(({ wwid }) => wwid)).toEqual([
      'naa.600a0b80002f5c5e0000a1b25f000001',
      'naa.600a0b80002f5c5e0000a1b35f000002',
      'naa.6001405d0c1a5e7f4b2c3d8e9f0a1b2c',
      'naa.600a0b80002f5c5e0000a1b45f000004',
    ])
  })

  test('feeds each server from two units', () => {
    expect(nodesOf(testbed).map(({ node }) => node.outlets)).toEqual([
      [
        { unit: 'pdu1', outlet: '3' },
        { unit: 'pdu2', outlet: '3' },
      ],
      [
        { unit: 'pdu1', outlet: '4' },
        { unit: 'pdu2', outlet: '4' },
      ],
    ])
  })

  test('names the variable of its secret once, and arrays nobody logs into', () => {
    expect(secretVariables(testbed)).toEqual(['RACK_PDU_COMMUNITY'])
    expect(hostsWithRole(testbed, 'array').map(({ name, host }) => [name, host.transport])).toEqual([
      ['fc-array', 'none'],
      ['iscsi-array', 'none'],
    ])
  })
})
