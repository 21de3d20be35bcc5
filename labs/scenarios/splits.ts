import { raceText } from './sources.ts'
import type { Row, RowStep } from './scenario.ts'

/** Every node hears nothing of the other side any more, and one side is gone in the end. */
const part = (side: string): readonly RowStep[] => [
  { do: 'fault', id: 'part', fault: 'partition', target: { side } },
  { do: 'await', condition: 'one-panicked-and-fenced', seconds: 120 },
  // the spectators of the losing side follow their racer
  { do: 'watch', peerTimeouts: 1 },
]
const common = {
  policy: 'coordinator-race',
  source: { ...raceText, place: 'racer and spectators; default preference: the larger sub-cluster races at once' },
} as const
const goesOn = 'races at once, or waits for its racer, wins, and goes on'
const panics = 'races later, or waits for its racer, loses, and panics'
const survivors = [
  'survivor-alone-on-coordination-majority',
  'survivor-alone-on-data',
  'no-write-after-ejection',
] as const

export const splitTwoOne: Row = {
  ...common,
  name: 'split-2-1',
  title: 'Three nodes are parted 2 + 1',
  document: {
    event: 'The private networks part a cluster of three: A and B, and C.',
    nodes: { A: goesOn, B: goesOn, C: panics },
    operatorAction: 'Repair the networks, restart the nodes that panicked.',
  },
  nodes: { least: 3, most: 32 },
  members: ['A', 'B', 'C'],
  sides: [['A', 'B'], ['C']],
  steps: part('C'),
  expected: { A: ['running'], B: ['running'], C: ['panicked'] },
  rules: ['one-side-continues', 'larger-side-continues', 'racer-and-spectators', ...survivors],
}

export const splitThreeOne: Row = {
  ...common,
  name: 'split-3-1',
  title: 'Four nodes are parted 3 + 1',
  document: {
    event: 'The private networks part a cluster of four: A, B and C, and D.',
    nodes: { A: goesOn, B: goesOn, C: goesOn, D: panics },
    operatorAction: 'Repair the networks, restart the nodes that panicked.',
  },
  nodes: { least: 4, most: 32 },
  members: ['A', 'B', 'C', 'D'],
  sides: [['A', 'B', 'C'], ['D']],
  steps: part('D'),
  expected: { A: ['running'], B: ['running'], C: ['running'], D: ['panicked'] },
  rules: ['one-side-continues', 'larger-side-continues', 'racer-and-spectators', ...survivors],
}

const either = 'goes on with its side, or panics with it'

export const splitTwoTwo: Row = {
  ...common,
  name: 'split-2-2',
  title: 'Four nodes are parted 2 + 2',
  document: {
    event: 'The private networks part a cluster of four in equal halves: A and B, C and D.',
    nodes: { A: either, B: either, C: either, D: either },
    operatorAction: 'Repair the networks, restart the nodes that panicked.',
  },
  nodes: { least: 4, most: 32 },
  members: ['A', 'B', 'C', 'D'],
  sides: [
    ['A', 'B'],
    ['C', 'D'],
  ],
  steps: part('C D'),
  expected: {
    A: ['running', 'panicked'],
    B: ['running', 'panicked'],
    C: ['running', 'panicked'],
    D: ['running', 'panicked'],
  },
  rules: ['one-side-continues', 'racer-and-spectators', ...survivors],
}
