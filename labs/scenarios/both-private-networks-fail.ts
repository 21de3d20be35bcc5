import { infoScaleTable } from './sources.ts'
import type { Row } from './scenario.ts'

export const bothPrivateNetworksFail: Row = {
  name: 'both-private-networks-fail',
  title: 'Both private networks fail',
  document: {
    event: 'Both private networks fail.',
    nodes: {
      A: 'races for a majority of the coordination points; if it wins, it ejects B from the shared disks and goes on',
      B: 'races for a majority of the coordination points; if it loses, it panics and leaves the cluster',
    },
    operatorAction: 'Repair the private networks before bringing the ejected node back.',
  },
  source: { ...infoScaleTable, place: 'first row' },
  policy: 'coordinator-race',
  steps: [
    { do: 'fault', id: 'cut-priv1', fault: 'private-link-down', target: { node: 'A', link: '#1' } },
    { do: 'fault', id: 'cut-priv2', fault: 'private-link-down', target: { node: 'A', link: '#2' } },
    { do: 'await', condition: 'one-panicked-and-fenced', seconds: 60 },
  ],
  expected: { A: ['running', 'panicked'], B: ['running', 'panicked'] },
  rules: [
    'exactly-one-continues',
    'others-panicked',
    'survivor-alone-on-coordination-majority',
    'survivor-alone-on-data',
    'no-write-after-ejection',
  ],
}
