import { infoScaleTable } from './sources.ts'
import type { Row } from './scenario.ts'

export const crashWhilePeerDown: Row = {
  name: 'crash-while-peer-down',
  title: 'A crashes while B is down; B comes up alone',
  document: {
    event: 'Node A crashes while node B is down. B comes up, and A is still down.',
    nodes: {
      A: 'is crashed',
      B: 'restarts, sees the key of A on the coordination points, and A is no member: drops out with the message of a preexisting split brain',
    },
    operatorAction: 'Resolve the preexisting split brain.',
  },
  source: { ...infoScaleTable, place: 'sixth row' },
  policy: 'coordinator-race',
  steps: [
    { do: 'operate', operation: 'leave', of: ['B'] },
    { do: 'await', condition: 'left', of: ['B'], seconds: 60 },
    { do: 'fault', id: 'b-down', fault: 'node-power-off', target: { node: 'B' } },
    { do: 'checkpoint', name: 'B is down', expected: { A: ['running'], B: ['off'] } },
    { do: 'fault', id: 'a-crash', fault: 'node-crash', target: { node: 'A' } },
    { do: 'await', condition: 'panicked', of: ['A'], seconds: 30 },
    { do: 'revert', id: 'b-down' },
    { do: 'operate', operation: 'start', of: ['B'] },
    { do: 'await', condition: 'refused', of: ['B'], seconds: 60 },
  ],
  expected: { A: ['panicked'], B: ['refused-to-join'] },
  rules: ['split-brain-message', 'refused-node-wrote-nothing', 'keys-stayed-until-cleared'],
}
