import { describe, expect, test } from 'vitest'
import { timingsSchema } from '../../../labs/cluster/config.ts'
import { ownPart } from '../../../labs/stacks/reference/own-part.ts'
import { hostAddresses } from '../../../labs/testbed/host-address.ts'
import type { HostAddress } from '../../../main/hosts/hosts.ts'
import { read, said, small, smallWith } from './example.ts'

const second = '  c2: { wwid: naa.6001405fe1ab0000000000000000c002, use: coordination, array: store }\n'
const third = '  c3: { wwid: naa.6001405fe1ab0000000000000000c003, use: coordination }\n'

describe('one thing is wrong, and one thing is said', () => {
  test.each([
    // references
    [
      'c001, use: coordination, array: store',
      'c001, use: coordination, array: stor',
      '34:79 luns.c1.array: "stor" is no host with role array; expected one of store; did you mean "store"?',
    ],
    [
      'c001, use: coordination, array: store',
      'c001, use: coordination, array: eye',
      '34:79 luns.c1.array: "eye" is no host with role array; expected one of store',
    ],
    [
      'c001, use: coordination, array: store',
      'c001, use: coordination, array: toString',
      '34:79 luns.c1.array: "toString" is no host with role array; expected one of store',
    ],
    [
      'hypervisor: here',
      'hypervisor: there',
      '19:25 hosts.b.node.vm.hypervisor: "there" is no host with role hypervisor; expected one of here; did you mean "here"?',
    ],
    [
      'console: { host: here',
      'console: { host: heer',
      '12:24 hosts.a.node.console.host: "heer" is no host that the lab logs into; expected one of b, store, eye, here; did you mean "here"?',
    ],
    [
      'console: { host: here',
      'console: { host: a',
      '12:24 hosts.a.node.console.host: is the node itself, which cannot tell that it panicked; expected one of b, store, eye, here',
    ],
    [
      '[pdu/1]',
      '[pud/1]',
      '11:17 hosts.a.node.outlets[0]: "pud" is not in power; expected one of pdu; did you mean "pdu"?',
    ],
    [
      'jump: eye',
      'jump: eyes',
      '22:37 hosts.store.ssh.jump: "eyes" is no other host with transport ssh; expected one of a, b, eye; did you mean "eye"?',
    ],
    [
      'jump: eye',
      'jump: a',
      '22:37 hosts.store.ssh.jump: "a" is a node: its faults would cut the lab off; expected a host that no fault hits',
    ],
    [
      'cluster: fe01',
      'cluster: fe01\n  group: { preferred: c }',
      '44:23 stack.group.preferred: "c" is no node; expected one of a, b; did you mean "a"?',
    ],
    // links
    [
      'p2: { interface: eth2, address: 10.2.0.2 } }',
      'p2: { interface: eth2, address: 10.2.0.2 }, p3: { interface: eth3, address: 10.3.0.2 } }',
      '18:104 hosts.b.node.links.p3: "p3" is not in links; expected one of p1, p2; did you mean "p1"?',
    ],
    [
      ', p2: { interface: eth2, address: 10.2.0.2 }',
      '',
      "18:7 hosts.b.node.links.p2: is missing; expected the node's end of p2, for a private link joins all nodes",
    ],
    [
      'interface: eth2, address: 10.2.0.2',
      'interface: eth1, address: 10.2.0.2',
      '18:77 hosts.b.node.links.p2.interface: eth1 carries p1, too; expected an interface of its own for every link',
    ],
    [
      'address: 10.2.0.2',
      'address: 10.1.0.1',
      '18:92 hosts.b.node.links.p2.address: 10.1.0.1 is the address of a on p1, too; expected every address once',
    ],
    // twice
    ['id: 1\n', 'id: 0\n', '17:11 hosts.b.node.id: 0 is the id of a, too; expected an id of its own for every node'],
    [
      'address: 10.0.0.4',
      'address: 10.0.0.2',
      '24:3 hosts.eye: this is the same login as b; expected every machine once, with a list of its roles',
    ],
    [
      'address: 10.0.0.4',
      'address: 10.0.0.2, port: 22',
      '24:3 hosts.eye: this is the same login as b; expected every machine once, with a list of its roles',
    ],
    [
      'naa.6001405fe1ab0000000000000000d001',
      '36001405FE1AB0000000000000000C001',
      '37:15 luns.d1.wwid: naa.6001405fe1ab0000000000000000c001 is c1, too; expected every LUN once',
    ],
    [
      'array: { view: lio }',
      'array: { view: lio, outlets: [pdu/1] }',
      '23:35 hosts.store.array.outlets[0]: pdu/1 feeds a, too; expected every outlet at one machine, once',
    ],
    [
      'role: observer',
      'role: [observer, observer]',
      '25:11 hosts.eye.role: a role stands here twice; expected every role once',
    ],
    // numbers
    [
      second,
      '',
      '33:1 luns: 2 of them are coordination points; expected an odd number of LUNs with use: coordination, at least 3, for coordinator-race',
    ],
    [
      second + third,
      '',
      '33:1 luns: 1 of them is a coordination point; expected an odd number of LUNs with use: coordination, at least 3, for coordinator-race',
    ],
    [
      'use: data',
      'use: coordination',
      '33:1 luns: 4 of them are coordination points; expected an odd number of LUNs with use: coordination, at least 3, for coordinator-race',
    ],
    [
      'ssh: { address: 10.0.0.4 }',
      'ssh: { alias: root@eye }',
      '26:19 hosts.eye.ssh.alias: found "root@eye"; expected the name of a Host entry in ~/.ssh/config (a login name stands beside it, as user)',
    ],
    // parts that do not go together
    [
      'role: observer',
      'role: array\n    transport: none',
      '27:10 hosts.eye.ssh: stands at a host with transport none; expected transport: ssh, or no such key',
    ],
    [
      '    ssh: { address: 10.0.0.4 }\n',
      '',
      '24:3 hosts.eye.ssh: says neither address nor alias; expected ssh: {address: …}, or alias: a Host entry of ~/.ssh/config',
    ],
    [
      'transport: local',
      'transport: none',
      '29:16 hosts.here.transport: none, but as hypervisor it must be reached; expected ssh',
    ],
    [
      '    role: array\n',
      '    role: switch\n',
      '23:12 hosts.store.array: stands at a host that is no array; expected role: array, or no such key',
    ],
    [
      '    role: observer\n',
      '    role: node\n',
      '24:3 hosts.eye.node: is missing; expected id and links, for the role is node',
    ],
    [
      'peerTimeout: 1.6s',
      'peerTimeout: 300ms',
      '44:51 stack.times.peerTimeout: 300 ms; expected at least twice heartbeatInterval, or one lost packet is a lost peer',
    ],
    // policies and what they need
    [
      'policy: coordinator-race',
      'policy: ping-tiebreak',
      '40:1 stack.parameters.tieBreaker: is missing; expected the address that ping-tiebreak pings',
    ],
    [
      'policy: coordinator-race',
      'policy: external-fencing',
      '40:1 stack.parameters.fence: is missing; expected a command that fences a node, for external-fencing',
    ],
    [
      'policy: coordinator-race',
      'policy: external-fencing\n  parameters: { fence: { power: [off] }, method: port }',
      '43:17 stack.parameters.fence.port: is missing; expected a command that fences a node by port, for external-fencing',
    ],
    [
      'policy: coordinator-race',
      'policy: coordinator-race\n  parameters: { seed: 3 }',
      '43:23 stack.parameters.seed: 3, and there are 2 nodes; expected 1 to 2',
    ],
    ['id: 1\n', 'id: 26\n', '17:11 hosts.b.node.id: 26 has no letter; expected 0 to 25 with keys: letter, or keys: vf'],
    [
      'stack:\n',
      'restore: { kind: snapshot }\nstack:\n',
      '40:18 restore.kind: snapshot, in a lab without virtual; expected restart: only a lab that fencelab builds itself (virtual: …) has snapshots',
    ],
    [
      ', communityVariable: PDU_COMMUNITY',
      '',
      '39:3 power.pdu.communityVariable: is missing; expected the name of the environment variable that holds the community',
    ],
    [
      'model: rpdu',
      'model: rpdu, user: x',
      '39:66 power.pdu.user: does not go with SNMP version 1; expected no such key',
    ],
    ['id: 1\n', 'id: 40\n', '17:11 hosts.b.node.id: 40 is too high; expected 0 to 31 for the reference cluster'],
  ])('%j -> %j', (piece, replacement, problem) => {
    expect(said(smallWith(piece, replacement)).filter((line) => !line.startsWith('warning'))).toContainEqual(problem)
  })

  test('the table above says each thing alone (spot checks)', () => {
    expect(said(smallWith('[pdu/1]', '[pud/1]'))).toHaveLength(1)
    expect(said(smallWith('address: 10.2.0.2', 'address: 10.1.0.1'))).toHaveLength(1)
    expect(said(smallWith(second, ''))).toHaveLength(1)
  })
})

