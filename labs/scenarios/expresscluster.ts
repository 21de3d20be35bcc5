import { expressClusterPr } from './sources.ts'
import type { Row, RowStep } from './scenario.ts'

/** The node with the group is delayed, the other takes the group over, the delayed one wakes. */
const delayed: readonly RowStep[] = [
  { do: 'fault', id: 'freeze', fault: 'vm-freeze', target: { node: 'A' } },
  { do: 'await', condition: 'taken-over', of: ['B'], seconds: 120 },
  { do: 'revert', id: 'freeze' },
]

export const pingIdeal: Row = {
  name: 'ping-ideal',
  title: 'Tie-breaker ping, a real link failure',
  document: {
    event:
      'The network between A and the switch, which answers pings as the tie-breaker, is disconnected. G runs on A.',
    nodes: { A: 'gets no reply and commits suicide', B: 'gets a reply, survives, and fails G over' },
    operatorAction: 'Repair the network, restart A.',
  },
  source: { ...expressClusterPr, place: 'An Ideal Case' },
  policy: 'ping-tiebreak',
  steps: [
    { do: 'fault', id: 'cut-priv1', fault: 'private-link-down', target: { node: 'A', link: '#1' } },
    { do: 'fault', id: 'cut-priv2', fault: 'private-link-down', target: { node: 'A', link: '#2' } },
    { do: 'await', condition: 'panicked', of: ['A'], seconds: 60 },
    { do: 'await', condition: 'taken-over', of: ['B'], seconds: 60 },
  ],
  expected: { A: ['panicked'], B: ['running'] },
  rules: ['exactly-one-continues', 'others-panicked', 'tie-breaker-decided', 'no-write-after-takeover'],
}

/** The document's own words, for what a tie-breaker that asks no disk cannot keep. */
const dataIsLost =
  'Both nodes issue I/Os to the shared disk simultaneously and in parallel. This makes the data on the shared disk inconsistent and unreliable.'

export const pingFrozenVm: Row = {
  name: 'ping-frozen-vm',
  title: 'Tie-breaker ping, a delayed virtual machine: the data is lost',
  document: {
    event:
      'A is a virtual machine, G runs on it, and it is delayed. B takes G over without asking the disk. A goes on.',
    nodes: {
      A: 'writes to the disk again beside B, then notices that G runs twice, and commits suicide',
      B: 'survives by the reply to its ping, runs G, notices that G runs twice, and commits suicide',
    },
    operatorAction: 'Restore the data from a backup: it cannot be known what of it is right.',
  },
  source: { ...expressClusterPr, place: 'An Inconvenient Case' },
  policy: 'ping-tiebreak',
  // the documented product looks for a group that runs twice now and then, not all the time: meanwhile both write. How long
  // is the row's business: the clock of a machine that just woke is known to some tenths of a second, and the overlap has
  // to be longer than that to be proved
  parameters: { times: { groupCheck: '4s' } },
  steps: [...delayed, { do: 'await', condition: 'panicked', of: ['A', 'B'], seconds: 60 }],
  expected: { A: ['panicked'], B: ['panicked'] },
  rules: ['both-wrote-at-once', 'no-node-continues'],
  exceptions: [
    { invariant: 'acknowledged-writes-on-disk', why: dataIsLost },
    { invariant: 'nothing-landed-after-takeover', why: dataIsLost },
  ],
}

/** The published scripts use type 3 on Linux and 1 on Windows, their appendix says 5: all three are run. */
const prFrozenVm = (type: 1 | 3 | 5, name: string, where: string): Row => ({
  name,
  title: `Attacker and defender with SCSI-3 reservations of type ${type}, a delayed virtual machine`,
  document: {
    event:
      'A is a virtual machine, G runs on it, and it is delayed. B attacks, and obtains the exclusive access to the disk.',
    nodes: {
      A: 'resumes its I/O, which does not reach the disk; finds that it lost the reservation, and stops G',
      B: 'wipes the registrations, waits for a defender, reserves, and runs G',
    },
    operatorAction: 'None for the data. A can run G again when it is free.',
  },
  source: {
    ...expressClusterPr,
    place: `How general failover cluster software avoid the inconvenience; reservation type ${type} ${where}`,
  },
  policy: 'attacker-defender',
  parameters: { reservationType: type },
  steps: [
    ...delayed,
    { do: 'await', condition: 'stopped-writing', of: ['A'], seconds: 60 },
    { do: 'watch', peerTimeouts: 1 },
  ],
  expected: { A: ['ejected'], B: ['running'] },
  rules: ['reservation-was-taken', 'no-write-after-takeover', 'frozen-node-stopped'],
})

export const prFrozenVmType3 = prFrozenVm(3, 'pr-frozen-vm', 'as in the Linux scripts')
export const prFrozenVmType1 = prFrozenVm(1, 'pr-frozen-vm-type-1', 'as in the Windows scripts')
export const prFrozenVmType5 = prFrozenVm(5, 'pr-frozen-vm-type-5', 'as in the appendix')
