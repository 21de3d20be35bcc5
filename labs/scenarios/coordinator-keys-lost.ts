import { lostKeysGuide } from './sources.ts'
import type { Row } from './scenario.ts'

const lost = 'notices nothing; at the split it finds that it has no keys on most coordination points, and panics'

export const coordinatorKeysLost: Row = {
  name: 'coordinator-keys-lost',
  title: 'Keys on most coordination points are silently lost',
  document: {
    event:
      'The keys on two of three coordination points are lost by a fault of hardware or user. Nothing happens until a split.',
    nodes: { A: lost, B: lost },
    operatorAction: 'Register again on the same disks (vxfenswap) before anything else happens.',
  },
  source: { ...lostKeysGuide, place: 'refreshing lost keys on coordinator disks' },
  policy: 'coordinator-race',
  steps: [
    { do: 'fault', id: 'cleared-1', fault: 'keys-cleared', target: { lun: '@point-1' } },
    { do: 'fault', id: 'cleared-2', fault: 'keys-cleared', target: { lun: '@point-2' } },
    { do: 'watch', peerTimeouts: 1 },
    { do: 'checkpoint', name: 'the keys are lost, nobody knows', expected: { A: ['running'], B: ['running'] } },
    { do: 'fault', id: 'cut-priv1', fault: 'private-link-down', target: { node: 'A', link: '#1' } },
    { do: 'fault', id: 'cut-priv2', fault: 'private-link-down', target: { node: 'A', link: '#2' } },
    { do: 'await', condition: 'panicked', of: ['A', 'B'], seconds: 120 },
  ],
  expected: { A: ['panicked'], B: ['panicked'] },
  rules: ['nobody-noticed', 'race-lost-without-majority', 'no-node-continues'],
}
