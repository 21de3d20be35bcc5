import { infoScaleTable } from './sources.ts'
import type { Row } from './scenario.ts'

export const nodeHangs: Row = {
  name: 'node-hangs',
  title: 'Node A hangs',
  document: {
    event: 'Node A hangs: it is extremely busy for some reason, or in the kernel debugger.',
    nodes: {
      A: 'when it is no longer hung, queued writes to the data disks fail because it was ejected; told of it, it panics and leaves the cluster',
      B: 'loses heartbeats with A, races for a majority of the coordination points, wins, ejects A from the shared data disks',
    },
    operatorAction: 'Repair or debug the node that hangs, and reboot it to rejoin the cluster.',
  },
  source: { ...infoScaleTable, place: 'fourth row' },
  policy: 'coordinator-race',
  steps: [
    { do: 'fault', id: 'freeze', fault: 'vm-freeze', target: { node: 'A' } },
    { do: 'await', condition: 'hung-node-ejected', seconds: 60 },
    { do: 'revert', id: 'freeze' },
    { do: 'await', condition: 'hung-node-settled', seconds: 30 },
  ],
  expected: { A: ['panicked'], B: ['running'] },
  rules: [
    'exactly-one-continues',
    'hung-node-was-ejected-while-hung',
    'hung-node-panicked',
    'survivor-alone-on-coordination-majority',
    'survivor-alone-on-data',
    'no-write-after-ejection',
  ],
}
