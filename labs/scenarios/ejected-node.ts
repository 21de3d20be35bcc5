import { loserComesBack, networksOn, splitAndBind } from './both-networks-off.ts'
import { foundationGuide } from './sources.ts'
import type { Row } from './scenario.ts'

export const ejectedNodeRebooted: Row = {
  name: 'ejected-node-rebooted',
  title: 'The ejected node is rebooted with the networks still down',
  document: {
    event: 'A node was ejected by a split, and is rebooted while the private networks are still down.',
    nodes: { A: 'goes on', B: 'prints the message of a preexisting split brain; fencing and the cluster do not start' },
    operatorAction: 'Shut B down, reconnect the networks, restart it.',
  },
  source: { ...foundationGuide, place: 'scenario I' },
  policy: 'coordinator-race',
  steps: [...splitAndBind, ...loserComesBack, { do: 'watch', peerTimeouts: 1 }],
  expected: { A: ['running'], B: ['refused-to-join'] },
  rules: ['survivor-wrote-on', 'split-brain-message', 'refused-node-wrote-nothing', 'keys-stayed-until-cleared'],
}

export const bothRebootedNetworksDown: Row = {
  name: 'both-rebooted-networks-down',
  title: 'Then the survivor reboots, too',
  document: {
    event: 'As above; then the node that had survived reboots as well, with the private networks still down.',
    nodes: { A: 'cannot form a membership', B: 'cannot form a membership; nobody writes' },
    operatorAction: 'Shut both down, reconnect the networks, restart both.',
  },
  source: { ...foundationGuide, place: 'scenario II' },
  policy: 'coordinator-race',
  // the membership is seeded when both nodes are seen, as gabconfig -c -n2 has it
  parameters: { seed: 2 },
  steps: [
    ...splitAndBind,
    ...loserComesBack,
    { do: 'operate', operation: 'restart', of: ['A'] },
    { do: 'operate', operation: 'start', of: ['A'] },
    { do: 'await', condition: 'waiting', of: ['A'], seconds: 60 },
    { do: 'watch', peerTimeouts: 1 },
    {
      do: 'checkpoint',
      name: 'both rebooted, the networks are down',
      expected: { A: ['waiting'], B: ['refused-to-join'] },
    },
    ...networksOn,
    { do: 'operate', operation: 'start', of: ['A', 'B'] },
    { do: 'await', condition: 'members', of: ['A', 'B'], seconds: 90 },
    { do: 'await', condition: 'group-writes', of: ['A', 'B'], seconds: 60 },
  ],
  expected: { A: ['running'], B: ['running'] },
  rules: ['split-brain-message', 'refused-node-wrote-nothing', 'never-formed', 'members-registered'],
}

export const survivorDiesThenClear: Row = {
  name: 'survivor-dies-then-clear',
  title: 'Then the survivor dies for good',
  document: {
    event: 'As above; then the node that had survived dies for good, with the private networks still down.',
    nodes: { A: 'is dead', B: 'cannot rejoin until the keys are cleared' },
    operatorAction: 'Shut B down, reconnect the networks, clear the keys (vxfenclearpre), restart it.',
  },
  source: { ...foundationGuide, place: 'scenario III' },
  policy: 'coordinator-race',
  steps: [
    ...splitAndBind,
    ...loserComesBack,
    { do: 'fault', id: 'a-dead', fault: 'node-power-off', target: { node: 'A' } },
    ...networksOn,
    { do: 'operate', operation: 'start', of: ['B'] },
    { do: 'await', condition: 'refused', of: ['B'], seconds: 60 },
    { do: 'checkpoint', name: 'A is dead, its keys are not', expected: { A: ['off'], B: ['refused-to-join'] } },
    { do: 'operate', operation: 'clear-keys', of: [] },
    { do: 'operate', operation: 'start', of: ['B'] },
    { do: 'await', condition: 'members', of: ['B'], seconds: 60 },
    { do: 'await', condition: 'group-writes', of: ['B'], seconds: 60 },
  ],
  expected: { A: ['off'], B: ['running'] },
  rules: ['split-brain-message', 'refused-node-wrote-nothing', 'keys-stayed-until-cleared', 'members-registered'],
}