test('every time of the reference cluster can be set, by its own name', () => {
  const names = Object.keys(timingsSchema.entries)
  const text = smallWith(
    'heartbeatInterval: 200ms, peerTimeout: 1.6s',
    names.map((name, index) => `${name}: ${index + 1}s`).join(', '),
  )
  expect(ownPart(read(text).stack).times).toEqual(
    Object.fromEntries(names.map((name, index) => [name, (index + 1) * 1000])),
  )
})

test('the addresses are what transports are made of', () => {
  const addresses: readonly HostAddress[] = hostAddresses(read(small))
  expect(addresses.map(({ name, transport }) => [name, transport])).toEqual([
    ['a', 'ssh'],
    ['b', 'ssh'],
    ['store', 'ssh'],
    ['eye', 'ssh'],
    ['here', 'local'],
  ])
})

test('a single node is no cluster', () => {
  const start = small.indexOf('  b:\n')
  const text = small.slice(0, start) + small.slice(small.indexOf('  store:\n'))
  expect(said(text)).toEqual(['4:1 hosts: 1 of them is a node; expected at least 2 nodes'])
})

test('no data disk', () => {
  const text = smallWith('  d1: { wwid: naa.6001405fe1ab0000000000000000d001, use: data, array: store }\n', '')
  expect(said(text)).toEqual(['33:1 luns: none of them is a data disk; expected at least one LUN with use: data'])
})

