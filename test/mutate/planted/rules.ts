/** What decides, by what is broken. A defect is met by one of these; which of them a row asks is the row's matter. */
export const dataKeys = [
  'data-disks-hold-members-keys',
  'survivor-alone-on-data',
  'members-registered',
  'nobody-ejected',
  'expected-outcome',
  'reservation-was-taken',
] as const
export const reservation = [
  'data-disks-hold-members-keys',
  'survivor-alone-on-data',
  'members-registered',
  'reservation-was-taken',
] as const
export const pointKeys = [
  'survivor-alone-on-coordination-majority',
  'members-registered',
  'nobody-ejected',
  'viewers-agree',
  'points-hold-members-keys',
  'keys-stayed-until-cleared',
] as const
export const viewers = [
  'everyone-was-probed',
  'viewers-agree',
  'data-disks-hold-members-keys',
  'survivor-alone-on-data',
  'survivor-alone-on-coordination-majority',
  'members-registered',
  'nobody-ejected',
  'reservation-was-taken',
  'keys-stayed-until-cleared',
] as const
export const lateWrites = [
  'nothing-landed-after-takeover',
  'no-write-after-ejection',
  'no-write-after-takeover',
  'refused-node-wrote-nothing',
  'survivor-wrote-on',
] as const
export const lostWrites = [
  'acknowledged-writes-on-disk',
  'no-write-after-ejection',
  'no-write-after-takeover',
  'ledger-without-gap',
  'survivor-wrote-on',
] as const
export const working = [
  'expected-outcome',
  'group-runs-once-and-writes',
  'survivor-wrote-on',
  'ledger-without-gap',
  'acknowledged-writes-on-disk',
] as const
export const whoGoesOn = [
  'expected-outcome',
  'expected-on-the-way',
  'exactly-one-continues',
  'others-panicked',
  'all-continue',
  'one-side-continues',
  'no-node-continues',
  'bound-losers-lost',
  'hung-node-panicked',
  'race-lost-without-majority',
] as const
export const lab = ['precondition'] as const
