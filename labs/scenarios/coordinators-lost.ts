import { infoScaleTable } from './sources.ts'
import type { Row, RowStep } from './scenario.ts'

/** The array with more than half of the coordination points loses power, and everybody is given time to notice. */
const arrayOff: readonly RowStep[] = [
  { do: 'fault', id: 'array-off', fault: 'array-power-off', target: { array: '@majority-array' } },
  { do: 'await', condition: 'points-unreachable', seconds: 60 },
]
const event = 'The array with two of the three coordination points is powered off.'
const operatorAction =
  'Power the array on, so that a later partition does not shut the cluster down, or replace the coordination points.'
const common = { policy: 'coordinator-race' } as const

export const coordinatorsLost: Row = {
  ...common,
  name: 'coordinators-lost',
  title: 'The array with most coordination points is off; nobody leaves',
  document: {
    event: `${event} No node leaves the membership.`,
    nodes: { A: 'goes on as long as no node leaves the cluster', B: 'goes on as long as no node leaves the cluster' },
    operatorAction,
  },
  source: { ...infoScaleTable, place: 'seventh row' },
  steps: [...arrayOff, { do: 'watch', peerTimeouts: 1 }],
  expected: { A: ['running'], B: ['running'] },
  rules: ['points-were-lost', 'all-continue', 'nobody-raced', 'ledger-without-gap'],
}

export const coordinatorsLostThenLeave: Row = {
  ...common,
  name: 'coordinators-lost-then-leave',
  title: 'The same, and B leaves cleanly',
  document: {
    event: `${event} Node B leaves gracefully, and the array is still off.`,
    nodes: { A: 'goes on', B: 'has left the cluster' },
    operatorAction,
  },
  source: { ...infoScaleTable, place: 'eighth row' },
  steps: [
    ...arrayOff,
    { do: 'operate', operation: 'leave', of: ['B'] },
    { do: 'await', condition: 'left', of: ['B'], seconds: 60 },
    { do: 'watch', peerTimeouts: 1 },
  ],
  expected: { A: ['running'], B: ['left'] },
  rules: ['points-were-lost', 'nobody-raced', 'survivor-wrote-on'],
}

const losesTheRace = 'races, gets one of three coordination points, and panics'

export const coordinatorsLostThenCrash: Row = {
  ...common,
  name: 'coordinators-lost-then-crash',
  title: 'The same, and B crashes',
  document: {
    event: `${event} Node B crashes, and the array is still off.`,
    nodes: { A: losesTheRace, B: 'has left the cluster by its crash' },
    operatorAction,
  },
  source: { ...infoScaleTable, place: 'ninth row, the crash' },
  steps: [
    ...arrayOff,
    { do: 'fault', id: 'b-crash', fault: 'node-crash', target: { node: 'B' } },
    { do: 'await', condition: 'panicked', of: ['A', 'B'], seconds: 120 },
  ],
  expected: { A: ['panicked'], B: ['panicked'] },
  rules: ['points-were-lost', 'race-lost-without-majority', 'no-node-continues'],
}

export const coordinatorsLostThenPartition: Row = {
  ...common,
  name: 'coordinators-lost-then-partition',
  title: 'The same, and the private networks fail',
  document: {
    event: `${event} The networks between A and B fail, and the array is still off.`,
    nodes: { A: losesTheRace, B: 'has left the cluster by the partition' },
    operatorAction,
  },
  source: { ...infoScaleTable, place: 'ninth row, the partition' },
  steps: [
    ...arrayOff,
    { do: 'fault', id: 'cut-priv1', fault: 'private-link-down', target: { node: 'A', link: '#1' } },
    { do: 'fault', id: 'cut-priv2', fault: 'private-link-down', target: { node: 'A', link: '#2' } },
    { do: 'await', condition: 'panicked', of: ['A', 'B'], seconds: 120 },
  ],
  expected: { A: ['panicked'], B: ['panicked'] },
  rules: ['points-were-lost', 'race-lost-without-majority', 'no-node-continues'],
}
