import { fencingArticle } from './sources.ts'
import type { Row, RowStep } from './scenario.ts'

const frozen: readonly RowStep[] = [
  { do: 'fault', id: 'freeze', fault: 'vm-freeze', target: { node: 'A' } },
  { do: 'await', condition: 'taken-over', of: ['B'], seconds: 120 },
]
const wakes: readonly RowStep[] = [
  { do: 'revert', id: 'freeze' },
  { do: 'await', condition: 'panicked', of: ['A'], seconds: 60 },
]
const event = 'A runs the services, appears to have failed, and was only hung.'

export const reserveRelease: Row = {
  name: 'reserve-release',
  title: 'SCSI-2 reserve and release as two-node fencing',
  document: {
    event,
    nodes: {
      A: 'finds its I/O refused when it goes on, which triggers code that kills it',
      B: 'issues the reserve, and obtains the shared disk for itself',
    },
    operatorAction: 'Restart A.',
  },
  source: { ...fencingArticle, place: 'reserve/release as a two-node STONITH' },
  policy: 'reserve-release',
  steps: [...frozen, ...wakes],
  expected: { A: ['panicked'], B: ['running'] },
  rules: ['exactly-one-continues', 'others-panicked', 'reserve-was-taken', 'no-write-after-takeover'],
}

export const powerFencing: Row = {
  name: 'power-fencing',
  title: 'Power fencing: the survivor switches the outlet of the victim',
  document: {
    event,
    nodes: { A: 'is turned off by a power controller', B: 'turns A off, and only then takes its services over' },
    operatorAction: 'Find out why A hung, switch it on.',
  },
  source: { ...fencingArticle, place: 'STONITH, power fencing' },
  policy: 'external-fencing',
  parameters: { method: 'power' },
  steps: frozen,
  expected: { A: ['off'], B: ['running'] },
  rules: ['fenced-before-takeover', 'no-write-after-takeover'],
}

export const storagePortFencing: Row = {
  name: 'storage-port-fencing',
  title: "Resource fencing: the arrays close the victim's port",
  document: {
    event,
    nodes: {
      A: 'cannot reach the storage any more when it goes on, and stops',
      B: 'lets the storage close the port of A, and only then takes its services over',
    },
    operatorAction: 'Find out why A hung, open its port, restart it.',
  },
  source: {
    ...fencingArticle,
    place: 'resources fencing: FC fencing disables the port, GNBD fencing the access to the server',
  },
  policy: 'external-fencing',
  parameters: { method: 'port' },
  steps: [...frozen, ...wakes],
  expected: { A: ['panicked'], B: ['running'] },
  rules: ['exactly-one-continues', 'others-panicked', 'fenced-before-takeover', 'no-write-after-takeover'],
}
