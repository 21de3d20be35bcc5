import { dataDisksHoldMembersKeys } from './data-disks-hold-members-keys.ts'
import { viewersAgree } from './viewers-agree.ts'
import type { Invariant } from './invariant.ts'

/** All invariants, in the order in which a verdict names them. */
export const invariants: readonly Invariant[] = [dataDisksHoldMembersKeys, viewersAgree]
