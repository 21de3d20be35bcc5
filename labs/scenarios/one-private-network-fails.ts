import { infoScaleTable } from './sources.ts'
import type { Row } from './scenario.ts'

export const onePrivateNetworkFails: Row = {
  name: 'one-private-network-fails',
  title: 'One private network fails',
  document: {
    event: 'One private network fails.',
    nodes: {
      A: 'prints a message about an IOFENCE on the console, but goes on',
      B: 'prints a message about an IOFENCE on the console, but goes on',
    },
    operatorAction: 'Repair the private network; both nodes use it again by themselves.',
  },
  source: { ...infoScaleTable, place: 'third row' },
  policy: 'coordinator-race',
  steps: [
    { do: 'fault', id: 'cut-priv1', fault: 'private-link-down', target: { node: 'A', link: '#1' } },
    { do: 'await', condition: 'link-loss-noticed', seconds: 30 },
    { do: 'revert', id: 'cut-priv1' },
    { do: 'await', condition: 'all-links-heard', seconds: 30 },
  ],
  expected: { A: ['running'], B: ['running'] },
  rules: ['all-continue', 'nobody-ejected', 'message-on-every-node', 'ledger-without-gap', 'link-used-again'],
}