test('a command that would switch the same plug for every outlet', () => {
  const text = smallWith(
    'pdu: { driver: apc-snmp, address: 10.0.0.9, model: rpdu, communityVariable: PDU_COMMUNITY }',
    "pdu: { driver: command, host: a, on: [relay, 'on', '{outlet}'], off: [relay, 'off'], status: [relay, '{outlet}'] }",
  )
  expect(said(text)).toEqual([
    '39:33 power.pdu.host: "a" is no host that the lab logs into and that no fault hits; expected one of store, eye, here',
    '39:72 power.pdu.off: no argument contains {outlet}; expected {outlet} where the outlet is to stand',
  ])
})

test('SNMPv3 says who asks, and has no community', () => {
  const text = smallWith('model: rpdu', 'version: 3, model: rpdu')
  expect(said(text)).toEqual([
    '39:3 power.pdu.user: is missing; expected the SNMPv3 user',
    '39:3 power.pdu.authentication: is missing; expected protocol and variable: SNMPv3 must be authenticated',
    '39:91 power.pdu.communityVariable: does not go with SNMP version 3; expected no such key',
  ])
})

describe('warnings leave the testbed readable', () => {
  test.each([
    [
      'destructive: true',
      'destructive: false',
      'warning 2:14 destructive: not true: this testbed can be looked at, but no scenario runs on it',
    ],
    [
      'destructive: true\n',
      '',
      'warning 1:1 destructive: not true: this testbed can be looked at, but no scenario runs on it',
    ],
    [
      'c003, use: coordination',
      'c003, use: coordination, array: store',
      'warning 33:1 luns: all coordination points lie on store',
    ],
    [
      ', events: /run/b.qmp',
      '',
      'warning 16:5 hosts.b.node: nothing can witness a panic of this node: it will stay unproved',
    ],
    ['role: observer', 'role: jump', 'warning 4:1 hosts: no host has the role observer'],
    [
      'ssh: { address: 10.0.0.1 }',
      'ssh: { address: 10.1.0.1 }',
      'warning 7:21 hosts.a.ssh.address: SSH goes over p1: cutting that link cuts the lab off',
    ],
  ])('%j -> %j', (piece, replacement, warning) => {
    expect(said(smallWith(piece, replacement)).map((line) => line.split(';')[0])).toEqual([warning])
  })

  test('one private link', () => {
    const text = smallWith('  p2: { description: second }\n', '').replace(/, p2: \{[^}]*\}/g, '')
    expect(said(text).map((line) => line.split(';')[0])).toEqual(['warning 30:1 links: there is one private link'])
  })

  test('one switch for both links', () => {
    const text = smallWith(
      '  p1:\n  p2: { description: second }',
      '  p1: { switch: { outlets: [pdu/8] } }\n  p2: { switch: { outlets: [pdu/8] } }',
    )
    expect(said(text).map((line) => line.split(';')[0])).toEqual([
      'warning 32:29 links.p2.switch.outlets[0]: pdu/8 carries p1, too: they fail together',
    ])
  })
})
