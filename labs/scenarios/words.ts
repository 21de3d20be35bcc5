/** The words of rows that are closed lists: what is injected, what a step can wait for, what an operator does, what is judged. */

/** The faults, and the words of what each is injected into (labs/faults has a file for each). */
export const faultTargets = {
  'private-link-down': ['node', 'link'],
  'cable-pulled': ['node', 'link'],
  'private-link-mute': ['node', 'link'],
  'private-network-off': ['link'],
  partition: ['side'],
  'vm-freeze': ['node'],
  'node-starved': ['node'],
  'node-crash': ['node'],
  'node-power-off': ['node'],
  'array-power-off': ['array'],
  'keys-cleared': ['lun'],
  'storage-port-closed': ['node'],
} as const
export type FaultName = keyof typeof faultTargets
/** What a fault can be injected into. */
export type TargetWord = (typeof faultTargets)[FaultName][number]

export const conditions = [
  'one-panicked-and-fenced',
  'link-loss-noticed',
  'all-links-heard',
  'hung-node-ejected',
  'hung-node-settled',
  /** the stack of each says that it is a member with all of them */
  'members',
  'refused',
  'left',
  'panicked',
  /** its stack is up and is let in nowhere */
  'waiting',
  /** more than half of the coordination points answer nobody any more */
  'points-unreachable',
  /** the group runs on it since the fault, and its writes are acknowledged */
  'taken-over',
  /** one of them runs the group, and its writes are acknowledged */
  'group-writes',
  /** its writes are acknowledged while another's are, too */
  'both-write',
  /** its group stopped, or itself */
  'stopped-writing',
] as const

export const operations = [
  /** starts the cluster's stack on a node; it joins by itself */
  'start',
  /** lets it leave the cluster cleanly */
  'leave',
  /** stops it though it is still in use (FIELD: the unclean stop) */
  'force-stop',
  /** takes the node's power away and gives it back, and waits until it has booted */
  'restart',
  /** removes all keys of this cluster from the LUNs: the documented clearing of a pre-existing split brain */
  'clear-keys',
] as const

/** What is judged in every run (labs/verdicts/invariants). */
export const invariantNames = [
  'everyone-was-probed',
  'bound-losers-lost',
  'members-are-who-goes-on',
  'group-runs-once-and-writes',
  'acknowledged-writes-on-disk',
  'ledger-intact',
  'nothing-landed-after-takeover',
  'only-the-owner-writes',
  'data-disks-hold-members-keys',
  'points-hold-members-keys',
  'viewers-agree',
  'writes-are-refused',
  'late-writes-waited-for',
] as const
export type InvariantName = (typeof invariantNames)[number]

export const ruleNames = [
  'exactly-one-continues',
  'others-panicked',
  'all-continue',
  'survivor-alone-on-coordination-majority',
  'survivor-alone-on-data',
  'no-write-after-ejection',
  'nobody-ejected',
  'message-on-every-node',
  'ledger-without-gap',
  'link-used-again',
  'hung-node-was-ejected-while-hung',
  'hung-node-panicked',
  'split-brain-message',
  'refused-node-wrote-nothing',
  'survivor-wrote-on',
  'members-registered',
  'keys-stayed-until-cleared',
  'nobody-raced',
  'nobody-noticed',
  'points-were-lost',
  'race-lost-without-majority',
  'no-node-continues',
  'never-formed',
  'joiner-waited-for-the-fence',
  'healthy-peer-was-ejected',
  'one-side-continues',
  'larger-side-continues',
  'racer-and-spectators',
  'tie-breaker-decided',
  'both-wrote-at-once',
  'no-write-after-takeover',
  'reservation-was-taken',
  'frozen-node-stopped',
  'fenced-before-takeover',
  'reserve-was-taken',
] as const
