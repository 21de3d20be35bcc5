import { networksOff, networksOn } from './both-networks-off.ts'
import { infoScaleTable } from './sources.ts'
import type { Row } from './scenario.ts'

const splitBrainMessage =
  'restarts, sees the key of the other on the coordination points and does not hear it: drops out with the message of a preexisting split brain'

export const powerLossNetworksStayDown: Row = {
  name: 'power-loss-networks-stay-down',
  title: 'Nodes and private networks lose power, the networks stay down',
  document: {
    event:
      'Nodes A and B and the private networks lose power; coordination points and data disks keep it. The nodes come back, the networks do not.',
    nodes: { A: splitBrainMessage, B: splitBrainMessage },
    operatorAction: 'Resolve the preexisting split brain: repair the networks, clear the keys, start both nodes.',
  },
  source: { ...infoScaleTable, place: 'fifth row' },
  policy: 'coordinator-race',
  steps: [
    ...networksOff,
    { do: 'fault', id: 'a-off', fault: 'node-power-off', target: { node: 'A' } },
    { do: 'fault', id: 'b-off', fault: 'node-power-off', target: { node: 'B' } },
    { do: 'checkpoint', name: 'the nodes have no power', expected: { A: ['off'], B: ['off'] } },
    { do: 'revert', id: 'a-off' },
    { do: 'revert', id: 'b-off' },
    { do: 'operate', operation: 'start', of: ['A', 'B'] },
    { do: 'await', condition: 'refused', of: ['A', 'B'], seconds: 90 },
    {
      do: 'checkpoint',
      name: 'the nodes are back, the networks are not',
      expected: { A: ['refused-to-join'], B: ['refused-to-join'] },
    },
    ...networksOn,
    { do: 'operate', operation: 'clear-keys', of: [] },
    { do: 'operate', operation: 'start', of: ['A', 'B'] },
    { do: 'await', condition: 'members', of: ['A', 'B'], seconds: 90 },
    { do: 'await', condition: 'group-writes', of: ['A', 'B'], seconds: 60 },
  ],
  expected: { A: ['running'], B: ['running'] },
  rules: ['split-brain-message', 'refused-node-wrote-nothing', 'keys-stayed-until-cleared', 'members-registered'],
}
