import { loserComesBack, networksOn, splitAndBind } from './both-networks-off.ts'
import { infoScaleTable } from './sources.ts'
import type { Row } from './scenario.ts'

export const privateNetworksRestored: Row = {
  name: 'private-networks-restored',
  title: 'Both private networks function again after they failed',
  document: {
    event: 'Both private networks function again after the event above.',
    nodes: {
      A: 'goes on working',
      B: 'has crashed; it cannot start the database since it cannot write to the data disks',
    },
    operatorAction: 'Restart B after the private networks are restored.',
  },
  source: { ...infoScaleTable, place: 'second row' },
  policy: 'coordinator-race',
  steps: [
    ...splitAndBind,
    ...loserComesBack,
    {
      do: 'checkpoint',
      name: 'restarted while the networks are down',
      expected: { A: ['running'], B: ['refused-to-join'] },
    },
    ...networksOn,
    { do: 'operate', operation: 'start', of: ['B'] },
    { do: 'await', condition: 'members', of: ['A', 'B'], seconds: 90 },
  ],
  expected: { A: ['running'], B: ['running'] },
  rules: ['survivor-wrote-on', 'split-brain-message', 'refused-node-wrote-nothing', 'members-registered'],
}
