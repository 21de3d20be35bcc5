import { expect, it } from 'vitest'
import { hasSharedLedger, readAgentConfig, readScanConfig } from '../../../labs/cluster/config.ts'

const good = {
  node: 'nodea',
  nodes: [
    { name: 'nodea', id: 0, keys: { coordination: '0x41', data: '0x51' }, addresses: { priv1: '10.0.0.1' } },
    { name: 'nodeb', id: 1, keys: { coordination: '0x42', data: '0x52' }, addresses: { priv1: '10.0.0.2' } },
  ],
  links: [{ name: 'priv1' }],
  coordination: ['c1', 'c2', 'c3'].map((name) => ({ name, device: `/dev/${name}` })),
  data: [{ name: 'd1', device: '/dev/d1' }],
  logFile: '/run/agent.log',
  socket: '/run/agent.sock',
}

it('fills in what may be left out', () => {
  expect(readAgentConfig(good)).toMatchObject({
    cluster: 'fencelab',
    timings: { heartbeatInterval: 200, peerTimeout: 1600 },
    ledger: { writesPerSecond: 10, direct: true },
    sgPersist: 'sg_persist',
  })
})

it.each([
  ['node is not one of nodes', { node: 'nodec' }],
  ['an odd number', { coordination: [...good.coordination, { name: 'c4', device: '/dev/c4' }] }],
  ['at least three', { coordination: good.coordination.slice(0, 1) }],
  ['at least two nodes', { nodes: good.nodes.slice(0, 1) }],
  [
    'two nodes have the same key',
    { nodes: good.nodes.map((node) => ({ ...node, keys: { coordination: '0x41', data: node.keys.data } })) },
  ],
  ['two nodes have the same id', { nodes: good.nodes.map((node) => ({ ...node, id: 0 })) }],
  ['an address on every link', { links: [...good.links, { name: 'priv2' }] }],
  ['two LUNs have the same name', { data: [{ name: 'c1', device: '/dev/c1' }] }],
  ['preferred is not one of nodes', { preferred: 'nodez' }],
  [
    'leading zeros',
    {
      nodes: good.nodes.map((node) => ({ ...node, keys: { coordination: `0x0${node.id + 1}`, data: node.keys.data } })),
    },
  ],
  ['parameters.seed is more than there are nodes', { parameters: { seed: 3 } }],
  ['logFile', { logFile: undefined }],
])('refuses: %s', (message, change) => {
  expect(() => readAgentConfig({ ...good, ...change })).toThrow(message)
})

it.each([
  ['ping-tiebreak needs parameters.tieBreaker', { policy: 'ping-tiebreak' }],
  ['external-fencing needs parameters.fence', { policy: 'external-fencing' }],
  [
    'reserve-release is for two nodes',
    {
      policy: 'reserve-release',
      nodes: [
        ...good.nodes,
        { name: 'c', id: 2, keys: { coordination: '0x43', data: '0x53' }, addresses: { priv1: '10.0.0.3' } },
      ],
    },
  ],
  ['an IP address', { policy: 'ping-tiebreak', parameters: { tieBreaker: 'switch' } }],
])('refuses a policy without what it needs: %s', (message, change) => {
  expect(() => readAgentConfig({ ...good, ...change })).toThrow(message)
})

it('coordination points are for the race alone', () => {
  for (const policy of ['attacker-defender', 'reserve-release']) {
    expect(readAgentConfig({ ...good, policy, coordination: [] })).toMatchObject({ policy, coordination: [] })
  }
})

it('the shared log: for all policies but the race, unless it is said', () => {
  const shared = (policy: string, ledger = {}) => hasSharedLedger(readAgentConfig({ ...good, policy, ledger }))
  expect([shared('coordinator-race'), shared('attacker-defender')]).toEqual([false, true])
  expect([shared('coordinator-race', { shared: true }), shared('reserve-release', { shared: false })]).toEqual([
    true,
    false,
  ])
  expect(hasSharedLedger(readScanConfig({ nodes: [{ name: 'nodea', id: 0 }], data: good.data }))).toBe(false)
})

it('a scan needs nodes, data disks and the ledger only', () => {
  expect(readScanConfig({ nodes: [{ name: 'nodea', id: 0 }], data: good.data })).toMatchObject({
    nodes: [{ name: 'nodea', id: 0 }],
    ledger: { regionBytes: 8 * 1024 * 1024 },
  })
})
