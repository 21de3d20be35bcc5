import { dataDisksHoldMembersKeys } from './data-disks-hold-members-keys.ts'
import { viewersAgree } from './viewers-agree.ts'
import type { Invariant } from './invariant.ts'
import { acknowledgedWritesOnDisk } from './acknowledged-writes-on-disk.ts'
import { boundLosersLost } from './bound-losers-lost.ts'
import { everyoneWasProbed } from './everyone-was-probed.ts'
import { groupRunsOnceAndWrites } from './group-runs-once-and-writes.ts'
import { membersAreWhoGoesOn } from './members-are-who-goes-on.ts'
import { ledgerIntact } from './ledger-intact.ts'
import { lateWritesWaitedFor } from './late-writes-waited-for.ts'
import { nothingLandedAfterTakeover } from './nothing-landed-after-takeover.ts'
import { onlyTheOwnerWrites } from './only-the-owner-writes.ts'
import { pointsHoldMembersKeys } from './points-hold-members-keys.ts'
import { writesAreRefused } from './writes-are-refused.ts'

/** All invariants, in the order in which a verdict names them. */
export const invariants: readonly Invariant[] = [
  { name: 'everyone-was-probed', check: everyoneWasProbed },
  { name: 'bound-losers-lost', check: boundLosersLost },
  { name: 'members-are-who-goes-on', check: membersAreWhoGoesOn },
  { name: 'group-runs-once-and-writes', check: groupRunsOnceAndWrites },
  { name: 'acknowledged-writes-on-disk', check: acknowledgedWritesOnDisk },
  { name: 'ledger-intact', check: ledgerIntact },
  { name: 'nothing-landed-after-takeover', check: nothingLandedAfterTakeover },
  { name: 'only-the-owner-writes', check: onlyTheOwnerWrites },
  dataDisksHoldMembersKeys,
  { name: 'points-hold-members-keys', check: pointsHoldMembersKeys },
  viewersAgree,
  writesAreRefused,
  lateWritesWaitedFor,
]
