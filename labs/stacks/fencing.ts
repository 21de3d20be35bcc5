/**
 * What one way of a stack to fence means for who looks from outside: whose keys stand where, what reserves a data disk, and who
 * can still read it. Data alone, so that the same facts serve the baseline, the rules and the tries to write.
 */
export interface Fencing {
  /** as a row and a testbed name it, in `policy` */
  readonly name: string
  /** for people */
  readonly title: string
  /** document from which it is taken */
  readonly source: string
  readonly usesKeys: { readonly coordination: boolean; readonly data: boolean }
  /** whose keys are on a LUN of that use when all is green: all members', only that of the node with the group, nobody's */
  readonly keysWhenGreen: {
    readonly coordination: 'members' | 'nobody'
    readonly data: 'members' | 'group' | 'nobody'
  }
  /**
   * What reserves the data disks when all is green: a type of persistent reservation, nothing, or SCSI-2 RESERVE, which no
   * initiator can ask for: PERSISTENT RESERVE IN, and every read but the holder's, is refused with exit 24.
   */
  readonly reservation: number | 'none' | 'scsi-2'
  /** the reservation goes away for a moment again and again: that nobody holds it in one reading says nothing */
  readonly reservationFlickers: boolean
  /** who can read the data disks when all is green; where it is the holder, only that node can read the ledger back */
  readonly readable: 'by all' | 'by the holder'
}
