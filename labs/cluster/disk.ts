/** What the protocol asks of a LUN, and the answers it understands. One request at a time per LUN. */
export type DiskOperation =
  | { readonly kind: 'read-keys' }
  | { readonly kind: 'read-reservation' }
  /** REGISTER AND IGNORE EXISTING KEY */
  | { readonly kind: 'register-ignore'; readonly key: string }
  | { readonly kind: 'reserve'; readonly key: string; readonly type: number }
  | { readonly kind: 'preempt-abort'; readonly key: string; readonly victim: string; readonly type: number }
  /** REGISTER with service action key 0 */
  | { readonly kind: 'unregister'; readonly key: string }
  /** REGISTER; `from` is the key that the nexus has now, none where it is absent. Refused where that is not so */
  | { readonly kind: 'register'; readonly key: string; readonly from?: string }
  /** all registrations and the reservation go; a registrant may do it whoever holds the reservation */
  | { readonly kind: 'clear'; readonly key: string }
  | { readonly kind: 'test-unit-ready' }
  /** SCSI-2 RESERVE(6) and RELEASE(6), from before there were keys: the whole LUN belongs to one initiator */
  | { readonly kind: 'reserve-6' }
  | { readonly kind: 'release-6' }
  /** LOGICAL UNIT RESET, which takes a SCSI-2 reservation from its holder */
  | { readonly kind: 'reset-lun' }

export interface Reservation {
  /** of the holder */
  readonly key: string
  /** SPC type code: 5 is Write Exclusive, Registrants Only */
  readonly type: number
}

export type DiskAnswer =
  | {
      readonly result: 'good'
      /** answer of read-keys: one entry per registered I_T nexus, so a key may come several times */
      readonly keys?: readonly string[]
      /** answer of read-reservation; null: none is held */
      readonly reservation?: Reservation | null
      readonly exit?: number
    }
  | {
      readonly result: 'conflict' | 'unit-attention' | 'unreachable' | 'other'
      readonly text?: string
      /** of the program that sent the command, where it ended: sg3_utils, section EXIT STATUS */
      readonly exit?: number
    }

export interface DiskRequest {
  readonly id: number
  readonly lun: string
  readonly operation: DiskOperation
}

/** Write Exclusive, Registrants Only (SPC-4 table of persistent reservation types). */
export const WRITE_EXCLUSIVE_REGISTRANTS_ONLY = 5

/** One line for logs. */
export function describeOperation(operation: DiskOperation): string {
  switch (operation.kind) {
    case 'read-keys':
    case 'read-reservation':
      return operation.kind
    case 'register-ignore':
    case 'unregister':
    case 'register':
    case 'clear':
    case 'reserve':
      return `${operation.kind} ${operation.key}`
    case 'test-unit-ready':
    case 'reserve-6':
    case 'release-6':
    case 'reset-lun':
      return operation.kind
    case 'preempt-abort':
      return `preempt-abort ${operation.victim}`
  }
}
